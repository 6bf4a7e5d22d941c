#!/bin/bash
# Usage: binary_log.sh BUILD [ROWS]
# Interactions in binary beside the same rows as text, generated: ROWS (10,000,000) rows with a value and a timestamp,
# ROWS/73 users, ROWS/497 items. Bytes of the files, seconds (the best of RUNS, 3) and peak memory of what writes, reads
# and trains. The peer is what the system takes to read the bytes, with the page cache warm. Last, the bytes a row at the
# peak of als beside its factors. Prints TSV. Environment: RUNS, THREADS.
set -euo pipefail
export LC_ALL=C
build=$(realpath "$1") rows=${2:-10000000} runs=${RUNS:-3} threads=${THREADS:-$(nproc)}
export PATH="$build:$PATH"
users=$((rows / 73)) items=$((rows / 497))
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# best COMMAND: seconds of the fastest run; memory: the greatest peak in MiB that a tool's -v tells.
best() {
  local least= start stop i
  memory=
  for ((i = 0; i < runs; ++i)); do
    start=${EPOCHREALTIME/./}
    bash -c "$1" 2>stderr >/dev/null || { cat stderr >&2; echo "failed: $1" >&2; exit 1; }
    stop=${EPOCHREALTIME/./}
    if [[ -z $least ]] || ((stop - start < least)); then least=$((stop - start)); fi
    memory=$(sed -nE 's/.* ([0-9.]+) MiB peak memory.*/\1/p' stderr | sort -g | tail -1)
  done
  seconds=$(awk -v us="$least" 'BEGIN {printf "%.3f", us / 1e6}')
}
row() {  # WHAT COMMAND
  best "$2"
  awk -v what="$1" -v s="$seconds" -v rows="$rows" -v mib="$memory" 'BEGIN {
    printf "%s\t%s\t%.1f\t%s\t%s\n", what, s, rows / s / 1e6, mib, mib == "" ? "" : sprintf("%.1f", mib * 1048576 / rows)}'
}

"$build/tests/bench_generate" interactions --users "$users" --items "$items" --rows "$rows" --timestamps -o log.tsv
rec-model convert -q log.tsv -o log.safetensors
rec-model convert -q --sort user log.safetensors -o sorted.safetensors
cut -f 1-2 log.tsv > pairs.tsv
printf 'file\tbytes a row\n'
for file in log.tsv log.safetensors; do
  printf '%s\t%s\n' "$file" "$(awk -v size="$(stat -c %s $file)" -v rows="$rows" 'BEGIN {printf "%.2f", size / rows}')"
done
printf 'what\tseconds\tM rows/s\tpeak MiB\tpeak bytes a row\n'
j="-j $threads -v"
row 'text to binary' "rec-model convert $j log.tsv --to safetensors -o out --no-sync"
row 'binary to text' "rec-model convert $j log.safetensors --to text -o out --no-sync"
row 'binary, put by user' "rec-model convert $j --sort user log.safetensors --to safetensors -o out --no-sync"
row 'wc -l of the text' 'wc -l log.tsv'
row 'cat | cat of binary' 'cat log.safetensors | cat'
row 'binary read, verified and checked, all columns' "rec-model check $j log.safetensors"
row 'counted by pop, text' "rec-embed pop $j log.tsv -o out --no-sync"
row 'counted by pop, binary' "rec-embed pop $j log.safetensors -o out --no-sync"
row 'counted by pop, binary by user' "rec-embed pop $j sorted.safetensors -o out --no-sync"
printf 'als -d 64, an epoch, from\tseconds\tpeak MiB\tbytes a row beside the factors\n'
for from in pairs.tsv log.tsv log.safetensors sorted.safetensors; do
  for weight in '' ' --confidence linear'; do
    [[ $from$weight != 'pairs.tsv --confidence linear' ]] || continue
    best "rec-embed als $j -d 64 -e 1$weight $from -o out.safetensors --no-sync"
    awk -v what="$from$weight" -v s="$seconds" -v mib="$memory" -v rows="$rows" -v factors="$(((users + items) * 256))" \
      'BEGIN {printf "%s\t%s\t%s\t%.1f\n", what, s, mib, (mib * 1048576 - factors) / rows}'
  done
done
