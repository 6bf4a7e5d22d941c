#!/usr/bin/env bash
# What diversity costs: ndcg@10 against the diversity of genres, on the bundled
# MovieTweetings, for lists of 10 out of each user's best 100 of an als model (d = 128,
# options as in README). For each method the setting is chosen on the validation part:
# the most diverse one that keeps at least 95 % of the plain list's ndcg@10 there; the
# table has the test part. Diversity is the mean over users and pairs of a list of 1 -
# the Jaccard similarity of the two films' genres; genres is how many a list has.
#   rerank_tradeoff.sh      the binaries are on PATH; a TSV line a method to stdout
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
data=$here/../../examples/data/movietweetings
keep=0.95
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
features=$(realpath "$data")/items.tsv
rec-split -q --method hash-row --k-core 5 --test-fraction 0.1 --valid-fraction 0.1 --train "$work/train" \
  --valid "$work/valid" --test "$work/test" "$data/interactions.tsv"
cd "$work"
rec-embed als -q --dim 128 --unobserved-weight 0.06 --reg 0.02 train -o als.safetensors
candidates() { rec-score -q -m als.safetensors --all --top 100 --users "$1" --exclude train "${@:2}" -o "$1.scores"; }
candidates valid
candidates test --exclude valid

# measure PART OPTIONS...: ndcg@10, diversity and genres of the lists.
measure() {
  local part=$1
  shift
  rec-rank -q -k 10 "$@" "$part.scores" -o list
  rec-eval -q --truth "$part" -m ndcg@10 list | awk -F '\t' -v ORS='\t' '$1 == "ndcg@10" {print $2}'
  awk -F '\t' '
    FNR == 1 {++file; next}
    file == 1 {genres[$1] = genres[$1] " " $2; next}
    $1 != user {finish(); user = $1}
    {list[n++] = $2}
    function finish(   i, j, k, a, b, words, mine, both, all, covered) {
      if (n > 1) {
        for (i = 0; i < n; ++i) {
          for (j = 0; j < i; ++j) {
            split("", mine); both = 0; all = 0
            a = split(genres[list[i]], words, " "); for (k = 1; k <= a; ++k) mine[words[k]] = 1
            b = split(genres[list[j]], words, " "); for (k = 1; k <= b; ++k) both += words[k] in mine
            all = a + b - both
            sum += 1 - (all ? both / all : 0); ++pairs
          }
          a = split(genres[list[i]], words, " "); for (k = 1; k <= a; ++k) covered[words[k]] = 1
        }
        total += sum / pairs; ++users; cover += length(covered)
      }
      n = 0; sum = 0; pairs = 0
    }
    END {finish(); printf "%.4f\t%.2f\n", total / users, cover / users}' "$features" list
}
floor=$(measure valid | awk -F '\t' -v keep=$keep '{print keep * $1}')

printf 'method\tsetting\tndcg@10\tdiversity\tgenres\n'
# method NAME SETTINGS...: each a word of options, with "," for spaces.
method() {
  local name=$1 best= most=-1 setting ndcg diversity genres
  shift
  for setting in "$@"; do
    read -r ndcg diversity genres < <(measure valid ${setting//,/ } --features "$features")
    if awk "BEGIN {exit !($ndcg >= $floor && $diversity > $most)}"; then
      most=$diversity best=$setting
    fi
  done
  if [[ -z $best ]]; then
    printf '%s\t-\t-\t-\t-\n' "$name"
  else
    printf '%s\t%s\t%s\n' "$name" "${best//,/ }" "$(measure test ${best//,/ } --features "$features")"
  fi
}
printf 'plain\t\t%s\n' "$(measure test)"
grid=(0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 0.95)
method mmr $(printf -- '--diversify,mmr,--similarity,jaccard:feature,--lambda,%s ' "${grid[@]}")
method dpp $(printf -- '--diversify,dpp,--similarity,jaccard:feature,--theta,%s ' "${grid[@]}")
method caps $(printf -- '--cap,feature=%s ' 2 3 4 5 6 7 8)
method calibration $(printf -- '--calibrate,feature,--history,train,--lambda,%s ' "${grid[@]}")
