#!/usr/bin/env bash
# Measures models by published protocols, with the options that tune_ncf.sh,
# tune_valid.sh and search_linear.sh found on validation data (tests/bench/results/).
#   published.sh FOLDER      FOLDER holds ml-1m/ncf, citeulike-a and gowalla as TSV
# A TSV line a model, seed and metric. The binaries are on PATH.
set -euo pipefail
export LC_ALL=C
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'data\tmodel\tseed\tmetric\tvalue\n'
line() { awk -v OFS='\t' -v s="$1	$2	$3" '$1 ~ /@/ { print s, $1, $2 }'; }

ncf=$folder/ml-1m/ncf
{ cut -f1,2 "$ncf/test.tsv"; tail -n +2 "$ncf/test_negatives.tsv"; } > "$work/candidates.tsv"
ncf() {  # MODEL SEED OPTIONS...: trains, ranks each test item among its 99 negatives
  local model=$1 seed=$2
  shift 2
  rec-embed "$@" -q -o "$work/m.safetensors" "$ncf/train.tsv"
  rec-score -q -m "$work/m.safetensors" "$work/candidates.tsv" | rec-rank -q -k 10 |
    rec-eval -q --truth "$ncf/test.tsv" --binary -m hit@10,ndcg@10 | line ml-1m/ncf "$model" "$seed"
}
ncf pop - pop
for seed in 1 2 3; do ncf 'als d=64' $seed als -d 64 -e 16 --unobserved-weight 0.2 --reg 0.008 --seed $seed; done
for seed in 1 2 3; do ncf 'als d=192' $seed als -d 192 -e 8 --unobserved-weight 0.4 --reg 0.007 --seed $seed; done
ncf ease - ease --neighbours 4000 --reg 2000 --dropout 0.5 --candidate-exponent -0.2
ncf 'svd d=50' 1 svd -d 50 --item-exponent 0.25

cite=$folder/citeulike-a/splits
cite() {  # MODEL SEED OPTIONS...: against all items but those of training
  local model=$1 seed=$2
  shift 2
  rec-embed "$@" -q -o "$work/m.safetensors" "$cite/P10.train.tsv"
  rec-score -q -m "$work/m.safetensors" --all --top 300 --exclude "$cite/P10.train.tsv" --users "$cite/P10.test.tsv" |
    rec-rank -q -k 300 | rec-eval -q --truth "$cite/P10.test.tsv" -m recall@50,recall@100,recall@300 | line 'citeulike-a P10' "$model" "$seed"
}
cite pop - pop
cite ease - ease --neighbours 2000 --reg 300
cite 'svd d=300, graph filter' 1 svd -d 300 --graph-filter 0.3 --neighbours 2000

gowalla=$folder/gowalla
gowalla() {  # MODEL SEED OPTIONS...: against all items but those of training
  local model=$1 seed=$2
  shift 2
  rec-embed "$@" -q -o "$work/m.safetensors" "$gowalla/train.tsv"
  rec-score -q -m "$work/m.safetensors" --all --top 20 --exclude "$gowalla/train.tsv" --users "$gowalla/test.tsv" |
    rec-rank -q -k 20 | rec-eval -q --truth "$gowalla/test.tsv" -m recall@20,ndcg@20 | line gowalla "$model" "$seed"
}
gowalla pop - pop
gowalla 'als d=64' 1 als -d 64 -e 5 --unobserved-weight 0.01 --reg 0.001
gowalla 'als d=256' 1 als -d 256 -e 9 --unobserved-weight 0.01 --reg 0.004
gowalla ease - ease --neighbours 1000 --reg 1.5 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35
gowalla 'svd d=256, graph filter' 1 svd -d 256 --graph-filter 0.3 --neighbours 4000
gowalla 'svd d=64, ridge filter' 1 svd -d 64 --ridge 1 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.5 --neighbours 16000
