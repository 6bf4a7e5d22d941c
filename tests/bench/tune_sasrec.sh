#!/usr/bin/env bash
# Searches options of rec-embed sasrec, or of MODEL (bert4rec, attention-pool), by validation
# alone: a TSV line a setting with its best epoch, the metrics of that epoch's model on
# valid.tsv and the seconds of all.
#   tune_sasrec.sh FOLDER/s3rec-beauty < SETTINGS     a line of options a setting;
#       FOLDER/s3rec-beauty holds train.tsv and valid.tsv; the binaries are on PATH
# Environment: EPOCHS (60), PATIENCE (5), SEED (1).
set -euo pipefail
export LC_ALL=C
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'options\tepoch\thit@10\tndcg@10\tseconds\n'
while read -r line; do
  [[ -n $line && $line != '#'* ]] || continue
  read -ra options <<<"$line"
  rec-embed "${MODEL:-sasrec}" -q -e "${EPOCHS:-60}" --patience "${PATIENCE:-5}" --seed "${SEED:-1}" --valid "$folder/valid.tsv" \
    --log "$work/log" -o "$work/m.safetensors" "${options[@]}" "$folder/train.tsv"
  read -r epoch seconds < <(awk -F'\t' 'NR > 1 { s += $2; if ($4 > best) { best = $4; at = $1 } } END { print at, s }' "$work/log")
  rec-score -q -m "$work/m.safetensors" --history "$folder/train.tsv" --exclude "$folder/train.tsv" --all --top 10 --users "$folder/valid.tsv" |
    rec-rank -q -k 10 | rec-eval -q --truth "$folder/valid.tsv" --binary -m hit@10,ndcg@10 |
    awk -F'\t' -v OFS='\t' -v line="$line$(printf '\t')$epoch" -v s="$seconds" '$1 ~ /@/ { line = line OFS $2 } END { print line, s }'
done
