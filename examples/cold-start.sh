#!/bin/bash
# Usage: cold-start.sh [FOLDER]
# From a product table to a recommendation of an item that no one has bought yet, on real
# ratings (MovieTweetings, 2013): a tenth of the films is held out with all its ratings, as
# if it came out tomorrow. als learns what genres and words of titles are worth, and the new
# films are ranked by these. Writes into FOLDER (default ./cold-start-out); needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$(dirname "$here")/build:$PATH
out=${1:-cold-start-out}
mkdir -p "$out"
data=$here/data/movietweetings
cd "$out"

# say TEXT: a heading. run COMMAND: shows the command, then runs it.
say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'A tenth of the films comes out tomorrow: none of their ratings is in the training rows'
run 'rec-split --method hash-item --k-core 5 --test-fraction 0.1 --train today.tsv --test tomorrow.tsv \
    "$data/interactions.tsv"'

say 'What is known of a film before anyone has rated it: its genres, and the words of its title'
run 'rec-features text -q --kind word --values count --state words.state -o words.tsv "$data/items_text.tsv"'
run 'tail -n +2 "$data/items.tsv" | sed "s/\t/\tgenre=/" > genres.tsv'
run 'for table in genres.tsv words.tsv; do rec-features stats -q $table | cut -f 1-3; done'

say 'Today: only films that are out. Ratings by als, with the vectors of genres and words fitted to them'
run 'cut -f 2 today.tsv | sort -u > out.ids'
run 'join -t "$(printf "\t")" out.ids <(sort genres.tsv) > out.genres.tsv'
run 'join -t "$(printf "\t")" out.ids <(tail -n +2 words.tsv | sort) > out.words.tsv'
run 'rec-embed als --feature-use new --feature-reg 3 --item-features out.genres.tsv --item-features out.words.tsv \
    today.tsv -o today.safetensors'

say 'Tomorrow: the new films get their vectors by their features, without training'
run 'tail -n +2 tomorrow.tsv | cut -f 2 | sort -u > new.ids'
run 'join -t "$(printf "\t")" new.ids <(sort genres.tsv) > new.genres.tsv'
run 'join -t "$(printf "\t")" new.ids <(tail -n +2 words.tsv | sort) > new.words.tsv'
run 'rec-model extend -m today.safetensors --item-features new.genres.tsv --item-features new.words.tsv \
    -o tomorrow.safetensors'

say 'The ten best of the new films for each user, and how many of them the user came to rate'
run 'rec-score -q -m tomorrow.safetensors --all --top 10000 --users tomorrow.tsv --exclude today.tsv |
    rec-rank -q --allow new.ids -k 10 -o new.ranking.tsv'
run 'rec-eval --truth tomorrow.tsv -m ndcg@10,hit@10 new.ranking.tsv | grep @'

say 'The same by chance'
run 'rec-score -q -m tomorrow.safetensors --all --top 10000 --users tomorrow.tsv --exclude today.tsv |
    awk -F "\t" -v OFS="\t" '\''BEGIN {srand(1)} NR > 1 {print $1, $2, rand()}'\'' | rec-rank -q --allow new.ids -k 10 |
    rec-eval --truth tomorrow.tsv -m ndcg@10,hit@10 | grep @'

say 'What user 11456 rated 10 today, and the new films for this user'
run 'awk -F "\t" '\''NR == 1 || $1 == 11456 && $3 == 10'\'' today.tsv | cut -f 1-3 |
    rec-rank -q --columns score=value --titles "$data/items_text.tsv"'
run 'echo 11456 | rec-score -q -m tomorrow.safetensors --all --top 10000 --exclude today.tsv |
    rec-rank -q --allow new.ids -k 5 --titles "$data/items_text.tsv"'
