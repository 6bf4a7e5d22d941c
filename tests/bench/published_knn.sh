#!/usr/bin/env bash
# Measures knn by published protocols, with the options that
# search_knn.sh found on validation data (tests/bench/results/search_knn_*.tsv).
#   published_knn.sh FOLDER      FOLDER holds ml-1m/ncf, citeulike-a and gowalla as TSV
# A TSV line a model and metric, the losers too. The binaries are on PATH.
set -euo pipefail
export LC_ALL=C
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'data\tmodel\tmetric\tvalue\n'
line() { awk -v OFS='\t' -v s="$1	$2" '$1 ~ /@/ { print s, $1, $2 }'; }

ncf=$folder/ml-1m/ncf
{ cut -f1,2 "$ncf/test.tsv"; tail -n +2 "$ncf/test_negatives.tsv"; } >"$work/candidates.tsv"
ncf() {
  rec-embed "$@" -q -o "$work/m.safetensors" "$ncf/train.tsv"
  rec-score -q -m "$work/m.safetensors" "$work/candidates.tsv" | rec-rank -q -k 10 |
    rec-eval -q --truth "$ncf/test.tsv" --binary -m hit@10,ndcg@10 | line ml-1m/ncf "$*"
}
whole() {  # DATA TRAIN TEST METRICS TOP MODEL...: against all items but those of training
  local data=$1 train=$2 test=$3 metrics=$4 top=$5
  shift 5
  rec-embed "$@" -q -o "$work/m.safetensors" "$train"
  rec-score -q -m "$work/m.safetensors" --all --top "$top" --exclude "$train" --users "$test" | rec-rank -q -k "$top" |
    rec-eval -q --truth "$test" -m "$metrics" | line "$data" "$*"
}
gowalla() { whole gowalla "$folder/gowalla/train.tsv" "$folder/gowalla/test.tsv" recall@20,ndcg@20 20 "$@"; }
P10=$folder/citeulike-a/splits/P10
citeulike() { whole 'citeulike-a P10' "$P10.train.tsv" "$P10.test.tsv" recall@50,recall@100,recall@300 300 "$@"; }

# Of each data set: the best on validation, then the best of the other kinds.
ncf knn --similarity rp3beta --neighbours 100 --alpha 0.6 --beta 0.7
ncf knn --neighbours 50 --shrink 10
ncf knn --similarity tfidf --neighbours 50
ncf knn --by user --similarity bm25 --neighbours 50
citeulike knn --similarity rp3beta --neighbours 1000 --alpha 0.4 --beta 0.1
citeulike knn --by user --similarity bm25 --neighbours 1000
citeulike knn --neighbours 1000 --shrink 10
gowalla knn --similarity rp3beta --neighbours 300 --alpha 0.6 --beta 0.2
gowalla knn --by user --similarity bm25 --neighbours 50
gowalla knn --by user --similarity tfidf --neighbours 50
gowalla knn
