#!/usr/bin/env bash
# Transfer between two generated catalogues that share half of their users: each has the items whose
# id is even (source) or odd (target). A third of the users have rows in the source alone, a third in
# both, a third in the target alone. The users' factors of als in the source are vectors of users for
# als in the target. Of the first third all rows in the target are the test: Recall@20 over all items.
#   two_domains.sh BUILD [USERS ITEMS ROWS]
# A TSV line a seed and model. The binaries are those of BUILD. The settings are chosen on a tenth of the
# users of both catalogues, whose rows in the target are held out for it.
set -euo pipefail
export LC_ALL=C
build=$(realpath "$1")
users=${2:-6000} items=${3:-4000} rows=${4:-360000}
export PATH="$build:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'seed\tmodel\tusers\tmetric\tvalue\n'

at() {  # SEED MODEL USERS TRUTH
  cut -f 1 "$4" | sort -u | rec-score -q -m "$work/m.safetensors" --all --top 20 -o "$work/scores.tsv"
  rec-eval -q --truth "$4" -m recall@20,ndcg@20 "$work/scores.tsv" |
    awk -v OFS='\t' -v s="$1$(printf '\t')$2$(printf '\t')$3" '$1 ~ /@/ { print s, $1, $2 }'
}
train() { rec-embed als -q -d 64 -e 10 -o "$work/m.safetensors" "${@:2}" "$1"; }  # ROWS OPTIONS...

for seed in 1 2 3; do
  "$build/tests/bench_generate" interactions --users $((users * 3 / 2)) --items "$items" --rows "$rows" --tastes 32 --seed "$seed" -o "$work/all.tsv"
  awk -F'\t' -v OFS='\t' -v third=$((users / 2)) -v to="$work" '
    { target = $2 % 2; group = int(($1 - 1) / third) }  # 0: source alone, 1: both, 2: target alone
    !target && group < 2 { print $1, $2 >(to "/source.tsv") }
    target && group == 0 { print $1, $2 >(to "/test.tsv") }
    target && group > 0 { print $1, $2 >(to "/target.tsv") }
    target && group > 0 && !(group == 1 && $1 % 10 == 0) { print $1, $2 >(to "/fit.tsv") }
    target && group == 1 && $1 % 10 == 0 { print $1, $2 >(to "/valid.tsv") }' "$work/all.tsv"
  rec-embed als -q -d 64 -e 10 -o "$work/source.safetensors" "$work/source.tsv"
  if [[ $seed == 1 ]]; then
    best=0
    for reg in 0.003 0.01 0.03; do
      for r in 0.1 1 10; do
        options="--reg $reg --feature-reg $r"
        # shellcheck disable=SC2086
        train "$work/fit.tsv" $options --user-vectors source="$work/source.safetensors"
        value=$(at "$seed" als new "$work/valid.tsv" | awk '$4 == "recall@20" { print $5 }')
        if awk -v a="$value" -v b="$best" 'BEGIN { exit !(a > b) }'; then best=$value setting=$options; fi
      done
    done
  fi
  rec-embed pop -q -o "$work/m.safetensors" "$work/target.tsv"
  at "$seed" pop new "$work/test.tsv"
  # shellcheck disable=SC2086
  train "$work/target.tsv" $setting --user-vectors source="$work/source.safetensors"
  at "$seed" "als $setting --user-vectors" new "$work/test.tsv"
done
