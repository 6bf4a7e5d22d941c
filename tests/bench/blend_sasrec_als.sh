#!/usr/bin/env bash
# Attention by one model, prediction by another: sasrec alone, als alone, and α of
# sasrec times M of als, over sasrec's best 100 items, on a leave-one-out set.
#   blend_sasrec_als.sh FOLDER "SASREC OPTIONS" "ALS OPTIONS"     FOLDER holds
#       train.tsv, valid.tsv, test.tsv; options chosen on valid.tsv; the binaries are on PATH
# Both are trained on train.tsv; train.tsv and valid.tsv are the history. Prints TSV:
# model, metric, value.
set -euo pipefail
export LC_ALL=C
folder=$1
read -ra sasrec <<<"$2"
read -ra als <<<"$3"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{ cat "$folder/train.tsv"; tail -n +2 "$folder/valid.tsv"; } >"$work/known.tsv"
rec-embed sasrec -q -o "$work/sasrec.safetensors" "${sasrec[@]}" "$folder/train.tsv"
rec-embed als -q -o "$work/als.safetensors" "${als[@]}" "$folder/train.tsv"
known=(--history "$work/known.tsv")
all=(--all --top 100 --users "$folder/test.tsv" --exclude "$work/known.tsv" "${known[@]}")
measure() {  # MODEL: of the scores on stdin
  rec-rank -q -k 10 | rec-eval -q --truth "$folder/test.tsv" -m hit@10,ndcg@10 | awk -v OFS='\t' -v m="$1" '$1 ~ /@/ { print m, $1, $2 }'
}
printf 'model\tmetric\tvalue\n'
rec-attend -q -m "$work/sasrec.safetensors" "${all[@]}" >"$work/attention.tsv"
rec-score -q -m "$work/sasrec.safetensors" "${known[@]}" "$work/attention.tsv" | measure 'sasrec'
rec-score -q -m "$work/als.safetensors" "${all[@]}" | measure 'als'
rec-score -q -m "$work/als.safetensors" "${known[@]}" "$work/attention.tsv" | measure 'attention of sasrec, prediction of als'
