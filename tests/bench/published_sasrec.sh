#!/usr/bin/env bash
# Leave-one-out by the published protocol: the epoch that is best on valid.tsv, then
# the last item of each user ranked against all items but the user's earlier ones, with
# train.tsv and valid.tsv as the history.
#   published_sasrec.sh FOLDER SET SEED OPTIONS...    FOLDER/SET holds train.tsv,
#       valid.tsv, test.tsv; options of rec-embed sasrec, or of MODEL (attention-pool, bert4rec);
#       the binaries are on PATH
# Prints TSV: set, seed, what the model was trained on, epochs, seconds, metric, value,
# for the model of that epoch and for one that is trained as long on train.tsv and
# valid.tsv, as the published split has it (RETRAIN=no: without it; AT=N: that alone, for
# N epochs, those that another seed's validation chose).
# Environment: EPOCHS (60), PATIENCE (5). The options of the rows in README.md here are in
# results/published_sasrec.tsv.
set -euo pipefail
export LC_ALL=C
folder=$1/$2 set=$2 seed=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{ cat "$folder/train.tsv"; tail -n +2 "$folder/valid.tsv"; } >"$work/known.tsv"
measure() {  # LABEL
  local seconds
  seconds=$(awk 'NR > 1 { s += $2 } END { print s }' "$work/log")
  rec-attend -q -m "$work/m.safetensors" --all --top 100 --users "$folder/test.tsv" --history "$work/known.tsv" --exclude "$work/known.tsv" |
    rec-score -q -m "$work/m.safetensors" --history "$work/known.tsv" | rec-rank -q -k 10 |
    rec-eval -q --truth "$folder/test.tsv" -m hit@10,ndcg@10 |
    awk -v OFS='\t' -v s="$set${tab}$seed$tab$1$tab$epochs$tab$seconds" '$1 ~ /@/ { print s, $1, $2 }'
}
tab=$'\t'
epochs=${AT:-}
if [[ -z $epochs ]]; then
  rec-embed "${MODEL:-sasrec}" -q -e "${EPOCHS:-60}" --patience "${PATIENCE:-5}" --seed "$seed" --valid "$folder/valid.tsv" --log "$work/log" \
    -o "$work/m.safetensors" "$@" "$folder/train.tsv"
  epochs=$(awk -F'\t' 'NR > 1 && $4 > best { best = $4; at = $1 } END { print at }' "$work/log")
  measure train
  if [[ ${RETRAIN:-yes} == no ]]; then exit 0; fi
fi
rec-embed "${MODEL:-sasrec}" -q -e "$epochs" --seed "$seed" --log "$work/log" -o "$work/m.safetensors" "$@" "$work/known.tsv"
measure train+valid
