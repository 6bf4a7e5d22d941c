#!/bin/bash
# Usage: ecommerce.sh [FOLDER]
# A shop: views, carts and purchases as weights, and after how many days what was bought may be
# shown again. The log is made by generate.awk: some products are used up, and bought again
# after 18 to 24 days. The days are chosen on one week and tested on the next. Writes into
# FOLDER (default ./ecommerce-out); needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$here/../../build:$PATH
out=${1:-ecommerce-out}
mkdir -p "$out"
cd "$out"

say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'Sixty days of a shop: purchases of the last week are the test, those of the week before choose'
run 'awk -v kind=shop -f "$here/generate.awk" > events.tsv; tail -n +2 events.tsv | cut -f 3 | sort | uniq -c'
split="rec-split -q --method time --valid-from 2026-02-15 --test-from 2026-02-22"
run "$split --event-values view=0,cart=0,buy=1 --train bought.tsv --valid valid.tsv --test test.tsv events.tsv"
run "$split --event-values view=1,cart=3,buy=10 --train weighted.tsv --valid later.tsv --test rest.tsv events.tsv"

say 'Is it worth learning from views and carts? Measured on purchases of products that the customer had not bought'
run 'rec-embed als -q -d 32 bought.tsv -o bought.safetensors
  rec-embed als -q -d 32 --confidence linear weighted.tsv -o weighted.safetensors'
run 'rec-split -q --method time --test-from 2026-02-22 --drop-repeated --train known.tsv --test first.tsv \
    bought.tsv valid.tsv test.tsv'
run 'for model in bought weighted; do
    rec-score -q -m $model.safetensors --all -k 10 --users first.tsv --exclude known.tsv -o $model.lists.tsv
  done
  rec-eval -q --truth first.tsv --duplicates first -m ndcg@10 --compare weighted.lists.tsv bought.lists.tsv |
    tee weights.tsv | cut -f 1,4-9'

say 'How many days after its purchase may a product be shown again? 0 is at once, 999 never'
lists='awk -F "\t" -v since=$(($(date -u -d $week +%s) - 86400 * days)) "NR == 1 || \$4 > since" $rows > recent.tsv
    rec-score -q -m weighted.safetensors --all -k 10 --users $held --exclude recent.tsv -o after-$days.tsv'
run "week=2026-02-15 rows=bought.tsv held=valid.tsv
  for days in 0 4 7 11 14 18 25 999; do
    $lists
    rec-eval -q --truth \$held --duplicates first -m ndcg@10 after-\$days.tsv | sed -n \"s/^ndcg@10/\$days/p\"
  done | tee days.tsv"
best=$(sort -k 2,2gr days.tsv | head -n 1 | cut -f 1)

say "The test: $best days and at once, each beside never"
run "week=2026-02-22 rows=known.tsv held=test.tsv
  for days in 0 $best 999; do
    $lists
  done"
run 'rec-eval -q --truth test.tsv --duplicates first -m ndcg@10 --compare after-$best.tsv --compare after-0.tsv \
    after-999.tsv | tee again.tsv | cut -f 1,2,4-9'

say 'The decision'
awk -F '\t' -v best="$best" '
  FNR == 1 {table++; next}
  table == 1 {views = $8 > 0}
  $2 == "after-" best ".tsv" {again = best < 999 && $8 > 0}
  END {
    printf("Learn from %s, and %s.\n", views ? "views and carts too" : "purchases alone, since views and carts bring no sure gain",
           again ? "show a product again " best " days after its purchase" : "do not show again what was bought")
  }' weights.tsv again.tsv
