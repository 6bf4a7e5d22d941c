#!/usr/bin/env bash
# What features of items bring to a sequence model, last item of each user against all items but the
# user's earlier ones: ids alone, and with features at each --id-dropout; the epoch is that of the best
# ndcg@10 on valid.tsv, whose value the second column has: by it an --id-dropout is chosen.
# Then, without GAMMAS, a tenth of the items without rows in training, for users whose last item is one of them: among
# all items, and among those alone.
#   sequence_features.sh FOLDER SEED OPTIONS...    FOLDER holds train.tsv, valid.tsv, test.tsv and
#       items.tsv; options of rec-embed sasrec, or of MODEL; the binaries are on PATH
# Environment: EPOCHS (60), PATIENCE (5), RATES (0 0.1 0.3): the values of --id-dropout; GAMMAS (): values of
#     rec-rank --gamma below 0, which lifts rare items among the best 300 of each user. They are measured for
#     valid.tsv, too, by which one is chosen
# Prints TSV: setting, ndcg@10 on valid.tsv, which users, metric, value, seconds of training.
set -euo pipefail
export LC_ALL=C
folder=$1 seed=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tab=$'\t'
known() { cat "$1"; tail -n +2 "$folder/valid.tsv"; }
# The rows of FILE whose item has at least LEAST and at most MOST rows in training.
of_counts() {  # LEAST MOST TRAIN FILE
  awk -F'\t' -v a="$1" -v b="$2" 'NR == FNR { if (FNR > 1) ++n[$2]; next } FNR == 1 || (n[$2] + 0 >= a && n[$2] + 0 <= b)' "$3" "$4"
}
fit() {  # TRAIN VALID OPTIONS...
  rec-embed "${MODEL:-sasrec}" -q -e "${EPOCHS:-60}" --patience "${PATIENCE:-5}" --seed "$seed" --valid "$2" --log "$work/log" \
    -o "$work/m.safetensors" "${@:3}" "$1"
}
best() { awk -F'\t' 'NR > 1 && $4 > best { best = $4 } END { print best }' "$work/log"; }
seconds() { awk -F'\t' 'NR > 1 { s += $2 } END { print s }' "$work/log"; }
evaluate() {  # SETTING USERS TRUTH: lists on stdin
  rec-eval -q --truth "$3" -m hit@10,ndcg@10 |
    awk -v OFS='\t' -v s="$1$tab$(best)$tab$2" -v t="$(seconds)" '$1 ~ /@/ { print s, $1, $2, t }'
}
score() {  # KNOWN TRUTH TOP
  rec-score -q -m "$work/m.safetensors" --all --top "$3" --users "$2" --history "$1" --exclude "$1"
}
measure() {  # SETTING USERS KNOWN TRUTH: ten of all items, for each gamma
  local gamma
  score "$3" "$4" 10 | evaluate "$1" "$2" "$4"
  for gamma in ${GAMMAS:-}; do
    score "$3" "$4" 300 | rec-rank -q --popularity "$3" --gamma "$gamma" --popularity-scores plain |
      evaluate "$1, gamma $gamma" "$2" "$4"
  done
}
measure_those() {  # SETTING USERS TRUTH ITEMS: ten of ITEMS
  awk -F'\t' -v OFS='\t' 'NR == FNR { item[++n] = $1; next } FNR > 1 { for (i = 1; i <= n; ++i) print $1, item[i] }' "$4" "$3" |
    rec-score -q -m "$work/m.safetensors" --history "$work/known.tsv" | rec-rank -q -k 10 | evaluate "$1" "$2" "$3"
}

printf 'setting\tvalid\tusers\tmetric\tvalue\tseconds\n'
known "$folder/train.tsv" >"$work/known.tsv"
of_counts 0 4 "$folder/train.tsv" "$folder/test.tsv" >"$work/rare.tsv"
of_counts 0 4 "$folder/train.tsv" "$folder/valid.tsv" >"$work/rare-valid.tsv"
for rate in ids ${RATES:-0 0.1 0.3}; do
  features=()
  if [[ $rate != ids ]]; then features=(--item-features "$folder/items.tsv" --id-dropout "$rate"); fi
  fit "$folder/train.tsv" "$folder/valid.tsv" "$@" "${features[@]}"
  if [[ -n ${GAMMAS:-} ]]; then
    measure "$rate" "valid.tsv" "$folder/train.tsv" "$folder/valid.tsv"
    measure "$rate" "valid.tsv, item of under 5 rows" "$folder/train.tsv" "$work/rare-valid.tsv"
  fi
  measure "$rate" all "$work/known.tsv" "$folder/test.tsv"
  measure "$rate" "last item of under 5 rows" "$work/known.tsv" "$work/rare.tsv"
done
[[ -z ${GAMMAS:-} ]] || exit 0

rec-split -q --method hash-item --test-fraction 0.1 --train "$work/train.tsv" --test "$work/out.tsv" "$folder/train.tsv"
known "$work/train.tsv" >"$work/all.tsv"
of_counts 1 1000000000 "$work/train.tsv" "$folder/valid.tsv" >"$work/valid.tsv"
of_counts 1 1000000000 "$work/out.tsv" "$folder/test.tsv" >"$work/held-out.tsv"
of_counts 1 1000000000 "$work/train.tsv" "$work/all.tsv" >"$work/known.tsv"
tail -n +2 "$work/out.tsv" | cut -f 2 | sort -u >"$work/items.tsv"
for rate in ${RATES:-0 0.1 0.3}; do
  fit "$work/train.tsv" "$work/valid.tsv" "$@" --item-features "$folder/items.tsv" --id-dropout "$rate"
  measure "$rate" "last item held out, of all items" "$work/known.tsv" "$work/held-out.tsv"
  measure_those "$rate" "last item held out, of those held out" "$work/held-out.tsv" "$work/items.tsv"
done
