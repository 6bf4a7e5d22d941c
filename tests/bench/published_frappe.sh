#!/usr/bin/env bash
# Measures fm on Frappe (apps by place and time), AUC and logloss on test, the mean and the deviation over seeds. The
# options were found on valid.tsv alone (tests/bench/results/frappe_validation.tsv); the test is read once they stand.
#   published_frappe.sh FOLDER   FOLDER holds train_reconstructed.tsv, valid.tsv and test.tsv
# SEEDS (1 2 3 4 5), THREADS (all), MODELS (*; a pattern of the models to measure). A TSV line a model. The binaries are on PATH.
set -euo pipefail
export LC_ALL=C
folder=$1
threads=${THREADS:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'model\tseeds\tauc\tdeviation\tlogloss\tdeviation\tvalid auc\tseconds\n'
fm() {  # MODEL OPTIONS...
  local model=$1 seed begin
  shift
  # shellcheck disable=SC2053
  [[ $model == ${MODELS:-*} ]] || return 0
  for seed in ${SEEDS:-1 2 3 4 5}; do
    begin=$(date +%s.%N)
    rec-embed fm -q -j "$threads" --seed "$seed" --context daytime,weekday,isweekend,homework,cost,weather,country,city "$@" \
      --valid "$folder/valid.tsv" "$folder/train_reconstructed.tsv" -o "$work/m.safetensors"
    echo "seconds $(date +%s.%N | awk -v begin="$begin" '{ print $1 - begin }')"
    rec-model info -m "$work/m.safetensors" | awk '$1 == "valid-value" { print "valid", $2 }'
    rec-score -q -j "$threads" -m "$work/m.safetensors" --labels "$folder/test.tsv" | rec-eval -q -m auc,logloss
  done | awk -v OFS='\t' -v model="$model" '
    { ++n[$1]; sum[$1] += $2; squares[$1] += $2 * $2 }
    function mean(m) { return sum[m] / n[m] }
    function deviation(m,  v) { v = n[m] > 1 ? (squares[m] - n[m] * mean(m) ^ 2) / (n[m] - 1) : 0; return sqrt(v > 0 ? v : 0) }
    END {
      print model, n["auc"], sprintf("%.5f", mean("auc")), sprintf("%.5f", deviation("auc")),
        sprintf("%.4f", mean("logloss")), sprintf("%.4f", deviation("logloss")), sprintf("%.5f", mean("valid")), sprintf("%.1f", mean("seconds"))
    }'
}
fm 'logistic regression' --dim 0 --learning-rate 0.01 --epochs 60
fm 'fm d=10' --dim 10 --reg 1e-5 --learning-rate 0.01 --epochs 60
fm 'fm d=256' --dim 256 --reg 5e-6 --learning-rate 0.02 --epochs 60
fm 'fwfm d=256' --pairwise fwfm --dim 256 --reg 5e-6 --learning-rate 0.02 --epochs 60
fm 'ffm d=32' --pairwise ffm --dim 32 --reg 5e-6 --learning-rate 0.01 --epochs 40
layers='--dropout 0.2 --learning-rate 0.001 --epochs 40'
fm 'layers 400,400,400 d=10' --dim 10 --pairwise none --no-linear --layers 400,400,400 --reg 0.05 $layers
fm 'fm and product layers 400,400 d=10' --dim 10 --layers 400,400 --product --reg 0.1 $layers
fm 'fm and product layers 400,400 d=64' --dim 64 --layers 400,400 --product --reg 0.05 $layers
