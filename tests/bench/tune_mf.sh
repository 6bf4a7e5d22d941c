#!/usr/bin/env bash
# Searches mf options on ml-100k by validation rows cut out of the five training
# parts alone; prints a TSV line a setting, the best mean RMSE last.
#   tune_mf.sh FOLDER       FOLDER holds u1.train.tsv ... u5.train.tsv
# The binaries are on PATH. DIM, EPOCHS, IMPLICIT list the values tried; an IMPLICIT
# of - is without --implicit, else it is --implicit-reg.
set -euo pipefail
export LC_ALL=C
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for fold in 1 2 3 4 5; do
  rec-split -q --method hash-row --test-fraction 0.15 --seed 11 --train "$work/train$fold.tsv" --test "$work/valid$fold.tsv" "$folder/u$fold.train.tsv"
done
printf 'dim\tepochs\timplicit\trmse\tmae\n'
for dim in ${DIM:-20 40 64}; do
  for epochs in ${EPOCHS:-20 40}; do
    for implicit in ${IMPLICIT:-- 0.5 1 2}; do
      options=(-d "$dim" -e "$epochs")
      [[ $implicit == - ]] || options+=(--implicit --implicit-reg "$implicit")
      for fold in 1 2 3 4 5; do
        rec-embed mf -q "${options[@]}" "$work/train$fold.tsv" -o "$work/m.safetensors"
        rec-score -q -m "$work/m.safetensors" --labels "$work/valid$fold.tsv" | rec-eval -q -m rmse,mae
      done | awk -v OFS='\t' -v s="$dim	$epochs	$implicit" '$1 == "rmse" { r += $2 } $1 == "mae" { m += $2 } END { printf "%s\t%.5f\t%.5f\n", s, r / 5, m / 5 }'
    done
  done
done | sort -t"$(printf '\t')" -k4,4gr
