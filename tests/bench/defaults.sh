#!/usr/bin/env bash
# What rec-embed's defaults are worth: each trainer as it is, without an option, beside
# popularity.
#   defaults.sh [-j N] [-s SEEDS] [-p SPLITS] FOLDER [DATA]... [-- MODEL...]
# FOLDER holds ml-100k, movietweetings, ... as TSV, as below; DATA: those alone, MODEL: those
# subcommands alone. SEEDS: "1 2 3", for the trainers that train in epochs. SPLITS: "loo random".
# The binaries are on PATH.
# Splits: loo, each user's last item is the test, the last but one the validation; random, a
# tenth of the pairs each. First, users and items with fewer than 5 rows are left out.
# "MODEL" is trained on all rows but the test's. "MODEL --valid" is trained on the training rows
# and keeps the epoch that is best on the validation rows. Popularity counts the rows that the
# model beside it was trained on. The test ranks all items but the user's of training and
# validation; a model of histories reads the rows that it was trained on.
# TSV on stdout: data, split, model, seed, ndcg@10, popularity's, their ratio, seconds of training.
set -euo pipefail
export LC_ALL=C
threads=1 seeds=1 splits="loo random"
while getopts j:s:p: option; do
  case $option in
    j) threads=$OPTARG ;;
    s) seeds=$OPTARG ;;
    p) splits=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
folder=$1
shift
data=() models=()
while (($#)) && [[ $1 != -- ]]; do data+=("$1") && shift; done
if (($#)); then models=("${@:2}"); fi
((${#data[@]})) || data=(filmtrust lastfm-kg msweb ml-100k movietweetings citeulike-a s3rec-beauty ml-1m gowalla)
((${#models[@]})) || models=(als ease svd knn mf neural attention-pool sasrec bert4rec)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# All rows of a set, whatever parts it comes in.
rows() {
  local first=1 file
  for file in "$folder/$1"/{interactions,train,valid,test}.tsv; do
    [[ -s $file && ! ($file == */interactions.tsv && $1 == s3rec*) ]] || continue
    if ((first)); then cat "$file"; else tail -n +2 "$file"; fi
    first=0
    [[ $file != */interactions.tsv ]] || break
  done
}
split() {  # DATA SPLIT: train.tsv, valid.tsv, test.tsv; nothing where the set has no order
  local how=(--method hash-row --test-fraction 0.1 --valid-fraction 0.1)
  local times=1
  head -1 "$work/all.tsv" | grep -q timestamp || times=0
  if [[ $2 == loo ]]; then
    ((times)) || return 1
    how=(--method leave-one-out)
  fi
  ((times)) || how+=(--order input)
  rec-split -q "${how[@]}" --k-core 5 --duplicates first --train "$work/train.tsv" --valid "$work/valid.tsv" \
    --test "$work/test.tsv" "$work/all.tsv"
  cat "$work/train.tsv" <(tail -n +2 "$work/valid.tsv") >"$work/known.tsv"
}
measure() {  # ROWS OPTIONS...: trains on train or known; sets value, seconds
  local rows=$work/$1.tsv
  shift
  local start=$EPOCHREALTIME history=()
  case $1 in attention-pool | sasrec | bert4rec) history=(--history "$rows") ;; esac
  rec-embed "$@" -q -j "$threads" -o "$work/m.safetensors" "$rows"
  seconds=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f", b - a}')
  value=$(rec-score -q -j "$threads" -m "$work/m.safetensors" --all --top 10 --exclude "$work/known.tsv" \
    --users "$work/test.tsv" "${history[@]}" | rec-rank -q -k 10 |
    rec-eval -q --truth "$work/test.tsv" --binary -m ndcg@10 | awk '$1 == "ndcg@10" {printf "%.4f", $2}')
}
line() {  # MODEL SEED POPULARITY
  awk -v OFS='\t' -v d="$set" -v p="$split" -v m="$1" -v s="$2" -v v="$value" -v pop="$3" -v t="$seconds" \
    'BEGIN {print d, p, m, s, v, pop, sprintf("%.2f", v / pop), t}'
}

printf 'data\tsplit\tmodel\tseed\tndcg@10\tpop\tratio\tseconds\n'
for set in "${data[@]}"; do
  rows "$set" >"$work/all.tsv"
  for split in $splits; do
    split "$set" "$split" || continue
    measure known pop
    popular=$value
    measure train pop
    popular_in_training=$value
    for model in "${models[@]}"; do
      if [[ $model == mf ]] && ! head -1 "$work/all.tsv" | grep -q value; then continue; fi
      case $model in
        ease | knn) measure known "$model" && line "$model" - "$popular" ;;
        mf | svd) measure known "$model" && line "$model" 1 "$popular" ;;
        *)
          for seed in $seeds; do
            measure known "$model" --seed "$seed" && line "$model" "$seed" "$popular"
            measure train "$model" --seed "$seed" --valid "$work/valid.tsv" &&
              line "$model --valid" "$seed" "$popular_in_training"
          done
          ;;
      esac
    done
  done
done
