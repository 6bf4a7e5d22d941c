#!/bin/bash
# Usage: evaluate.sh [RANKING TRUTH]
# Evaluates any ranking, from whatever program: TSV with the columns user, item
# and score or rank. Without arguments it makes both: popularity against held-out
# ratings. Shows the commands; needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$(dirname "$here")/build:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if (( $# == 2 )); then
  ranking=$(realpath "$1") truth=$(realpath "$2")
elif (( $# == 0 )); then
  data=$here/data/movietweetings
  ranking=$work/ranking.tsv truth=$work/test.tsv
  rec-split -q --method leave-one-out --train "$work/train.tsv" --test "$truth" "$data/interactions.tsv"
  rec-embed pop -q "$work/train.tsv" |
    rec-score -q -m - --all --top 10 --users "$truth" --exclude "$work/train.tsv" |
    rec-rank -q -k 10 -o "$ranking"
else
  echo "usage: evaluate.sh [RANKING TRUTH]" >&2
  exit 2
fi
cd "$work"

say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'Several metrics, with the counts that tell what they average over'
run 'rec-eval --truth "$truth" -m ndcg@10,hit@1,hit@5,hit@10,mrr@10 "$ranking"'

say 'One line a user: here, how many users have their first hit at which place'
run 'rec-eval --truth "$truth" -m mrr@10 --per-user "$ranking" |
    awk '\''$1 != "user" {place[$2 > 0 ? int(1 / $2 + .5) : "none"]++}
      END {for (p in place) print p "\t" place[p]}'\'' | sort -n'

say 'Only users that have a list; every relevant item with gain 1'
run 'rec-eval --truth "$truth" -m ndcg@10 --missing skip --binary "$ranking"'

say 'JSON, for other programs'
run 'rec-eval --truth "$truth" -m ndcg@10,hit@10 --json "$ranking"'

say 'A gate for cron and CI: exit status 3 where the condition does not hold'
run 'rec-eval -q --truth "$truth" -m hit@10 --require "hit@10>0" -o gate.tsv "$ranking"; echo "exit status $?"'
run 'rec-eval -q --truth "$truth" -m hit@10 --require "hit@10>=1" -o gate.tsv "$ranking" 2>&1 || echo "exit status $?"'
