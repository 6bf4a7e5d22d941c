#!/bin/bash
# Usage: run.sh BUILD [SECONDS]
# Runs each libFuzzer target of BUILD for SECONDS (20) from its seeds. What it
# finds on the way is kept in BUILD; an input that fails is printed, and the exit
# status is 1: make it a unit test, and a seed.
set -euo pipefail
build=$(realpath "$1")
seconds=${2:-20}
here=$(realpath "$(dirname "$0")")
passed=0 failed=0
for target in "$build"/tests/*_fuzz; do
  name=$(basename "$target" _fuzz)
  mkdir -p "$build/corpus/$name"
  if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=4096 -print_final_stats=1 \
      -artifact_prefix="$build/$name-" "$build/corpus/$name" "$here/corpus/$name" >"$build/$name.log" 2>&1; then
    passed=$((passed + 1))
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$name.log") inputs in $seconds s, none fails"
  else
    failed=$((failed + 1))
    tail -40 "$build/$name.log"
  fi
done
echo "$passed passed, $failed failed"
(( failed == 0 && passed > 0 ))
