#!/usr/bin/env bash
# Measures knn by published protocols, with the options that
# search_knn.sh found on validation data (tests/bench/results/search_knn_*.tsv).
#   published_knn.sh FOLDER      FOLDER holds ml-1m/ncf, citeulike-a and gowalla as TSV
# A TSV line a model and metric, the losers too. The binaries are on PATH.
source "$(dirname "$0")/protocols.sh"
printf 'data\tmodel\tmetric\tvalue\n'
ncf() { measure_ncf "$*" "$@"; }
citeulike() { measure_citeulike "$*" "$@"; }
gowalla() { measure_gowalla "$*" "$@"; }

# Of each data set: the best on validation, then the best of the other kinds.
ncf knn --similarity bm25 --neighbours 50
ncf knn --similarity rp3beta --neighbours 30 --alpha 0.6 --beta 0.5
ncf knn --similarity tfidf --neighbours 50
ncf knn --neighbours 50 --shrink 10
ncf knn --by user --neighbours 200 --asymmetry 0.3
citeulike knn --similarity rp3beta --neighbours 1000 --alpha 0.4 --beta 0.1
citeulike knn --by user --similarity bm25 --neighbours 1000
citeulike knn --neighbours 1000 --shrink 10
gowalla knn --similarity rp3beta --neighbours 300 --alpha 0.6 --beta 0.2
gowalla knn --by user --similarity bm25 --neighbours 50
gowalla knn --by user --similarity tfidf --neighbours 50
gowalla knn
