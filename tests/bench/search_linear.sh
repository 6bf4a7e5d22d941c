#!/usr/bin/env bash
# The search behind the options that published.sh gives to ease and svd.
#   search_linear.sh FOLDER [DATA]...     FOLDER holds ml-1m, ml-1m/ncf, citeulike-a and
#                                         gowalla as TSV; DATA: ncf, citeulike, gowalla,
#                                         gowalla_random
# All from validation data: of ml-1m/ncf each user's last training row in time against
# 99 sampled items, of citeulike-a a tenth of P10's training rows, of gowalla as said below.
# Logs: tests/bench/results/search_linear_*.tsv, whose times are of a busy machine. The binaries are on PATH.
source "$(dirname "$0")/protocols.sh"

ncf() {
  {
    for dropout in 0 0.2 0.33 0.5 0.7; do for reg in 500 1000 2000; do echo "ease --neighbours 4000 --reg $reg --dropout $dropout"; done; done
    for dropout in 0.2 0.33 0.5; do for q in -0.1 -0.2 -0.3; do for reg in 500 1000 2000; do echo "ease --neighbours 4000 --reg $reg --dropout $dropout --candidate-exponent $q"; done; done; done
    for p in -0.1 0.1; do echo "ease --neighbours 4000 --reg 1000 --dropout 0.33 --candidate-exponent -0.2 --history-exponent $p"; done
    echo "ease --neighbours 4000 --reg 300 --dropout 0.5 --user-exponent 0.1"
    echo "ease --neighbours 4000 --reg 100 --dropout 0.5 --item-exponent 0.2"
    for dim in 20 50; do for exponent in 0 0.25; do echo "svd --pure -d $dim --item-exponent $exponent"; done; done
    for weight in 0 0.3; do echo "svd -d 100 --graph-filter $weight --neighbours 2000"; done
    for ridge in 0.1 0.5 2; do echo "svd -d 500 --ridge $ridge --neighbours 2000"; done
  } | search_ncf
}

citeulike() {
  {
    for reg in 3 10 30 100 300 1000; do echo "ease --neighbours 2000 --reg $reg"; done
    echo "ease --neighbours 2000 --reg 3 --user-exponent 0.25"
    for dim in 100 300; do for exponent in 0 0.5; do echo "svd --pure -d $dim --item-exponent $exponent"; done; done
    for weight in 0 0.3; do for sharpen in 0 0.5; do echo "svd -d 300 --graph-filter $weight --sharpen $sharpen --neighbours 2000"; done; done
    for ridge in 0.03 0.1 0.3; do echo "svd -d 500 --ridge $ridge --neighbours 2000"; done
  } | search_citeulike
}

# Its test rows continue the users' lists, valid.tsv is a random part of them: what is
# best there is not best on a continuation, which is what `gowalla` holds out, from the
# order of train.tsv alone (which is train_minus_valid.tsv with valid.tsv).
gowalla() {
  rec-split -q --method user-time --order input --test-fraction 0.2 --train "$work/fit.tsv" --test "$work/valid.tsv" "$folder/gowalla/train.tsv"
  local filter="svd -d 768 --graph-filter 0.2 --neighbours 2000"
  {
    echo "svd -d 256 --graph-filter 0.3 --neighbours 4000"
    echo "svd -d 64 --ridge 1 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.5 --neighbours 16000"
    for s in 0 0.5 1; do echo "$filter --sharpen $s --user-exponent 0.5 --item-exponent 0.5"; done
    for s in 0 0.5 0.7 0.9 1 1.1; do echo "$filter --sharpen $s --user-exponent 0.28 --item-exponent 0.42"; done
    for a in 0.2 0.25 0.3; do for b in 0.35 0.4 0.45; do echo "$filter --sharpen 1 --user-exponent $a --item-exponent $b"; done; done
    for w in 0.15 0.25; do echo "svd -d 768 --graph-filter $w --neighbours 2000 --sharpen 1 --user-exponent 0.28 --item-exponent 0.42"; done
    for dim in 448 640 1024; do echo "svd -d $dim --graph-filter 0.2 --neighbours 2000 --sharpen 1 --user-exponent 0.28 --item-exponent 0.42"; done
    echo "svd -d 768 --graph-filter 0.2 --neighbours 1000 --sharpen 1 --user-exponent 0.28 --item-exponent 0.42"
  } | "$here/search.sh" "$work/fit.tsv" "$work/valid.tsv"
}

gowalla_random() {  # the settings of ease among them take minutes each
  search_gowalla <<'END'
svd -d 256 --ridge 0.25 --history-exponent 0.15 --candidate-exponent 0.35 --neighbours 1000
svd -d 512 --ridge 0.4 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 1000
svd -d 256 --ridge 0.4 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 1000
svd -d 64 --ridge 0.4 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 256 --ridge 0.3 --user-exponent 0.4 --item-exponent 0.5 --history-exponent 0.15 --candidate-exponent 0.35 --neighbours 1000
svd -d 256 --ridge 0.4 --history-exponent 0.15 --candidate-exponent 0.4 --neighbours 1000
svd -d 128 --ridge 0.4 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 1000
svd -d 256 --ridge 0.7 --history-exponent 0.15 --candidate-exponent 0.4 --neighbours 1000
svd -d 128 --ridge 0.6 --history-exponent 0.15 --candidate-exponent 0.4 --neighbours 4000
svd -d 128 --ridge 0.4 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 128 --ridge 0.4 --history-exponent 0.15 --candidate-exponent 0.4 --neighbours 4000
svd -d 128 --ridge 0.3 --history-exponent 0.15 --candidate-exponent 0.4 --neighbours 4000
svd -d 256 --ridge 0.4 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 256 --ridge 0.8 --user-exponent 0.4 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 128 --ridge 0.4 --user-exponent 0.4 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 256 --ridge 0.4 --user-exponent 0.4 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
ease --reg 1.5 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 1000
svd -d 256 --ridge 0.8 --user-exponent 0.3 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.25 --neighbours 4000
svd -d 256 --ridge 3 --user-exponent 0.1 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 256 --ridge 1.5 --user-exponent 0.3 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 256 --ridge 0.8 --user-exponent 0.3 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 256 --ridge 1.5 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.15 --candidate-exponent 0.4 --neighbours 4000
svd -d 256 --ridge 1.5 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 512 --ridge 1.5 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 256 --ridge 1 --user-exponent 0.2 --item-exponent 0.5 --history-exponent 0.1 --candidate-exponent 0.35 --neighbours 4000
svd -d 512 --ridge 1 --user-exponent 0.15 --item-exponent 0.5 --history-exponent 0.15 --candidate-exponent 0.4 --neighbours 4000
END
}

(( $# )) || set -- ncf citeulike gowalla
for data in "$@"; do
  printf '# %s\n' "$data"
  "$data"
done
