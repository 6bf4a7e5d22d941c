#!/usr/bin/env bash
# What rec-embed fm --calibrate brings on Frappe: every second row of valid.tsv chooses the epoch and fits the calibration,
# the others measure it. test.tsv is not read.
#   calibration.sh FOLDER   FOLDER holds train_reconstructed.tsv and valid.tsv
# SEEDS (1 2 3), THREADS (all). A TSV line a model and calibration, means over the seeds. The binaries are on PATH.
set -euo pipefail
export LC_ALL=C
folder=$1
threads=${THREADS:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for half in 0 1; do awk -v half=$half 'NR == 1 || NR % 2 == half' "$folder/valid.tsv" >"$work/half$half.tsv"; done
printf 'model\tseeds\tcalibration\tlogloss\tece\tcalibration ratio\tauc\n'
fm() {  # MODEL LOGISTIC OPTIONS...
  local model=$1 logistic=$2 seed kind predictor
  shift 2
  for seed in ${SEEDS:-1 2 3}; do
    for kind in none platt isotonic; do
      rec-embed fm -q -j "$threads" --seed "$seed" --context daytime,weekday,isweekend,homework,cost,weather,country,city "$@" \
        --checkpoint "$work/checkpoint$seed" --resume --valid "$work/half0.tsv" \
        $([[ $kind == none ]] || echo --calibrate $kind) "$folder/train_reconstructed.tsv" -o "$work/m.safetensors"
      predictor=$([[ $kind == none ]] && echo "$logistic" || echo calibrated)
      rec-score -q -j "$threads" -m "$work/m.safetensors" --predictor "$predictor" --labels "$work/half1.tsv" |
        rec-eval -q -m logloss,ece,calibration,auc | sed "s/^/$kind\t/"
    done
    rm "$work/checkpoint$seed"
  done | awk -F'\t' -v OFS='\t' -v model="$model" '
    { sum[$1, $2] += $3; ++n[$1, $2] }
    END {
      split("none platt isotonic", kinds, " ")
      for (k = 1; k <= 3; ++k)
        print model, n[kinds[k], "auc"], kinds[k], sprintf("%.4f", sum[kinds[k], "logloss"] / n[kinds[k], "logloss"]),
          sprintf("%.4f", sum[kinds[k], "ece"] / n[kinds[k], "ece"]),
          sprintf("%.3f", sum[kinds[k], "calibration"] / n[kinds[k], "calibration"]),
          sprintf("%.5f", sum[kinds[k], "auc"] / n[kinds[k], "auc"])
    }'
}
fm 'logistic regression' logistic --dim 0 --learning-rate 0.01 --epochs 60
fm 'fm d=10' logistic --dim 10 --reg 1e-5 --learning-rate 0.01 --epochs 60
fm 'fm d=256' logistic --dim 256 --reg 5e-6 --learning-rate 0.02 --epochs 60
fm 'layers 400,400,400 d=10' fm-logistic --dim 10 --pairwise none --no-linear --layers 400,400,400 --reg 0.05 \
  --dropout 0.2 --learning-rate 0.001 --epochs 40
