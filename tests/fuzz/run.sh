#!/bin/bash
# Usage: run.sh BUILD [SECONDS]
# Runs each fuzzer of BUILD for SECONDS (20): the targets X_fuzz, with libFuzzer in a build with
# REC_FUZZ, else with their own loop; then, but not with libFuzzer, options.pl and tools.pl. What
# fails is printed, its input is in BUILD/findings, and the exit status is 1: the input
# becomes a file in corpus/X, the fault a test.
set -euo pipefail
build=$(realpath "$1")
seconds=${2:-20}
here=$(realpath "$(dirname "$0")")
setting() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
export SANITIZE
SANITIZE=$(setting REC_SANITIZE)
seed=${SEED:-$(date +%s)}
findings=$build/findings
mkdir -p "$findings"
passed=0 failed=0
count() { if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

libfuzzer() {  # TARGET
  local name log
  name=$(basename "$1" _fuzz)
  log=$build/$name.log
  mkdir -p "$build/corpus/$name"
  if "$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=4096 -print_final_stats=1 \
      -artifact_prefix="$findings/$name-" "$build/corpus/$name" "$here/corpus/$name" >"$log" 2>&1; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s, none fails"
  else
    tail -40 "$log"
    return 1
  fi
}

for target in "$build"/tests/*_fuzz; do
  if [ "$(setting REC_FUZZ)" = ON ]; then
    count libfuzzer "$target"
  else
    count "$target" --seconds "$seconds" --seed "$seed" --out "$findings" "$here/corpus/$(basename "$target" _fuzz)"
  fi
done
if [ "$(setting REC_FUZZ)" != ON ]; then
  for script in options tools; do
    count perl "$here/$script.pl" --seconds "$seconds" --seed "$seed" --findings "$findings" "$build"
  done
fi
echo "$passed passed, $failed failed, seed $seed"
(( failed == 0 && passed > 0 ))
