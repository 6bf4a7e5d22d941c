#!/bin/bash
# Usage: build_time.sh OLD_TREE NEW_TREE
# Builds two trees of the project from nothing, one after the other, in temporary
# folders: first the tools, then everything else. Prints a TSV table: what, seconds of
# processor time (user and system, all processes) of the old and the new tree, and
# new / old. JOBS: compilers at once (default 2). Takes no ccache.
set -euo pipefail
(($# == 2)) || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
export CCACHE_DISABLE=1
tools=(rec-split rec-embed rec-attend rec-score rec-rank rec-eval rec-model)
generator=()
ninja --version >/dev/null 2>&1 && generator=(-G Ninja)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%U %S'

# cpu COMMAND...: its processor seconds; its output in $work/log.
cpu() {
  local spent
  spent=$({ time "$@" >"$work/log" 2>&1; } 2>&1) || { tail -n 20 "$work/log" >&2; exit 1; }
  awk '{print $1 + $2}' <<<"$spent"
}

declare -A seconds
for which in old new; do
  tree=$1
  [[ $which == old ]] || tree=$2
  folder=$work/$which
  cmake -S "$tree" -B "$folder" "${generator[@]}" -DCMAKE_CXX_COMPILER_LAUNCHER= >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; exit 1; }
  seconds[$which,tools]=$(cpu cmake --build "$folder" -j "${JOBS:-2}" --target "${tools[@]}")
  seconds[$which,rest]=$(cpu cmake --build "$folder" -j "${JOBS:-2}")
  rm -rf "$folder"
done
{
  echo "tools ${seconds[old,tools]} ${seconds[new,tools]}"
  echo "tests and benchmarks ${seconds[old,rest]} ${seconds[new,rest]}"
} | awk -v OFS='\t' '
  function row(what, old, new) {printf "%s\t%.0f\t%.0f\t%.2f\n", what, old, new, new / old}
  BEGIN {print "what", "old, CPU s", "new, CPU s", "new / old"}
  {new = $NF; old = $(NF - 1); sub(/ [0-9.]+ [0-9.]+$/, ""); row($0, old, new); old_sum += old; new_sum += new}
  END {row("everything", old_sum, new_sum)}'
