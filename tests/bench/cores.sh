#!/usr/bin/env bash
# What 16 cores could do at the most, measured on one: each stage is run by the tools of BUILD/virtual (virtual_cores.cc),
# which run every loop on one thread and account each body to the worker that is free first. Processor seconds; memory
# bandwidth and caches that cores share are left out, so that the real machine may be slower, and not faster.
#   [RUNS=N] cores.sh [-c CORES] [-s STAGES] BUILD FOLDER > TABLE
# RUNS: of each command, of which the quickest counts (1). STAGES: a regular expression of the stages to run (all).
# FOLDER has s3rec-beauty and ml-1m (train.tsv, valid.tsv, test.tsv). The rows of als, mf, ease, knn, scoring, ranking and
# evaluation are of the generated set of run.sh: 10M interactions of 136,677 users and 20,108 items.
# TSV on stdout: stage; seconds with -j 1; of these, serial ones with -j CORES; seconds with -j CORES; their ratio; the
# tasks that a loop offers, weighted by its time; loops. An epoch is half of what three epochs take more than one.
set -euo pipefail
export LC_ALL=C
cores=16 stages=.
while getopts c:s: option; do
  case $option in
    c) cores=$OPTARG ;;
    s) stages=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
build=$(realpath "$1") folder=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
generate=$build/tests/bench_generate
size=(--users 136677)
"$generate" interactions "${size[@]}" --rows 10000000 -o rows.tsv
"$generate" interactions "${size[@]}" --rows 10000000 --shuffled -o shuffled.tsv
for what in scored ranked truth; do "$generate" $what "${size[@]}" -o $what.tsv; done
"$build/rec-model" convert -q -o rows.safetensors rows.tsv
beauty=$folder/s3rec-beauty/train.tsv movies=$folder/ml-1m/train.tsv

# account THREADS COMMAND...: serial, bodies, longest workers, loops, wake-ups, tasks, of the least of RUNS (1)
account() {
  local threads=$1 i
  shift
  for ((i = 0; i < ${RUNS:-1}; ++i)); do
    VIRTUAL_CORES=account "$build/virtual/$1" "${@:2}" -q -j "$threads" >/dev/null
    head -1 account
  done | awk -F '\t' '{t = $1 + $3} NR == 1 || t < least {least = t; line = $0} END {print line}'
}
report() {  # STAGE ACCOUNT1 ACCOUNT16
  awk -F '\t' -v OFS='\t' -v stage="$1" -v one="$2" -v all="$3" 'BEGIN {
    split(one, a); split(all, b)
    before = a[1] + a[2]; after = b[1] + b[3] + b[5]
    printf "%s\t%.3f\t%.4f\t%.3f\t%.1f\t%.0f\t%.0f\n", stage, before, b[1], after, before / after, b[6], b[4]
  }'
}
whole() {  # STAGE TOOL OPTIONS...
  local stage=$1
  [[ $stage =~ $stages ]] || return 0
  shift
  report "$stage" "$(account 1 "$@")" "$(account "$cores" "$@")"
}
epoch() {  # STAGE MODEL OPTIONS...
  local stage=$1 difference='
    {for (i = 1; i <= 6; ++i) value[NR, i] = $i}
    END {for (i = 1; i <= 5; ++i) printf "%f\t", (value[2, i] - value[1, i]) / 2; print value[2, 6]}'
  [[ $stage =~ $stages ]] || return 0
  shift
  local threads out=()
  for threads in 1 "$cores"; do
    out+=("$( (account "$threads" rec-embed "$@" -e 1 -o m; account "$threads" rec-embed "$@" -e 3 -o m) |
      awk -F '\t' "$difference")")
  done
  report "$stage" "${out[@]}"
}

printf 'stage\tseconds -j 1\tserial\tseconds -j %s\tratio\ttasks\tloops\n' "$cores"
epoch "als -d 64, an epoch" als -d 64 rows.safetensors
epoch "mf -d 40, an epoch" mf -d 40 rows.safetensors
epoch "neural, an epoch" neural rows.safetensors
epoch "neural --batch 4096, an epoch" neural --batch 4096 rows.safetensors
for loss in softmax bce sampled-softmax; do
  epoch "sasrec -d 64 --loss $loss, beauty, an epoch" sasrec -d 64 --loss $loss "$beauty"
done
epoch "sasrec -d 64 --batch 1024, beauty, an epoch" sasrec -d 64 --batch 1024 "$beauty"
epoch "sasrec -d 64, ml-1m, an epoch" sasrec -d 64 "$movies"
epoch "bert4rec -d 64, beauty, an epoch" bert4rec -d 64 "$beauty"
epoch "attention-pool -d 64, beauty, an epoch" attention-pool -d 64 "$beauty"
whole "ease, ml-1m" rec-embed ease -o m.safetensors "$movies"
whole "ease, 20,108 items" rec-embed ease -o m.safetensors rows.safetensors
whole "knn" rec-embed knn -o m.safetensors rows.safetensors
"$build/rec-embed" als -q -e 1 -d 64 -o als.model rows.safetensors
whole "rec-score --all --top 100" rec-score -m als.model --all --all-users --top 100 --exclude rows.safetensors
whole "rec-rank -k 10, 13.7M rows" rec-rank -k 10 scored.tsv
whole "rec-eval, 13.7M rows" rec-eval --truth truth.tsv -m ndcg@10,recall@100 ranked.tsv
whole "pop: reading 10M rows" rec-embed pop -o m rows.tsv
whole "pop: reading 10M rows in random order" rec-embed pop -o m shuffled.tsv
