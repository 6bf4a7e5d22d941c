#!/usr/bin/env bash
# rec-embed neural, attention by attention, on the bundled MovieTweetings: each user's
# last item is the test, the last but one the validation. Per attention function the
# setting that is best on validation is trained on both for as many epochs and tested
# once, for three seeds; then the winner's robustness: adversarial training, and a
# share of the training pairs replaced by random ones (label noise).
#   ablation_neural.sh INTERACTIONS [THREADS]      the binaries are on PATH
# TSV on stdout: what, setting, valid ndcg@10, test hit@10, test ndcg@10 (mean over the
# seeds), the greatest difference of two seeds' ndcg@10, seconds of training.
set -euo pipefail
export LC_ALL=C
interactions=$(realpath "$1") threads=${2:-0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
rec-split -q --method leave-one-out --k-core 5 --train both.tsv --test test.tsv "$interactions"
rec-split -q --method leave-one-out --train train.tsv --test valid.tsv both.tsv
base="neural -q -j $threads --batch 512 --learning-rate 0.01 --init-std 1"

# fit TRAIN OPTIONS...: epochs and the metric of the best one, by validation.
fit() {
  local train=$1
  shift
  rec-embed $base -e 40 --valid valid.tsv --log log.tsv -o m.safetensors "$@" "$train"
  tail -n +2 log.tsv | sort -t "$(printf '\t')" -k4,4gr -k1,1n | awk 'NR == 1 {print $1, $4}'
}
# row WHAT VALID EPOCHS TRAIN OPTIONS...: trained for three seeds and tested.
row() {
  local what=$1 valid=$2 epochs=$3 train=$4 seed start=$EPOCHREALTIME
  shift 4
  for seed in 1 2 3; do
    rec-embed $base -e "$epochs" --seed "$seed" -o "m$seed.safetensors" "$@" "$train"
  done
  local end=$EPOCHREALTIME
  for seed in 1 2 3; do
    rec-score -q -m "m$seed.safetensors" --all --top 10 --exclude both.tsv --users test.tsv | rec-rank -q -k 10 |
      rec-eval -q --truth test.tsv --binary -m hit@10,ndcg@10
  done | awk -v OFS='\t' -v what="$what" -v setting="$* -e $epochs" -v valid="$valid" -v start="$start" -v end="$end" '
    $1 == "hit@10" {hit += $2 / 3}
    $1 == "ndcg@10" {ndcg += $2 / 3; if (!n++ || $2 < low) low = $2; if ($2 > high) high = $2}
    END {printf "%s\t%s\t%.4f\t%.4f\t%.4f\t%.4f\t%.1f\n", what, setting, valid, hit, ndcg, high - low, (end - start) / 3}'
}
# best WHAT OPTIONS...: searches dropout and regularisation, then tests the best.
best() {
  local what=$1 found="" settings setting
  shift
  for dropout in 0.2 0.5; do
    for reg in 0 0.0001 0.001; do
      setting="$* --dropout $dropout --weight-decay $reg"
      found+="$(fit train.tsv $setting) $setting"$'\n'
    done
  done
  read -r epochs valid settings < <(sort -k2,2gr <<<"$found")
  row "$what" "$valid" "$epochs" both.tsv $settings
}

printf 'what\tsetting\tvalid_ndcg@10\ttest_hit@10\ttest_ndcg@10\tspread\tseconds\n'
best dot --attention dot | tee table
best scaled --attention scaled | tee -a table
best cosine --attention cosine -t 0.1 | tee -a table
best bilinear --attention bilinear | tee -a table
best additive --attention additive --negatives 32 | tee -a table
best multi-head --attention multi-head | tee -a table

# The winner on validation, and what disturbs it.
read -r _ winner < <(sort -t "$(printf '\t')" -k3,3gr table | cut -f1,2)
winner=${winner% -e *}
for eps in 0.01 0.03 0.1 0.5; do
  read -r epochs valid < <(fit train.tsv $winner --adversarial $eps)
  row "adversarial $eps" "$valid" "$epochs" both.tsv $winner --adversarial $eps
done
# noisy PERCENT FILE: that share of the rows get an item of another row.
noisy() {
  perl -e 'srand(1); $p = shift; $_ = <>; print; @r = map {chomp; [split /\t/]} <>;
           for (@r) {$_->[1] = $r[rand @r][1] if rand(100) < $p} print join("\t", @$_), "\n" for @r' "$1" "$2"
}
for percent in 10 30; do
  noisy $percent train.tsv >train.noisy.tsv
  noisy $percent both.tsv >both.noisy.tsv
  for eps in 0 0.03 0.1; do
    read -r epochs valid < <(fit train.noisy.tsv $winner --adversarial $eps)
    row "noise $percent %, adversarial $eps" "$valid" "$epochs" both.noisy.tsv $winner --adversarial $eps
  done
done
