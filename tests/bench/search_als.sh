#!/usr/bin/env bash
# The search behind the options that published.sh gives to als on citeulike-a.
#   search_als.sh FOLDER     FOLDER holds citeulike-a as TSV
# From the same validation data as search_linear.sh; log:
# tests/bench/results/search_als_citeulike.tsv, whose times are of a busy machine.
# (ml-1m/ncf: tune_ncf.sh; gowalla: tune_valid.sh.) The binaries are on PATH.
source "$(dirname "$0")/protocols.sh"

{
  for dim in 64 128 256; do
    for unobserved in 0.001 0.003 0.01; do
      for reg in 0.01 0.03 0.06; do echo "als -d $dim -e 16 --unobserved-weight $unobserved --reg $reg"; done
    done
  done
  for reg in 0.06 0.1; do echo "als -d 256 -e 16 --unobserved-weight 0.0003 --reg $reg"; done
  echo "als -d 256 -e 16 --unobserved-weight 0.001 --reg 0.1 --reg-exponent 0.5"
  for reg in 0.2 0.1; do echo "als -d 256 -e 16 --unobserved-weight 0.003 --reg $reg --reg-exponent 0.5"; done
  echo "als -d 256 -e 16 --unobserved-weight 0.003 --reg 0.02 --reg-exponent 1.25"
  echo "als -d 512 -e 16 --unobserved-weight 0.003 --reg 0.03"
  for epochs in 32 8; do echo "als -d 256 -e $epochs --unobserved-weight 0.003 --reg 0.03"; done
} | search_citeulike
