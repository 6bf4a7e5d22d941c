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
    --train train.tsv --valid valid.tsv --test test.tsv $data/interactions.tsv'

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

say 'Ids into titles, for people'
run 'titles() {
    awk -F "\t" -v OFS="\t" '\''NR == FNR {if (FNR > 1) title[$1] = $2; next}
      {for (i = 1; i <= NF; i++) if ($i in title) $i = title[$i]; print}'\'' $data/items_text.tsv -
  }'

say 'What user 11456 rated 10, and five films that als recommends'
run 'awk -F "\t" '\''$1 == 11456 && $3 == 10'\'' train.tsv | cut -f2,3 | titles'
run 'echo 11456 | rec-score -m als.safetensors --all --top 5 --exclude train.tsv |
    rec-rank -k 5 -o five.tsv'
run 'titles < five.tsv'

say 'Why? Each of them shares out the attention over the films rated before'
run 'rec-attend -m als.safetensors --over history --history train.tsv --top 2 --temperature 0.2 five.tsv |
    titles'

say 'A new user with two films, folded in without training'
run 'printf "me\t%s\n" 0120737 1201607 > me.tsv; titles < me.tsv'
run 'echo me | rec-score -m als.safetensors --all --history me.tsv --exclude me.tsv --top 5 | titles'

say 'Films like The Fellowship of the Ring'
run 'rec-model similar -m als.safetensors --top 5 0120737 | titles'
