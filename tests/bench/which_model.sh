#!/usr/bin/env bash
# The trainers of rec-embed side by side, for the table "which model?" of rec-embed(1).
#   which_model.sh FOLDER SET [MODEL]...   FOLDER holds train.tsv, valid.tsv and test.tsv;
#       SET is random or last: how the test was held out, which picks the options below;
#       with MODELs, these alone. The binaries are on PATH.
# Every model is trained on train.tsv, those in epochs with --valid valid.tsv, and ranks all
# items but those of the user in train.tsv and valid.tsv; the models that read a history get
# both files. Prints TSV: model, options, CPU seconds of all threads together (reading, training
# and validation), peak MiB, hit@10, ndcg@10.
# Environment: THREADS (0: one a core).
set -euo pipefail
export LC_ALL=C
folder=$(realpath "$1") set=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{ cat "$folder/train.tsv"; tail -n +2 "$folder/valid.tsv"; } >"$work/known.tsv"
declare -A options
options[pop]=""
options[ease]="--reg 200"
options[svd]="-d 64 --graph-filter 0.3"
options[knn]="--shrink 10"
case $set in
  random)
    options[als]="-d 128 --unobserved-weight 0.06 --reg 0.02"
    options[neural]="--learning-rate 0.01 --dropout 0.2 --weight-decay 0.001 --patience 10"
    options[sasrec]="--dropout 0.5 --patience 10"
    options[bert4rec]="--dropout 0.2 --patience 10"
    options[attention-pool]="--predict left-out --dropout 0.5 --patience 10" ;;
  last)
    options[als]="-d 128 --unobserved-weight 0.03 --reg 0.01"
    options[neural]="--learning-rate 0.003 --dropout 0.2 --weight-decay 0.00001 -e 60 --patience 5"
    options[sasrec]="--dropout 0.5 -e 60 --patience 4"
    options[bert4rec]="--dropout 0.2 -e 60 --patience 4"
    options[attention-pool]="--loss sampled-softmax --negatives 1000 --learning-rate 0.01 --untied --decay --dropout 0.7" ;;
  *) echo "SET is random or last" >&2; exit 2 ;;
esac
models=("$@")
(( $# )) || models=(pop als ease svd knn attention-pool neural sasrec bert4rec)

TIMEFORMAT='%U %S'
printf 'model\toptions\tCPU seconds\tMiB\thit@10\tndcg@10\n'
for model in "${models[@]}"; do
  valid=() history=()
  case $model in als | neural | attention-pool | sasrec | bert4rec) valid=(--valid "$folder/valid.tsv") ;; esac
  case $model in attention-pool | sasrec | bert4rec) history=(--history "$work/known.tsv") ;; esac
  read -ra given <<<"${options[$model]}"
  { time rec-embed "$model" -v -j "${THREADS:-0}" "${given[@]}" "${valid[@]}" "$folder/train.tsv" \
      -o "$work/m.safetensors" 2>"$work/said"; } 2>"$work/time"
  cost=$(awk '{printf "%.2f", $1 + $2}' "$work/time")$'\t'$(tail -1 "$work/said" | grep -oE '[0-9.]+ MiB' | cut -d ' ' -f 1)
  rec-score -q -m "$work/m.safetensors" --all --top 10 --users "$folder/test.tsv" "${history[@]}" --exclude "$work/known.tsv" |
    rec-rank -q -k 10 | rec-eval -q --truth "$folder/test.tsv" -m hit@10,ndcg@10 |
    awk -v OFS='\t' -v left="$model"$'\t'"${options[$model]}"$'\t'"$cost" '$1 == "hit@10" {hit = $2} $1 == "ndcg@10" {print left, hit, $2}'
done
