#!/usr/bin/env bash
# Searches als options for the leave-one-out protocol with 99 sampled negatives
# (He et al. 2017), on validation data cut from TRAIN alone: each user's last row
# in TRAIN against 99 items that the user has nowhere in TRAIN.
#   tune_ncf.sh TRAIN [DIM]     a TSV line a setting on stdout, best last: the largest
#                               hit@10 + ndcg@10
# The binaries are on PATH. About 2 s a setting on two cores.
set -euo pipefail
export LC_ALL=C
train=$1
dim=${2:-64}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

rec-split -q --method leave-one-out --order input --train "$work/fit.tsv" --test "$work/valid.tsv" "$train"
"$(dirname "$0")/sampled_negatives.pl" "$work/fit.tsv" "$work/valid.tsv" > "$work/candidates.tsv"

printf 'dim\tepochs\tunobserved\treg\texponent\tstddev\thit@10\tndcg@10\tsum\n'
for unobserved in ${UNOBSERVED:-0.1 0.2 0.3 0.5}; do
  for reg in ${REG:-0.001 0.002 0.003 0.005 0.008}; do
    for exponent in ${EXPONENT:-1}; do
      for epochs in ${EPOCHS:-8 16}; do
        for stddev in ${STDDEV:-0.1}; do
          rec-embed als -q -d "$dim" -e "$epochs" --unobserved-weight "$unobserved" --reg "$reg" --reg-exponent "$exponent" \
            --stddev "$stddev" -o "$work/m.safetensors" "$work/fit.tsv"
          rec-score -q -m "$work/m.safetensors" "$work/candidates.tsv" | rec-rank -q -k 10 |
            rec-eval --truth "$work/valid.tsv" --binary -m hit@10,ndcg@10 |
            awk -v OFS='\t' -v s="$dim	$epochs	$unobserved	$reg	$exponent	$stddev" '$1 ~ /@/ { v[$1] = $2 } END { print s, v["hit@10"], v["ndcg@10"], v["hit@10"] + v["ndcg@10"] }'
        done
      done
    done
  done
done | sort -t"$(printf '\t')" -k9,9g
