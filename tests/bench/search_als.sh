#!/usr/bin/env bash
# The search behind the options that published.sh gives to als.
#   search_als.sh FOLDER [DATA]...     FOLDER holds ml-1m, ml-1m/ncf and citeulike-a
#                                      as TSV; DATA: ncf, citeulike
# ncf: from the same validation data as search_linear.sh; citeulike: as said below. Logs:
# tests/bench/results/search_als_*.tsv, whose times are of a busy machine.
# (gowalla: tune_valid.sh.) The binaries are on PATH.
source "$(dirname "$0")/protocols.sh"

ncf() {
  {
    for unobserved in 0.1 0.2 0.3 0.4; do for reg in 0.003 0.005 0.008 0.012; do echo "als -d 64 -e 16 --unobserved-weight $unobserved --reg $reg"; done; done
    for unobserved in 0.2 0.3 0.35 0.4 0.5; do for reg in 0.004 0.005 0.006 0.007 0.008; do echo "als -d 192 -e 8 --unobserved-weight $unobserved --reg $reg"; done; done
    for epochs in 5 16; do echo "als -d 192 -e $epochs --unobserved-weight 0.35 --reg 0.006"; done
  } | search_ncf
}

# P10's training rows are each user's ten items of the lowest ids, its test rows those
# above them: held out is the last of the ten, in that order. (The last three or five
# want more regularisation, which is too much for ten.) Chosen by recall@300, the column
# that was short of the published one, and of the best four by its mean over five seeds.
citeulike() {
  rec-split -q --method user-time --order input --test-fraction 0.1 --train "$work/fit.tsv" --test "$work/valid.tsv" "$P10.train.tsv"
  {
    for unobserved in 0.001 0.003 0.006; do
      for reg in 0.01 0.015 0.02 0.025 0.03; do echo "als -d 128 -e 16 --unobserved-weight $unobserved --reg $reg --init-power-iterations 2"; done
    done
    for dim in 64 256; do for unobserved in 0.001 0.003; do for reg in 0.015 0.02; do echo "als -d $dim -e 16 --unobserved-weight $unobserved --reg $reg --init-power-iterations 2"; done; done; done
    for passes in 0 1; do echo "als -d 128 -e 16 --unobserved-weight 0.001 --reg 0.015 --init-power-iterations $passes"; done
    echo "als -d 128 -e 16 --unobserved-weight 0.003 --reg 0.1 --reg-exponent 0.5"
    echo "als -d 128 -e 16 --unobserved-weight 0.003 --reg 0.5 --reg-exponent 0"
    for seed in 1 2 3 4 5; do
      for dim in 128 192 256; do echo "als -d $dim -e 16 --unobserved-weight 0.001 --reg 0.015 --init-power-iterations 2 --seed $seed"; done
      echo "als -d 256 -e 16 --unobserved-weight 0.001 --reg 0.02 --init-power-iterations 2 --seed $seed"
    done
  } | "$here/search.sh" -m recall@50,recall@100,recall@300 "$work/fit.tsv" "$work/valid.tsv"
}

(( $# )) || set -- ncf citeulike
for data in "$@"; do
  printf '# %s\n' "$data"
  "$data"
done
