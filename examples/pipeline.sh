#!/bin/bash
# Usage: pipeline.sh
# The pipeline as a picture, on real ratings (MovieTweetings, 2013): each command, and three
# rows of what it reads and writes. rec(7) shows what this prints. Needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$(dirname "$here")/build:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
ln -s "$here/data/movietweetings/interactions.tsv" .

# rows NAME: its header and three rows; long numbers are rounded to what fits in a picture.
rows() {
  awk -F '\t' -v name="$1" '
    NR > 4 {exit}
    {
      line = ""
      for (i = 1; i <= NF && i <= 6; i++) {
        value = $i ~ /^-?[0-9]+\.[0-9][0-9][0-9][0-9]/ ? sprintf("%.3g", $i) : $i
        line = line sprintf(i < NF && i < 6 ? "%-11s" : "%s", value)
      }
      printf("  %-18s%s%s\n", NR == 1 ? name : "", line, NF > 6 ? " ..." : "")
    }' "$2"
}
# step COMMAND: an arrow with the command, which is run.
step() {
  local line
  printf '     |\n'
  while IFS= read -r line; do printf '     |  %s\n' "$line"; done <<<"$1"
  printf '     v\n'
  eval "$1"
}

rows interactions.tsv interactions.tsv
step 'rec-split -q --method hash-row --k-core 5 --test-fraction 0.1 \
    --train train.tsv --test test.tsv interactions.tsv'
rows train.tsv train.tsv
rows test.tsv test.tsv
step 'rec-embed als -q --dim 128 --unobserved-weight 0.06 --reg 0.02 \
    train.tsv -o als.model'
{ printf 'kind\tid\tvector\n'; grep -m 3 '^item' als.model; } >items
rows als.model items
step 'rec-attend -m als.model --all --users test.tsv --exclude train.tsv \
    -o attention.tsv'
rows attention.tsv attention.tsv
step 'rec-score -m als.model attention.tsv -o scores.tsv'
rows scores.tsv scores.tsv
step 'rec-rank -k 10 scores.tsv -o ranking.tsv'
rows ranking.tsv ranking.tsv
step 'rec-eval --truth test.tsv -m ndcg@10,hit@10,recall@10 ranking.tsv \
    -o metrics.tsv'
rows metrics.tsv metrics.tsv
