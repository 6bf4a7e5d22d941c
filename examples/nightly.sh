#!/bin/bash
# Usage: nightly.sh [-c MAP] [-m METRIC] [-d DIFFERENCE] INTERACTIONS FOLDER [CONDITION [MODEL [OPTION...]]]
# What cron runs: trains a model on the log of interactions, measures it on
# held-out rows, and only where it passes the gate puts model and recommendations in
# place in FOLDER. Yesterday's stay where it does not.
#
#   17 3 * * *  nightly.sh /var/lib/shop/log.tsv /var/lib/shop/rec 'ndcg@10>=0.10' als -d 128
#
# The gate: CONDITION holds (default ndcg@10>=0.05) and, where there is a model of the
# night before, METRIC (-m, default ndcg@10) is not below that of the old model by more
# than DIFFERENCE (-d, default 0.01) on the same held-out rows. The old model may have
# seen some of these rows in its training, which is in its favour.
# MODEL and its options are those of rec-embed (default: als -d 64
# --unobserved-weight 0.06 --reg 0.02 --valid VALID); the word VALID stands for the file
# of rows held out for early stopping. -c MAP is --columns of the log.
#
# Quiet: cron sends mail only about errors. Each run that gets the lock adds a
# line to FOLDER/nightly.log: time, outcome, metric, seconds.
# Exit status: 0 done; 3 the gate does not hold, nothing replaced;
# 75 another run holds the lock; else that of the command that failed.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$(dirname "$here")/build:$PATH
usage() {
  echo "usage: nightly.sh [-c MAP] [-m METRIC] [-d DIFFERENCE] INTERACTIONS FOLDER [CONDITION [MODEL [OPTION...]]]" >&2
  exit 2
}
columns=() watched=ndcg@10 difference=0.01
while getopts c:m:d: option; do
  case $option in
    c) columns=(--columns "$OPTARG") ;;
    m) watched=$OPTARG ;;
    d) difference=$OPTARG ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
(( $# >= 2 )) || usage
log=$1
folder=$2
condition=${3:-ndcg@10>=0.05}
shift $(($# < 3 ? $# : 3))
model=("$@")
(( ${#model[@]} )) || model=(als -d 64 --unobserved-weight 0.06 --reg 0.02 --valid VALID)

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
for at in "${!model[@]}"; do
  [[ ${model[at]} != VALID ]] || model[at]=$work/valid.tsv
done

# With a map: the log once more, under the names of the tables, which all later steps read.
if (( ${#columns[@]} )); then
  rec-split -q --method hash-row --test-fraction 0.0001 --allow-empty "${columns[@]}" --header always \
    --train "$work/log.tsv" --test "$work/rest.tsv" "$log"
  tail -n +2 "$work/rest.tsv" >>"$work/log.tsv"
  log=$work/log.tsv
fi

# Hold out a tenth for the gate and a tenth for early stopping.
rec-split -q --method hash-row --k-core 5 --test-fraction 0.1 --valid-fraction 0.1 \
  --train "$work/train.tsv" --valid "$work/valid.tsv" --test "$work/test.tsv" "$log"
rec-embed "${model[0]}" -q "${model[@]:1}" "$work/train.tsv" -o "$work/model.safetensors"

# Models such as sasrec keep no users: they get the histories.
keeps_users() { rec-model info "$1" | awk -F '\t' '$1 == "users" {exit $2 == 0}'; }
# lists MODEL: ten items for each user of the test.
lists() {
  local history=()
  keeps_users "$1" || history=(--history "$work/known.tsv")
  rec-score -q -m "$1" --all --top 10 --users "$work/test.tsv" "${history[@]}" --exclude "$work/train.tsv" --exclude "$work/valid.tsv"
}
# gate OPTION...: an evaluation of the new lists with a condition; it writes its table
# whether or not the condition holds.
gate() {
  local status=0
  rec-eval -q --truth "$work/test.tsv" "$@" 2>"$work/why" || status=$?
  [[ ! -s $work/metrics.tsv ]] || metric=$(awk -v name="$watched" '$1 == name {print $1 "=" $2}' "$work/metrics.tsv")
  (( status )) || return 0
  cat "$work/why" >&2
  (( status != 3 )) || outcome=kept-old
  exit "$status"
}
# The rows but those of the test, with one header at most.
rec-split -q --method none --train "$work/known.tsv" "$work/train.tsv" "$work/valid.tsv"
lists "$work/model.safetensors" >"$work/new.tsv"
gate -m "$watched" --require "$condition" -o "$work/metrics.tsv" "$work/new.tsv"
if [[ -s $folder/model.safetensors ]]; then
  lists "$folder/model.safetensors" >"$work/old.tsv"
  gate -m "$watched" --compare "$work/new.tsv" --require "$watched.difference>=-$difference" \
    -o "$work/difference.tsv" "$work/old.tsv"
fi

# Ten recommendations for every user of the log. A pipeline's last command cannot
# know that an earlier one failed: so into the work folder first, and in place by
# renaming once all went well (pipefail).
history=()
keeps_users "$work/model.safetensors" || history=(--history "$log")
rec-score -q -m "$work/model.safetensors" --all --top 10 --users "$log" "${history[@]}" --exclude "$log" |
  rec-rank -q -k 10 -o "$work/recommendations.tsv"
for file in model.safetensors recommendations.tsv metrics.tsv; do
  mv -f "$work/$file" "$folder/$file"
done
outcome=replaced
