#!/bin/bash
# Usage: domain_scripts.sh TREE BUILD
# The scripts of examples/domains run, each from a folder of its own: they find what generate.awk has planted, their
# decision is that of their numbers, and where the planted effect is taken out of the generator the decision changes.
set -euo pipefail
export LC_ALL=C
domains=$(cd "$1" && pwd)/examples/domains
PATH=$(cd "$2" && pwd):$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
breach() { echo "$1"; exit 1; }
# show SCRIPT [EDIT]: its output is in SCRIPT.out, its tables are in SCRIPT. With an EDIT of sed, of another generator.
show() {
  local from=$domains
  if (( $# == 2 )); then
    mkdir -p other/domains
    cp -r "$domains"/* other/domains
    ln -sfn "$domains/../data" other/data
    sed -i "$2" other/domains/generate.awk
    ! cmp -s "$domains/generate.awk" other/domains/generate.awk || breach "$1: $2 changes nothing"
    from=other/domains
  fi
  "$from/$1.sh" "$folder/$1" >"$1.out" 2>"$1.err" || breach "$1.sh fails: $(cat "$1.out" "$1.err")"
  (( $(grep -c '^\$ ' "$1.out") >= 5 )) || breach "$1.sh does not show its commands"
}
# decides SCRIPT TEXT: the decision holds TEXT.
decides() {
  sed '1,/^# The decision/d' "$1.out" | grep -qF -- "$2" || breach "$1.sh does not decide \"$2\": $(tail -n 3 "$1.out")"
}
# cell TABLE COLUMN KEY [KEY]: a field of the first line that begins with the keys.
cell() {
  awk -F '\t' -v column="$2" -v first="$3" -v second="${4-}" '$1 == first && (second == "" || $2 == second) {print $column; exit}' "$1"
}
# true_that CONDITION SCRIPT: a condition in numbers holds.
true_that() { awk "BEGIN {exit !($1)}" || breach "$2: not $1"; }

# Every awk that is here makes the same logs and truths.
for kind in shop news social games ads music; do
  for awk in mawk gawk original-awk; do
    command -v "$awk" >/dev/null || continue
    rm -f truth
    "$awk" -v kind="$kind" -v truth=truth -f "$domains/generate.awk" >made || touch failed
    [[ ! -e truth ]] || cat truth >>made
    cksum <made
  done | sort -u >sums
  [[ ! -e failed && -s made ]] || breach "generate.awk: $kind fails"
  (( $(wc -l <sums) == 1 )) || breach "generate.awk: $kind differs from awk to awk"
done
! awk -v kind=none -f "$domains/generate.awk" 2>/dev/null || breach "generate.awk: a kind that it lacks"

show ecommerce
# What is used up is bought again 18 to 24 days later: in the week after a list, what is 11 days old at least.
best=$(sort -k 2,2gr ecommerce/days.tsv | head -n 1 | cut -f 1)
true_that "7 <= $best && $best < 18" ecommerce.sh
true_that "$(cell ecommerce/weights.tsv 8 ndcg@10) > 0" ecommerce.sh
decides ecommerce "Learn from views and carts too, and show a product again $best days after its purchase."
show ecommerce 's/if (product % 4) break/break/'
decides ecommerce 'do not show again what was bought'
show ecommerce 's/liked = draw() < 0.5/liked = 0/'
decides ecommerce 'Learn from purchases alone'

show video
# sure RANKING SEGMENT: 1 where it is surely better than all ratings.
sure() { awk -F '\t' -v name="$1.lists.tsv" -v films="$2" '$2 == name && $3 == films {print ($16 < 0.05 && $7 > 0)}' video/models.tsv; }
ratings='all ratings' genres='without genres'
(( $(sure liked all) == 0 )) || ratings='ratings of 7 and more'
(( $(sure genres rare) == 0 )) || genres='with genres for the films of few ratings'
true_that "$(cell video/mixed.metrics.tsv 8 diversity@10) > 0 && $(cell video/mixed.metrics.tsv 9 ndcg@10) > 0" video.sh
decides video "Learn from $ratings, $genres, and mix genres on the page"

show news
# Counts lag behind: clicks have to fade faster than the 6 hours of the articles.
best=$(sort -k 2,2gr news/lives.tsv | head -n 1 | cut -f 1)
[[ $best == 10m || $best == 30m || $best == 1h || $best == 3h ]] || breach "news.sh: half-life $best"
true_that "$(cell news/cold.tsv 5 ndcg@10 topics.lists.tsv) > 0.85 * $(cell news/cold.tsv 5 ndcg@10 true.lists.tsv)" news.sh
decides news "Let a click fade by half in $best (ndcg $(printf %.3f "$(cell news/faded.tsv 5 ndcg@10 "popular-$best.tsv")")"
show news 's/21600 \* log/2160000 * log/'
decides news 'Keep a half-life of 7d'

show social
of() { cell social/metrics.tsv 5 ndcg@10 "$1.lists.tsv"; }
hops=$(cell social/metrics.tsv 4 ndcg@10)
true_that "$(of pop) < $(of friends) && $(of friends) < $hops && $hops < $(of trust) && $(of trust) < $(of circle)" social.sh
decides social 'Describe new people by friends of friends, weighted by trust'
show social 's/trust = left > 6 .*/trust = 1/'
decides social 'Describe new people by friends of friends:'
show social 's/draw() < 0.5 ? shelf/draw() < 0 ? shelf/'
decides social 'Show new people what is popular'

show games
of() { cell games/metrics.tsv 5 hit@3 "$1.lists.tsv"; }
true_that "$(of true) > 0.65 && $(of true) < 0.75 && $(of order) > 0.95 * $(of true)" games.sh
true_that "$(cell games/metrics.tsv 4 hit@3) < $(of order) / 2" games.sh
decides games "Offer by the order of the session: the next game is among the first three in $(printf %.0f "$(of order)e2") of 100"
show games 's/draw() < 0.7 ? after/draw() < 0 ? after/'
decides games 'Offer games played together'

show ads
true_that "$(cell ads/metrics.tsv 4 fm-8 calibration) > 2" ads.sh
true_that "$(cell ads/metrics.tsv 4 calibrated-8 calibration) < 1 && $(cell ads/metrics.tsv 5 calibrated-8 calibration) > 1" ads.sh
true_that "$(cell ads/metrics.tsv 3 true logloss) < $(cell ads/metrics.tsv 3 calibrated-8 logloss)" ads.sh
true_that "$(cell ads/metrics.tsv 3 calibrated-8 logloss) < 1.05 * $(cell ads/metrics.tsv 3 true logloss)" ads.sh
true_that "$(cell ads/worth.tsv 2 model) > 0.9 * $(cell ads/worth.tsv 2 true)" ads.sh
decides ads 'Take the model with pairs, and let its probabilities bid'
show ads 's/= 2 \* draw() - 1$/= 0/'
decides ads 'Take weights alone'

show music
true_that "$(cut -d ' ' -f 6 music/truth.txt) > 0.58 && $(cut -d ' ' -f 6 music/truth.txt) < 0.62" music.sh
true_that "$(cell music/plays.metrics.tsv 9 ndcg@10 starts.lists.tsv) < 0" music.sh
true_that "$(cell music/skips.metrics.tsv 8 ndcg@10) > 0 && $(cell music/auc.tsv 3 auc) > 0.6" music.sh
decides music 'Count how often a track was played, play again what is known, and leave out what was skipped'
show music 's/again = n .*/again = 0/'
decides music 'play what is new'
