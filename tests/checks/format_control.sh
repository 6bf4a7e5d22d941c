#!/bin/bash
# Usage: format_control.sh SCRIPT
# Negative control: format.sh passes a good tree and finds a long line and, with
# clang-format 14, a bad layout; with another version it says what was not checked.
set -euo pipefail
script=$(realpath "$1")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
export GIT_CEILING_DIRECTORIES=$(dirname "$tree")
cp "$(dirname "$script")/../../.clang-format" "$tree"
breach() { echo "$1"; exit 1; }

printf '// %0116dä\nint x = 1;\n' 0 >"$tree/good.cc"  # 120 columns, 121 bytes
bash "$script" "$tree" || breach "format.sh fails on a good tree"

printf '// %0118d\n' 0 >"$tree/long.h"
found=$(bash "$script" "$tree") && breach "format.sh passes a line of 121 columns"
[[ $found == *"long.h:1: 121 columns"* ]] || breach "no word on long.h"
rm "$tree/long.h"

printf 'int  y=2;\n' >"$tree/layout.cc"
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
  found=$(bash "$script" "$tree") && breach "format.sh passes a bad layout"
  [[ $found == *"layout.cc:1:"* ]] || breach "no word on layout.cc"
fi
mkdir "$tree/bin"
printf '#!/bin/sh\necho clang-format version 99.0.0\n' >"$tree/bin/clang-format"
chmod +x "$tree/bin/clang-format"
found=$(PATH="$tree/bin:$PATH" bash "$script" "$tree") || breach "format.sh fails for want of clang-format 14"
[[ $found == *"version 99, not version 14"* ]] || breach "no word on the version"
