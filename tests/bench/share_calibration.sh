#!/usr/bin/env bash
# Attention shares as probabilities: how well the α of a model's whole catalogue tell
# the test items.
#   share_calibration.sh MODEL HISTORY TEST [USERS]     the binaries are on PATH
# HISTORY: what the model is given of the users and leaves out of their candidates;
# USERS (500): how many users of TEST. TEMPERATURE (1): that of the shares, to be chosen on
# validation data. Prints the metrics of the predictions α (label:
# whether the item is the user's test item), for the model and for equal shares; and
# the mean of -ln α of the test items, in nats, with its perplexity beside the number of
# items.
set -euo pipefail
export LC_ALL=C
model=$1 history=$2 test=$3 users=${4:-500}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -n $((users + 1)) "$test" >"$work/test.tsv"
items=$(tail -n +2 "$history" | cut -f 2 | sort -u | wc -l)
rec-attend -q -m "$model" -t "${TEMPERATURE:-1}" --all --top "$items" --users "$work/test.tsv" --history "$history" --exclude "$history" >"$work/shares.tsv"
awk -F'\t' -v OFS='\t' 'NR == FNR { truth[$1 FS $2]; next } FNR > 1 { print (($1 FS $2) in truth) ? 1 : 0, $3, 1, $1 }' \
  "$work/test.tsv" "$work/shares.tsv" >"$work/predictions.tsv"
printf 'shares\tmetric\tvalue\n'
rec-eval -q -m logloss,calibration,ece,auc "$work/predictions.tsv" | awk -F'\t' -v OFS='\t' '/^(logloss|calibration|ece|auc)\t/ { print "model", $1, $2 }'
awk -F'\t' -v OFS='\t' '{ n[$4]++; l[NR] = $1; u[NR] = $4 } END { for (r = 1; r <= NR; r++) print l[r], 1 / n[u[r]], 1, u[r] }' "$work/predictions.tsv" |
  rec-eval -q -m logloss,calibration,ece,auc - | awk -F'\t' -v OFS='\t' '/^(logloss|calibration|ece|auc)\t/ { print "equal", $1, $2 }'
awk -F'\t' -v OFS='\t' '$1 == 1 { s -= log($2 > 1e-30 ? $2 : 1e-30); n++ } END { print "model", "-ln share of the test item", s / n; print "model", "perplexity", exp(s / n); print "model", "users", n }' "$work/predictions.tsv"
echo "equal	perplexity	$items"
