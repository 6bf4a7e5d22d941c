#!/usr/bin/env bash
# What rec-tune finds in a given time, beside popularity, the defaults of each trainer and the best row of README.md here.
#   tune.sh [-b BUDGET] [-d] [-j N] [-m MODELS] [-p] FOLDER [DATA]...
# FOLDER holds movietweetings, ml-100k (each of them interactions.tsv), ml-1m, s3rec-beauty (train, valid, test) and gowalla
# (train_minus_valid, valid, test); DATA: those alone. BUDGET: of each search, 10m. MODELS: whose defaults are measured,
# "als ease svd knn neural attention-pool sasrec bert4rec"; on gowalla ease, attention-pool, sasrec and bert4rec take an hour
# together. -d: these defaults alone, without a search. -p: without the page's row, which takes an hour for ml-1m. The
# binaries are on PATH.
# movietweetings and ml-100k are split at random as in README.md of the project: a tenth of the pairs each, users and items
# with fewer than 5 rows left out; the others as published. All models are chosen on the validation rows: the search by
# its metric there, the defaults and the page's row by the best epoch. The test ranks all items but the user's of training
# and validation; a model of histories reads both.
# TSV on stdout: data, metric, what, model and options, value on validation, value on test, seconds (of the whole search).
#   pop, default; page: the options of the best row of the page; tuned: what rec-tune writes; refit: the same with --refit,
#   trained on train and validation, too, as the published protocol of gowalla has it for pop, page and refit.
set -euo pipefail
export LC_ALL=C
with_page=1 search=1 budget=10m threads=0 models="als ease svd knn neural attention-pool sasrec bert4rec"
while getopts b:dj:m:p option; do
  case $option in
    b) budget=$OPTARG ;;
    d) search=0 with_page=0 ;;
    j) threads=$OPTARG ;;
    m) models=$OPTARG ;;
    p) with_page=0 ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
folder=$(realpath "$1")
shift
data=("$@")
((${#data[@]})) || data=(movietweetings ml-100k ml-1m s3rec-beauty gowalla)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

prepare() {  # DATA: train.tsv, valid.tsv, test.tsv, known.tsv; sets metric, k and page
  local from=$folder/$1
  metric=ndcg@10 k=10 page=
  case $1 in
    movietweetings | ml-100k)
      rec-split -q --method hash-row --k-core 5 --test-fraction 0.1 --valid-fraction 0.1 \
        --train train.tsv --valid valid.tsv --test test.tsv "$from/interactions.tsv" ;;
    gowalla)
      cp "$from/train_minus_valid.tsv" train.tsv
      cp "$from/valid.tsv" "$from/test.tsv" . ;;
    *) cp "$from/train.tsv" "$from/valid.tsv" "$from/test.tsv" . ;;
  esac
  case $1 in
    movietweetings) page="als --dim 128 --unobserved-weight 0.06 --reg 0.02" ;;
    ml-1m) page="sasrec --dim 128 --max-len 200 --dropout 0.3 --windows all --batch 128 --epochs 34 --patience 5" ;;
    s3rec-beauty) page="sasrec --dim 64 --dropout 0.5 --epochs 60 --patience 4" ;;
    gowalla)
      metric=recall@20 k=20
      page="svd --dim 768 --graph-filter 0.2 --user-exponent 0.28 --item-exponent 0.42 --neighbours 2000 --sharpen 1" ;;
  esac
  cat train.tsv <(tail -n +2 valid.tsv) > known.tsv
}
# row WHAT OPTIONS SECONDS: of the model m.safetensors.
row() {
  local history=() valid test
  case $2 in attention-pool* | sasrec* | bert4rec*) history=(--history known.tsv) ;; esac
  valid=$(rec-model info -m m.safetensors | awk -F '\t' '$1 == "valid-value" { printf "%.4f", $2 }')
  test=$(rec-score -q -j "$threads" -m m.safetensors --all --top $k --exclude known.tsv --users test.tsv "${history[@]}" |
    rec-rank -q -k $k | rec-eval -q --truth test.tsv --binary -m $metric | awk -v m=$metric '$1 == m { printf "%.4f", $2 }')
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$set" $metric "$1" "$2" "${valid:--}" "$test" "$3"
}
timed() {  # COMMAND...: sets seconds
  local start=$EPOCHREALTIME
  "$@"
  seconds=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
}
train() {  # WHAT MODEL OPTIONS...
  local what=$1 rows=train.tsv valid=(--valid valid.tsv --metric $metric)
  shift
  if [[ $set == gowalla && $what != default ]]; then rows=known.tsv valid=(); fi
  timed rec-embed "$@" "${valid[@]}" -q -j "$threads" -o m.safetensors $rows
  row "$what" "$*" "$seconds"
}

printf 'data\tmetric\twhat\tmodel\tvalid\ttest\tseconds\n'
for set in "${data[@]}"; do
  prepare "$set"
  train pop pop
  for model in $models; do
    train default "$model"
  done
  read -ra options <<< "$page"
  ((${#options[@]} == 0 || !with_page)) || train page "${options[@]}"
  ((search)) || continue
  rm -f board.tsv
  timed rec-tune -j "$threads" --valid valid.tsv --metric $metric --budget "$budget" --leaderboard board.tsv \
    -o m.safetensors train.tsv 2> said
  best=$(awk -F '\t' 'NR == 2 { print $3 " " $4 }' board.tsv)
  row tuned "$best ($(($(wc -l < board.tsv) - 1)) runs)" "$seconds"
  searched=$seconds
  # The search goes on from its leaderboard, which is complete, and trains the best once more.
  timed rec-tune -q -j "$threads" --valid valid.tsv --metric $metric --budget 1s --leaderboard board.tsv --refit \
    -o m.safetensors train.tsv
  row refit "$best" "$(awk -v a="$searched" -v b="$seconds" 'BEGIN { print a + b }')"
done
