#!/bin/bash
# Usage: format.sh TREE
# The layout of the sources: no line of a .cc or .h over 120 columns and, where
# clang-format 14 is installed, nothing that it would change; `make format` mends it.
# Prints each breach as FILE:LINE: text; exit status 1 if there are any.
set -euo pipefail
cd "$1"
status=0
mapfile -t files < <({ git ls-files -co --exclude-standard '*.cc' '*.h' 2>/dev/null ||
  find . \( -path ./.git -o -path './build*' \) -prune -o \( -name '*.cc' -o -name '*.h' \) -printf '%P\n'; } | sort -u)
existing=()
for file in "${files[@]}"; do [[ ! -f $file ]] || existing+=("$file"); done
((${#existing[@]} > 0)) || { echo "format.sh: no .cc or .h below $1"; exit 1; }

# Columns are characters, not bytes: continuation bytes of UTF-8 do not count.
LC_ALL=C awk '{line = $0; gsub(/[\200-\277]/, "", line)}
  length(line) > 120 {print FILENAME ":" FNR ": " length(line) " columns, more than 120"; bad = 1}
  END {exit bad}' "${existing[@]}" || status=1

version=$(clang-format --version 2>/dev/null | grep -o 'version [0-9]*' || true)
if [[ $version == "version 14" ]]; then
  found=$(printf '%s\0' "${existing[@]}" |
    LC_ALL=C xargs -0 -P 2 -n 32 clang-format --dry-run 2>&1 | grep -E '^[^ ].*: (warning|error): ' || true)
  if [[ -n $found ]]; then
    cut -d: -f1,2,5- <<<"$found" | sort -u | head -20
    status=1
  fi
else
  echo "clang-format: ${version:-none}, not version 14: widths alone were checked"
fi
exit $status
