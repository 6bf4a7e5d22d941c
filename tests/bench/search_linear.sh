#!/usr/bin/env bash
# The search behind the options that published_linear.sh gives to ease and svd.
#   search_linear.sh FOLDER [DATA]...     FOLDER holds ml-1m/ncf, citeulike-a and
#                                         gowalla as TSV; DATA: ncf, citeulike, gowalla
# All from validation data: of ml-1m/ncf each user's last training row against 99
# sampled items, of citeulike-a a tenth of P10's training rows, of gowalla its valid.tsv.
# Logs: tests/bench/results/search_linear_*.tsv. The binaries are on PATH.
set -euo pipefail
export LC_ALL=C
folder=$1
shift
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ncf() {
  rec-split -q --method leave-one-out --order input --train "$work/fit.tsv" --test "$work/valid.tsv" "$folder/ml-1m/ncf/train.tsv"
  "$here/sampled_negatives.pl" "$work/fit.tsv" "$work/valid.tsv" >"$work/candidates.tsv"
  for reg in 100 200 500 1000 2000; do echo "ease --neighbours 2000 --reg $reg"; done >"$work/settings"
  for reg in 200 500 1000; do for dropout in 0.1 0.33 0.5; do echo "ease --neighbours 2000 --reg $reg --dropout $dropout"; done; done >>"$work/settings"
  for exponent in 0.1 0.25; do for reg in 3 10 30 100 300; do echo "ease --neighbours 2000 --reg $reg --user-exponent $exponent"; done; done >>"$work/settings"
  for exponent in 0.1 0.25; do for reg in 3 10 30 100 300; do echo "ease --neighbours 2000 --reg $reg --item-exponent $exponent"; done; done >>"$work/settings"
  for dim in 10 20 50 100; do for exponent in 0 0.25 0.5; do echo "svd -d $dim --item-exponent $exponent"; done; done >>"$work/settings"
  for weight in 0 0.3; do for sharpen in 0 0.5 1; do echo "svd -d 100 --graph-filter $weight --sharpen $sharpen --neighbours 2000"; done; done >>"$work/settings"
  "$here/search.sh" -c "$work/candidates.tsv" -m hit@10,ndcg@10 "$work/fit.tsv" "$work/valid.tsv" <"$work/settings"
}

citeulike() {
  rec-split -q --method hash-row --test-fraction 0.1 --train "$work/fit.tsv" --test "$work/valid.tsv" "$folder/citeulike-a/splits/P10.train.tsv"
  for reg in 10 30 100 300 1000; do echo "ease --neighbours 1000 --reg $reg"; done >"$work/settings"
  for dropout in 0.33 0.5; do echo "ease --neighbours 1000 --reg 30 --dropout $dropout"; done >>"$work/settings"
  for exponent in 0.1 0.25 0.5; do for reg in 1 3 10 30; do echo "ease --neighbours 1000 --reg $reg --user-exponent $exponent"; done; done >>"$work/settings"
  for dim in 50 100 200 500; do for exponent in 0 0.5; do echo "svd -d $dim --item-exponent $exponent"; done; done >>"$work/settings"
  for weight in 0 0.1 0.3 1; do for sharpen in 0 0.5 1; do echo "svd -d 500 --graph-filter $weight --sharpen $sharpen --neighbours 1000"; done; done >>"$work/settings"
  "$here/search.sh" -m recall@50,recall@100,recall@300 "$work/fit.tsv" "$work/valid.tsv" <"$work/settings"
}

gowalla() {
  for reg in 100 200 500; do echo "ease --neighbours 500 --reg $reg"; done >"$work/settings"
  for reg in 1 3 10; do echo "ease --neighbours 500 --reg $reg --user-exponent 0.25"; done >>"$work/settings"
  for dim in 64 256; do for exponent in 0 0.5; do echo "svd -d $dim --item-exponent $exponent"; done; done >>"$work/settings"
  for weight in 0 0.2 0.3 0.5; do for sharpen in 0 0.5 1 2; do echo "svd -d 256 --graph-filter $weight --sharpen $sharpen --neighbours 500"; done; done >>"$work/settings"
  "$here/search.sh" "$folder/gowalla/train_minus_valid.tsv" "$folder/gowalla/valid.tsv" <"$work/settings"
}

for data in "${@:-ncf citeulike gowalla}"; do
  for one in $data; do
    printf '# %s\n' "$one"
    "$one"
  done
done
