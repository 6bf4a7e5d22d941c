#!/bin/bash
# Usage: nightly.sh INTERACTIONS FOLDER [CONDITION]
# What cron runs: trains a model on the log of interactions, measures it on
# held-out rows, and only where CONDITION holds (default ndcg@10>=0.05) puts model
# and recommendations in place in FOLDER. Yesterday's stay where it does not.
#
#   17 3 * * *  nightly.sh /var/lib/shop/log.tsv /var/lib/shop/rec 'ndcg@10>=0.10'
#
# Quiet: cron sends mail only about errors. Each run that gets the lock adds a
# line to FOLDER/nightly.log: time, outcome, metric, seconds.
# Exit status: 0 done; 3 the condition does not hold, nothing replaced;
# 75 another run holds the lock; else that of the command that failed.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$(dirname "$here")/build:$PATH
if (( $# < 2 || $# > 3 )); then
  echo "usage: nightly.sh INTERACTIONS FOLDER [CONDITION]" >&2
  exit 2
fi
log=$1
folder=$2
condition=${3:-ndcg@10>=0.05}

mkdir -p "$folder"
exec 9>"$folder/.lock"
flock -n 9 || exit 75

outcome=failed metric=-
work=$(mktemp -d "$folder/.work.XXXXXX")
finish() {
  printf '%(%Y-%m-%dT%H:%M:%S%z)T\t%s\t%s\t%ss\n' -1 "$outcome" "$metric" "$SECONDS" >>"$folder/nightly.log"
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Hold out a tenth for the gate and a tenth for early stopping.
rec-split -q --method hash-row --k-core 5 --test-fraction 0.1 --valid-fraction 0.1 \
  --train "$work/train.tsv" --valid "$work/valid.tsv" --test "$work/test.tsv" "$log"
rec-embed als -q -d 64 --unobserved-weight 0.06 --reg 0.02 --valid "$work/valid.tsv" "$work/train.tsv" \
  -o "$work/model.safetensors"

# The gate. rec-eval writes the metrics whether or not the condition holds.
status=0
rec-score -q -m "$work/model.safetensors" --all --top 10 --users "$work/test.tsv" \
  --exclude "$work/train.tsv" --exclude "$work/valid.tsv" |
  rec-eval -q --truth "$work/test.tsv" --require "$condition" -o "$work/metrics.tsv" 2>"$work/why" || status=$?
[[ ! -e $work/metrics.tsv ]] || metric=$(awk 'NR == 2 {print $1 "=" $2}' "$work/metrics.tsv")
if (( status == 3 )); then
  outcome=kept-old
  cat "$work/why" >&2
  exit 3
elif (( status != 0 )); then
  cat "$work/why" >&2
  exit "$status"
fi

# Ten recommendations for every user of the log. A pipeline's last command cannot
# know that an earlier one failed: so into the work folder first, and in place by
# renaming once all went well (pipefail).
rec-score -q -m "$work/model.safetensors" --all --top 10 --users "$log" --exclude "$log" |
  rec-rank -q -k 10 -o "$work/recommendations.tsv"
for file in model.safetensors recommendations.tsv metrics.tsv; do
  mv -f "$work/$file" "$folder/$file"
done
outcome=replaced
