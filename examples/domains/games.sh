#!/bin/bash
# Usage: games.sh [FOLDER]
# Games: what to offer next within a session, whoever plays. Does the order of the session matter? The
# log is made by generate.awk: in 7 of 10 cases one of three successors of a game follows it, which is
# known, so that the best possible list is known, too. Writes into FOLDER (default ./games-out); needs
# no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$here/../../build:$PATH
out=${1:-games-out}
mkdir -p "$out"
cd "$out"

say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'Half an hour of silence ends a session. A session takes the place of the user'
run 'awk -v kind=games -v truth=successors.tsv -f "$here/generate.awk" > log.tsv; head -n 3 log.tsv'
run 'rec-split -q --method none --session-gap 30m --session-column --train - log.tsv |
    awk -F "\t" -v OFS="\t" '\''{print NR == 1 ? "user" : $4, $2, $3}'\'' > sessions.tsv; head -n 3 sessions.tsv'

say 'Sessions of the last week are the test: of each, the last game is to be predicted from those before it'
run 'rec-split -q --method time --test-from 2026-02-05 --session-gap 30m --train train.tsv --test week.tsv sessions.tsv
  rec-split -q --method leave-one-out --train known.tsv --test next.tsv week.tsv'

say 'Popularity; games played together, in any order; and attention over the session, where the last games count more'
run 'rec-embed pop -q train.tsv -o pop.safetensors
  rec-embed knn -q train.tsv -o together.safetensors
  rec-embed attention-pool -q -d 32 -e 10 --decay --untied --dropout 0.2 --learning-rate 0.01 \
    train.tsv -o order.safetensors'
run 'for model in pop together order; do
    rec-score -q -m $model.safetensors --history known.tsv --all -k 10 --users next.tsv -o $model.lists.tsv
  done'

say 'And the true successors of the last game'
run 'awk -F "\t" -v OFS="\t" '\''
    FILENAME == "successors.tsv" {after[$1, ++n[$1]] = $2; chance[$1, $2] += $3; next}
    FNR > 1 {last[$1] = $2}
    END {for (s in last) {g = last[s]; for (i = 1; i <= n[g]; ++i) print s, after[g, i], chance[g, after[g, i]]}}'\'' \
    successors.tsv known.tsv | rec-rank -q -o true.lists.tsv'
run 'rec-eval -q --truth next.tsv -m hit@1,hit@3 --compare pop.lists.tsv --compare order.lists.tsv \
    --compare true.lists.tsv together.lists.tsv | tee metrics.tsv | cut -f 1-2,4-6,8-9'

say 'The decision'
awk -F '\t' '
  $1 == "hit@3" {name = $2; sub(/\..*/, "", name); hit[name] = $5; low[name] = $8; high[name] = $9; together = $4}
  END {
    order = low["order"] > 0
    printf("Offer %s: the next game is among the first three in %.0f of 100 sessions, ",
           order ? "by the order of the session" : "games played together, since order is no sure gain",
           100 * (order ? hit["order"] : together))
    printf("beside %.0f by %s and %.0f by the truth.\n", 100 * (order ? together : hit["order"]),
           order ? "games played together" : "order", 100 * hit["true"])
  }' metrics.tsv
