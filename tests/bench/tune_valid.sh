#!/usr/bin/env bash
# Searches als options against the whole catalogue: trains on TRAIN, stops early
# on VALID, prints a TSV line a setting, best validation value last.
#   tune_valid.sh TRAIN VALID METRIC [DIM]
# The binaries are on PATH. UNOBSERVED, REG, EXPONENT and EPOCHS list the values tried.
set -euo pipefail
export LC_ALL=C
train=$1 valid=$2 metric=$3 dim=${4:-64}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'dim\tunobserved\treg\texponent\tepoch\t%s\n' "$metric"
for unobserved in ${UNOBSERVED:-0.1 0.3}; do
  for reg in ${REG:-0.003 0.01}; do
    for exponent in ${EXPONENT:-1}; do
      rec-embed als -q -d "$dim" -e "${EPOCHS:-24}" --unobserved-weight "$unobserved" --reg "$reg" --reg-exponent "$exponent" \
        --valid "$valid" --metric "$metric" --patience 2 --log "$work/log.tsv" -o "$work/m.safetensors" "$train"
      sort -t"$(printf '\t')" -k4,4gr "$work/log.tsv" | grep -v epoch | head -n 1 |
        awk -v OFS='\t' -v s="$dim	$unobserved	$reg	$exponent" '{ print s, $1, $4 }'
    done
  done
done | sort -t"$(printf '\t')" -k6,6g
