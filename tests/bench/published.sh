#!/usr/bin/env bash
# Measures models by published protocols, with the options that tune_ncf.sh,
# tune_valid.sh, search_linear.sh and search_als.sh found on validation data (tests/bench/results/).
#   published.sh FOLDER      FOLDER holds ml-1m/ncf, citeulike-a and gowalla as TSV
# A TSV line a model, seed and metric. The binaries are on PATH.
source "$(dirname "$0")/protocols.sh"
printf 'data\tmodel\tseed\tmetric\tvalue\n'
# MODEL SEED OPTIONS...
ncf() { measure_ncf "$1$tab$2" "${@:3}"; }
cite() { measure_citeulike "$1$tab$2" "${@:3}"; }
gowalla() { measure_gowalla "$1$tab$2" "${@:3}"; }

ncf pop - pop
for seed in 1 2 3; do ncf 'als d=64' $seed als -d 64 -e 16 --unobserved-weight 0.2 --reg 0.008 --seed $seed; done
for seed in 1 2 3; do ncf 'als d=192' $seed als -d 192 -e 8 --unobserved-weight 0.4 --reg 0.007 --seed $seed; done
ncf ease - ease --neighbours 4000 --reg 2000 --dropout 0.5 --candidate-exponent -0.2
ncf 'svd d=50' 1 svd -d 50 --item-exponent 0.25

cite pop - pop
for seed in 1 2 3; do cite 'als d=256' $seed als -d 256 -e 16 --unobserved-weight 0.003 --reg 0.03 --seed $seed; done
cite ease - ease --neighbours 2000 --reg 300
cite 'svd d=300, graph filter' 1 svd -d 300 --graph-filter 0.3 --neighbours 2000

gowalla pop - pop
gowalla 'als d=64' 1 als -d 64 -e 5 --unobserved-weight 0.01 --reg 0.001
gowalla 'als d=256' 1 als -d 256 -e 9 --unobserved-weight 0.01 --reg 0.004
gowalla ease - ease --neighbours 1000 --reg 1.5 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35
gowalla 'svd d=256, graph filter' 1 svd -d 256 --graph-filter 0.3 --neighbours 4000
gowalla 'svd d=64, ridge filter' 1 svd -d 64 --ridge 1 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.5 --neighbours 16000
