#!/bin/bash
# Usage: video.sh [FOLDER]
# Films, on real ratings (MovieTweetings, 2013): should low ratings be learnt from, do genres help
# films of few ratings, and what does it cost to put different genres on a page? What counts is
# whether a list has the held-out films that the user rated 8 or more. Writes into FOLDER
# (default ./video-out); needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$here/../../build:$PATH
out=${1:-video-out}
mkdir -p "$out"
data=$here/../data/movietweetings
cd "$out"

say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'A fifth of the ratings is held out. Films of fewer than 10 ratings are a segment of their own'
run 'rec-split -q --method hash-row --k-core 5 --test-fraction 0.2 --train train.tsv --test test.tsv \
    "$data/interactions.tsv"'
run 'rec-split -q --method none --min-value 7 --train liked.tsv train.tsv'
run 'sed "2,\$s/\t/\tgenre=/" "$data/items.tsv" > genres.tsv'
run 'tail -n +2 train.tsv | cut -f 2 | sort | uniq -c |
    awk -v OFS="\t" '\''BEGIN {print "item", "films"} {print $2, $1 < 10 ? "rare" : "known"}'\'' > films.tsv'

say 'Neighbours by all ratings, by those of 7 and more, and by ratings and genres'
run 'rec-embed knn -q train.tsv -o all.model
  rec-embed knn -q liked.tsv -o liked.model
  rec-embed knn -q --item-features genres.tsv train.tsv -o genres.model'
run 'for model in all liked genres; do
    rec-score -q -m $model.model --history train.tsv --all --users test.tsv --exclude train.tsv -o $model.lists.tsv
  done'
run 'rec-eval -q --truth test.tsv --min-value 8 --binary -m ndcg@10 --by films.tsv:films --compare liked.lists.tsv \
    --compare genres.lists.tsv all.lists.tsv | tee models.tsv | cut -f 2-3,5-7,9-10,16'

say 'A page of different genres: each film as unlike those before it as relevance allows'
run 'rec-rank -q --diversify mmr --similarity jaccard:genre --features genres.tsv --lambda 0.9 \
    all.lists.tsv -o mixed.tsv'
run 'rec-eval -q --truth test.tsv --min-value 8 --binary --features genres.tsv -m ndcg@10,diversity@10 \
    --compare mixed.tsv all.lists.tsv | tee mixed.metrics.tsv | cut -f 1,4-5,7-9'

say 'The decision. Six comparisons were made, so what counts is p by the method of Holm'
awk -F '\t' '
  FNR == 1 {table++; next}
  table == 1 {sure[$2, $3] = $16 >= 0.05 ? 0 : $7 > 0 ? 1 : -1}
  table == 2 {sure[$1] = $8 == "nan" ? 0 : $8 > 0 ? 1 : $9 < 0 ? -1 : 0; change[$1] = 100 * $7}
  END {
    genres = sure["genres.lists.tsv", "all"] >= 0 && sure["genres.lists.tsv", "rare"] > 0
    printf("Learn from %s, ", sure["liked.lists.tsv", "all"] > 0 ? "ratings of 7 and more" : "all ratings")
    printf("%s, ", genres ? "with genres for the films of few ratings" : "without genres")
    printf("and %s genres on the page (diversity %+.1f %%, ndcg %+.1f %%).\n",
           sure["ndcg@10"] >= 0 && sure["diversity@10"] > 0 ? "mix" : "do not mix", change["diversity@10"], change["ndcg@10"])
  }' models.tsv mixed.metrics.tsv
