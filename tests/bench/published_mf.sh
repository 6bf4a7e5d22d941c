#!/usr/bin/env bash
# Measures mf on ml-100k, the mean over u1 to u5, with the options that tune_mf.sh
# found on validation rows (tests/bench/results/mf_validation.tsv).
#   published_mf.sh FOLDER       FOLDER holds u1.train.tsv, u1.test.tsv, ...
# A TSV line a model and metric. The binaries are on PATH.
set -euo pipefail
export LC_ALL=C
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'data\tmodel\tmetric\tvalue\n'
mf() {  # MODEL OPTIONS...
  local model=$1
  shift
  for fold in 1 2 3 4 5; do
    rec-embed mf -q "$@" "$folder/u$fold.train.tsv" -o "$work/m.safetensors"
    rec-score -q -m "$work/m.safetensors" --labels "$folder/u$fold.test.tsv" | rec-eval -q -m rmse,mae
  done | awk -v s="ml-100k u1-u5	$model" '
    $1 == "rmse" || $1 == "mae" { sum[$1] += $2 } END { for (m in sum) printf "%s\t%s\t%.4f\n", s, m, sum[m] / 5 }' | sort
}
mf 'mf, biases alone' -d 0
mf 'mf d=20' -d 20 -e 20
mf 'mf d=40, implicit' -d 40 -e 20 --implicit
