#!/bin/bash
# Usage: large_log.sh BUILD [ROWS [binary|text]]
# A whole job on one machine, on a generated log of ROWS (100,000,000) rows, ROWS/73 users and ROWS/497 items, whose rows
# stand by user: the log split (the last row of each user is held out), als of 64 factors trained in 3 epochs, the 10 best
# items of every user that are not in train, ranked and measured. Seconds and peak memory of each step, and of the job;
# the tools of a pipe run at once, so theirs are added. Last, the bytes a row of training and of scoring, each beside the
# factors. Needs ROWS x 60 bytes of disk in TMPDIR. Prints TSV. Environment: THREADS.
set -euo pipefail
export LC_ALL=C
build=$(realpath "$1") rows=${2:-100000000} encoding=${3:-binary} threads=${THREADS:-$(nproc)}
case $encoding in
  binary) suffix=safetensors ;;
  text) suffix=tsv ;;
  *) echo "large_log.sh: $encoding: expected binary or text" >&2; exit 2 ;;
esac
export PATH="$build:$PATH"
users=$((rows / 73)) items=$((rows / 497))
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

"$build/tests/bench_generate" interactions --users "$users" --items "$items" --rows "$rows" -o log.tsv
cut -f 1 log.tsv | uniq > users
if [[ $encoding == binary ]]; then
  rec-model convert -q log.tsv -o log.safetensors
  rm log.tsv
fi
printf 'step\tseconds\tpeak MiB\n'
all=0
# step NAME COMMAND: its peak is the sum of those of its tools, which run at once.
step() {
  local start=${EPOCHREALTIME/./} stop
  bash -c "set -o pipefail; $2" 2>stderr || { cat stderr >&2; echo "failed: $2" >&2; exit 1; }
  stop=${EPOCHREALTIME/./}
  all=$((all + stop - start))
  memory=$(sed -nE 's/.* ([0-9.]+) MiB peak memory.*/\1/p' stderr | awk '{sum += $1} END {printf "%.1f", sum}')
  awk -v name="$1" -v us=$((stop - start)) -v mib="$memory" 'BEGIN {printf "%s\t%.2f\t%s\n", name, us / 1e6, mib}'
  peak=$(awk -v a="${peak:-0}" -v b="$memory" 'BEGIN {print (a + 0 > b + 0 ? a : b)}')
}
j="-j $threads -v"
step split "rec-split $j --method leave-one-out --order input log.$suffix --train train.$suffix --test test.$suffix"
step train "rec-embed als $j -d 64 -e 3 train.$suffix -o als.safetensors"
training=$memory
step 'score, rank, evaluate' "rec-score $j -m als.safetensors --all --top 10 --users users --exclude train.$suffix |
  rec-rank $j -k 10 | rec-eval $j --truth test.$suffix -m hit@10,ndcg@10 -o quality"
scoring=$(sed -nE 's/^rec-score: .* ([0-9.]+) MiB peak memory.*/\1/p' stderr)
awk -v us="$all" -v mib="$peak" 'BEGIN {printf "the job\t%.2f\t%s\n", us / 1e6, mib}'
cat quality
awk -v training="$training" -v scoring="$scoring" -v rows="$((rows - users))" -v factors="$(((users + items) * 256))" \
  -v e="$encoding" 'BEGIN {
    printf "bytes a row beside the factors, %s: rec-embed\t%.1f\n", e, (training * 1048576 - factors) / rows
    printf "bytes a row beside the factors, %s: rec-score\t%.1f\n", e, (scoring * 1048576 - factors) / rows}'
