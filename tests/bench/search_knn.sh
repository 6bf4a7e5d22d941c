#!/usr/bin/env bash
# The search behind the options that published_knn.sh gives to knn.
#   search_knn.sh FOLDER [DATA]...     FOLDER holds ml-1m/ncf, citeulike-a and
#                                      gowalla as TSV; DATA: ncf, citeulike, gowalla
# From the same validation data as search_linear.sh. Logs:
# tests/bench/results/search_knn_*.tsv. The binaries are on PATH.
set -euo pipefail
export LC_ALL=C
folder=$1
shift
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

settings() {  # NEIGHBOURS...
  for n in "$@"; do
    for by in item user; do
      for similarity in cosine tfidf bm25 jaccard; do echo "knn --by $by --similarity $similarity --neighbours $n"; done
      echo "knn --by $by --neighbours $n --asymmetry 0.3"
      for shrink in 10 100; do echo "knn --by $by --neighbours $n --shrink $shrink"; done
    done
  done
}

rp3beta() {  # NEIGHBOURS...
  for n in "$@"; do
    for alpha in 0.4 0.6 0.8 1; do
      for beta in 0.1 0.2 0.3 0.5 0.7; do echo "knn --similarity rp3beta --neighbours $n --alpha $alpha --beta $beta"; done
    done
  done
}

ncf() {
  rec-split -q --method leave-one-out --order input --train "$work/fit.tsv" --test "$work/valid.tsv" "$folder/ml-1m/ncf/train.tsv"
  "$here/sampled_negatives.pl" "$work/fit.tsv" "$work/valid.tsv" >"$work/candidates.tsv"
  { settings 50 200 800 && rp3beta 30 100; } | "$here/search.sh" -c "$work/candidates.tsv" -m hit@10,ndcg@10 "$work/fit.tsv" "$work/valid.tsv"
}

citeulike() {
  rec-split -q --method hash-row --test-fraction 0.1 --train "$work/fit.tsv" --test "$work/valid.tsv" "$folder/citeulike-a/splits/P10.train.tsv"
  { settings 50 200 1000 && rp3beta 200 1000; } | "$here/search.sh" -m recall@50,recall@100,recall@300 "$work/fit.tsv" "$work/valid.tsv"
}

gowalla() {
  { settings 50 200 && rp3beta 100 300; } | "$here/search.sh" "$folder/gowalla/train_minus_valid.tsv" "$folder/gowalla/valid.tsv"
}

for data in "${@:-ncf citeulike gowalla}"; do
  for one in $data; do
    printf '# %s\n' "$one"
    "$one"
  done
done
