#!/bin/bash
# Usage: news.sh [FOLDER]
# News: how fast should clicks fade, and who wants an article that no one has clicked yet? The log is
# made by generate.awk: what an article draws halves with every 6 hours, and seven of ten clicks are on
# topics of the reader. The half-life is chosen on six windows of three hours and tested on the next
# six. Writes into FOLDER (default ./news-out); needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$here/../../build:$PATH
out=${1:-news-out}
mkdir -p "$out"
cd "$out"

say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'Twelve windows of three hours; in each, the clicks before it are known'
run 'awk -v kind=news -v truth=truth.tsv -f "$here/generate.awk" > clicks.tsv; head -n 3 clicks.tsv'
run 'rec-split -q --method windows --window 3h --windows 12 --drop-cold --train known-%d.tsv \
    --test next-%d.tsv clicks.tsv'

say 'Popular in the last minutes, hours or days? A reader is a user of each window'
lists='for n in $windows; do
      rec-embed pop -q --half-life $life known-$n.tsv |
        rec-score -q -m - --all -k 10 --users next-$n.tsv --exclude known-$n.tsv | sed "1d; s/^/$n:/"
    done > popular-$life.tsv
    for n in $windows; do cut -f 1,2 next-$n.tsv | sed "1d; s/^/$n:/"; done > next.tsv'
run "windows='1 2 3 4 5 6'
  for life in 10m 30m 1h 3h 6h 1d 7d; do
    $lists
    rec-eval -q --truth next.tsv -m ndcg@10 popular-\$life.tsv | sed -n \"s/^ndcg@10/\$life/p\"
  done 2> warnings | tee lives.tsv"
best=$(sort -k 2,2gr lives.tsv | head -n 1 | cut -f 1)

say "The test: $best beside 7 days, and beside the 6 hours of the articles"
run "windows='7 8 9 10 11 12'
  for life in $best 6h 7d; do
    $lists
  done 2> warnings
  rec-eval -q --truth next.tsv -m ndcg@10 --compare popular-$best.tsv --compare popular-6h.tsv popular-7d.tsv |
    tee faded.tsv | cut -f 2,4-6,8-9"

say 'Cold start: the articles of the last day, which no one has clicked, by their topics'
run 'awk -v OFS="\t" '\''BEGIN {print "item", "topic"} /^a/ {print $1, "topic" $2}'\'' truth.tsv > topics.tsv
  rec-split -q --method time --test-from 2026-01-20 --train before.tsv --test day.tsv clicks.tsv
  awk -F "\t" '\''NR == FNR {old[$2]; next} !($2 in old)'\'' <(tail -n +2 before.tsv) day.tsv > new.tsv
  tail -n +2 new.tsv | cut -f 2 | sort -u > new.ids'
run 'rec-embed als -q -d 16 --item-features topics.tsv before.tsv -o als.safetensors
  rec-score -q -m als.safetensors --all --top 1000 --users new.tsv | rec-rank -q --allow new.ids -o topics.lists.tsv'

say 'The same by chance, and by the topics that each reader truly likes'
run 'awk -F "\t" -v OFS="\t" '\''
    BEGIN {print "user", "item", "score"}
    /^a/ {if (FILENAME == "truth.tsv") topic[$1] = $2; else new[$1]; next}
    FILENAME == "truth.tsv" {one[$1] = $2; two[$1] = $3; next}
    FNR > 1 && !seen[$1]++ {for (a in new) print $1, a, (topic[a] == one[$1]) + (topic[a] == two[$1])}'\'' \
    truth.tsv new.ids new.tsv > candidates.tsv'
run 'rec-rank -q candidates.tsv -o true.lists.tsv; rec-rank -q --explore epsilon=1 candidates.tsv -o chance.lists.tsv'
run 'rec-eval -q --truth new.tsv --duplicates first -m ndcg@10 --compare topics.lists.tsv --compare true.lists.tsv \
    chance.lists.tsv | tee cold.tsv | cut -f 2,4-6,8-9'

say 'The decision'
awk -F '\t' -v best="$best" '
  {name = $2; sub(/[.].*/, "", name)}
  FILENAME == "faded.tsv" && $2 == "popular-" best ".tsv" {fades = $8 > 0; value = $5; base = $4}
  FILENAME == "cold.tsv" {sure[name] = $8 > 0; ndcg[name] = $5}
  END {
    printf("%s (ndcg %.3f beside %.3f), ", fades ? "Let a click fade by half in " best : "Keep a half-life of 7d", value, base)
    printf("and %s: ", sure["topics"] ? "show new articles at once" : "wait for the first clicks on a new article")
    printf("lists by topic have %.0f %% of the ndcg of true tastes.\n", 100 * ndcg["topics"] / ndcg["true"])
  }' faded.tsv cold.tsv
