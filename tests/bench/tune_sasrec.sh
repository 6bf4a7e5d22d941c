#!/usr/bin/env bash
# Searches options of rec-embed sasrec by validation alone: a TSV line a setting with
# its best epoch, that epoch's ndcg@10 on valid.tsv and the seconds of all epochs.
#   tune_sasrec.sh FOLDER/s3rec-beauty < SETTINGS     a line of options a setting;
#       FOLDER/s3rec-beauty holds train.tsv and valid.tsv; rec-embed is on PATH
# Environment: EPOCHS (60), PATIENCE (5), SEED (1).
set -euo pipefail
export LC_ALL=C
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'options\tepoch\tndcg@10\tseconds\n'
while read -r line; do
  [[ -n $line && $line != '#'* ]] || continue
  read -ra options <<<"$line"
  rec-embed sasrec -q -e "${EPOCHS:-60}" --patience "${PATIENCE:-5}" --seed "${SEED:-1}" --valid "$folder/valid.tsv" \
    --log "$work/log" -o "$work/m.safetensors" "${options[@]}" "$folder/train.tsv"
  awk -F'\t' -v OFS='\t' -v line="$line" 'NR > 1 { s += $2; if ($4 > best) { best = $4; at = $1 } } END { print line, at, best, s }' "$work/log"
done
