#!/bin/bash
# Usage: quickstart.sh [FOLDER]
# The whole job on real ratings (MovieTweetings, 2013): split, train popularity
# and als, attend, score, rank, evaluate, look. Writes into FOLDER (default
# ./demo-out); needs no network. `make demo` runs it.
#
# The options of als were chosen on the validation part alone; the test part is
# read once, at the end.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$(dirname "$here")/build:$PATH
out=${1:-demo-out}
mkdir -p "$out"
data=$here/data/movietweetings
cd "$out"

# say TEXT: a heading. run COMMAND: shows the command, then runs it.
say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'A random tenth of the ratings is held out for the test, a tenth for validation'
run 'rec-split --method hash-row --k-core 5 --test-fraction 0.1 --valid-fraction 0.1 \
    --train train.tsv --valid valid.tsv --test test.tsv "$data/interactions.tsv"'

say 'Two models: popularity, and matrix factorisation that stops at its best epoch'
run 'rec-embed pop train.tsv -o pop.model'
run 'rec-embed als -d 128 --unobserved-weight 0.06 --reg 0.02 --valid valid.tsv train.tsv \
    -o als.safetensors'

say 'Attention over all films, scores, the ten best for each user'
for model in pop.model als.safetensors; do
  run "rec-attend -m $model --all --top 100 --users test.tsv --exclude train.tsv --exclude valid.tsv |
    rec-score -m $model | rec-rank -k 10 -o ${model%.*}.ranking.tsv"
  run "rec-eval --truth test.tsv ${model%.*}.ranking.tsv -o ${model%.*}.metrics.tsv"
done

say 'Side by side'
run 'join -t "$(printf "\t")" pop.metrics.tsv als.metrics.tsv |
    awk -F "\t" '\''BEGIN {printf "%-24s%10s%10s\n", "", "pop", "als"}
      NR > 1 {printf "%-24s%10.4g%10.4g\n", $1, $2, $3}'\'

say 'What user 11456 rated 10, and five films that als recommends, with titles'
run 'awk -F "\t" -v OFS="\t" '\''NR == 1 || $1 == 11456 && $3 == 10'\'' train.tsv | cut -f 1-3 |
    rec-rank -q --columns score=value --titles "$data/items_text.tsv"'
run 'echo 11456 | rec-score -m als.safetensors --all --top 5 --exclude train.tsv |
    rec-rank -q -k 5 --titles "$data/items_text.tsv" -o five.tsv; cat five.tsv'

say 'Why? The attention of each of these five over the films that the user rated: the two films with the largest share'
run 'rec-attend -q -m als.safetensors --over history --history train.tsv --top 2 --temperature 0.2 five.tsv'

say 'A new user with two films, folded in without training'
run 'printf "me\t%s\n" 0120737 1201607 > me.tsv'
run 'echo me | rec-score -m als.safetensors --all --history me.tsv --exclude me.tsv --top 5 |
    rec-rank -q -k 5 --titles "$data/items_text.tsv"'

say 'Films like The Fellowship of the Ring'
run 'rec-model similar -m als.safetensors --top 5 --titles "$data/items_text.tsv" 0120737'

say 'A page to look at: 200 users, what they rated, where the attention of each recommendation goes'
run 'head -n 2001 als.ranking.tsv > shown.tsv'
run 'rec-attend -q -m als.safetensors --over history --history train.tsv --temperature 0.2 shown.tsv -o why.tsv'
run 'rec-eval -q --bootstrap 200 --truth test.tsv -m ndcg@10,hit@10,recall@10 als.ranking.tsv -o shown.metrics.tsv'
run 'rec-view -q --titles "$data/items_text.tsv" --history train.tsv --attention why.tsv --compare pop.ranking.tsv \
    --metrics shown.metrics.tsv --features "$data/items.tsv" --exposure feature --heading "als beside popularity" shown.tsv -o page.html'
printf '\nOpen this in a browser: %s\n' "$PWD/page.html"
