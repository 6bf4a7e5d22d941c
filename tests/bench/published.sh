#!/usr/bin/env bash
# Measures models by published protocols, with the options that tune_valid.sh,
# search_linear.sh and search_als.sh found on validation data (tests/bench/results/).
#   published.sh FOLDER [REGEX]    FOLDER holds ml-1m/ncf, citeulike-a and gowalla as
#                                  TSV; REGEX: those models alone, as in "^ncf als"
# A TSV line a model, seed and metric. The binaries are on PATH.
source "$(dirname "$0")/protocols.sh"
printf 'data\tmodel\tseed\tmetric\tvalue\n'
# MODEL SEED OPTIONS...
only=${1:-.}
asked() { [[ "${FUNCNAME[1]} $1" =~ $only ]]; }
ncf() { if asked "$1"; then measure_ncf "$1$tab$2" "${@:3}"; fi; }
cite() { if asked "$1"; then measure_citeulike "$1$tab$2" "${@:3}"; fi; }
gowalla() { if asked "$1"; then measure_gowalla "$1$tab$2" "${@:3}"; fi; }

ncf pop - pop
for seed in 1 2 3; do ncf 'als d=64' $seed als -d 64 -e 16 --unobserved-weight 0.3 --reg 0.005 --seed $seed; done
for seed in 1 2 3; do ncf 'als d=192' $seed als -d 192 -e 8 --unobserved-weight 0.35 --reg 0.006 --seed $seed; done
ncf ease - ease --neighbours 4000 --reg 1000 --dropout 0.33 --candidate-exponent -0.2 --history-exponent -0.1
ncf 'svd d=50' 1 svd --pure -d 50 --item-exponent 0.25

cite pop - pop
for seed in 1 2 3; do cite 'als d=128' $seed als -d 128 -e 16 --unobserved-weight 0.001 --reg 0.015 --init-power-iterations 2 --seed $seed; done
cite ease - ease --neighbours 2000 --reg 300
cite 'svd d=300, graph filter' 1 svd -d 300 --graph-filter 0.3 --neighbours 2000

gowalla pop - pop
gowalla 'als d=64' 1 als -d 64 -e 5 --unobserved-weight 0.01 --reg 0.001
gowalla 'als d=256' 1 als -d 256 -e 9 --unobserved-weight 0.01 --reg 0.004
gowalla ease - ease --neighbours 1000 --reg 1.5 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35
gowalla 'svd d=768, graph filter, sharpened' 1 svd -d 768 --graph-filter 0.2 --user-exponent 0.28 --item-exponent 0.42 --neighbours 2000 --sharpen 1
gowalla 'svd d=256, graph filter' 1 svd -d 256 --graph-filter 0.3 --neighbours 4000
gowalla 'svd d=64, ridge filter' 1 svd -d 64 --ridge 1 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.5 --neighbours 16000
