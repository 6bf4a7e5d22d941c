#!/usr/bin/env bash
# The search behind the options that published_knn.sh gives to knn.
#   search_knn.sh FOLDER [DATA]...     FOLDER holds ml-1m, ml-1m/ncf, citeulike-a and
#                                      gowalla as TSV; DATA: ncf, citeulike, gowalla
# From the same validation data as search_linear.sh. Logs:
# tests/bench/results/search_knn_*.tsv. The binaries are on PATH.
source "$(dirname "$0")/protocols.sh"

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

ncf() { { settings 50 200 800 && rp3beta 30 100; } | search_ncf; }
citeulike() { { settings 50 200 1000 && rp3beta 200 1000; } | search_citeulike; }
gowalla() { { settings 50 200 && rp3beta 100 300; } | search_gowalla; }

(( $# )) || set -- ncf citeulike gowalla
for data in "$@"; do
  printf '# %s\n' "$data"
  "$data"
done
