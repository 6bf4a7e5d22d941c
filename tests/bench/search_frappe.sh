#!/usr/bin/env bash
# Replays the search of fm's options on Frappe: trains with the options of each row of results/frappe_validation.tsv and
# prints the row anew. test.tsv is not read.
#   search_frappe.sh FOLDER [PATTERN]   FOLDER holds train_reconstructed.tsv and valid.tsv; PATTERN: only rows that match
# SEED (1), THREADS (all). The binaries are on PATH.
set -euo pipefail
export LC_ALL=C
folder=$1 pattern=${2:-.}
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'options\tvalid auc\tvalid logloss\n'
grep -v '^#' "$here/results/frappe_validation.tsv" | tail -n +2 | cut -f 1 | grep -e "$pattern" | while read -ra options; do
  rec-embed fm -q -j "${THREADS:-$(nproc)}" --seed "${SEED:-1}" \
    --context daytime,weekday,isweekend,homework,cost,weather,country,city "${options[@]}" \
    --valid "$folder/valid.tsv" "$folder/train_reconstructed.tsv" -o "$work/m.safetensors"
  rec-score -q -j "${THREADS:-$(nproc)}" -m "$work/m.safetensors" --labels "$folder/valid.tsv" |
    rec-eval -q -m auc,logloss |
    awk -F '\t' -v options="${options[*]}" '{v[$1] = $2} END {printf "%s\t%.5f\t%.4f\n", options, v["auc"], v["logloss"]}'
done
