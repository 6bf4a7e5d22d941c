#!/bin/bash
# Usage: ads.sh [FOLDER]
# Click probabilities for an auction of ads: a model of ad and context by rec-embed fm, from a log of
# which four of five impressions without a click were thrown away, then calibrated. The log is made
# by generate.awk, which knows the true probability of each click: what is found is set beside it.
# Writes into FOLDER (default ./ads-out); needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$here/../../build:$PATH
out=${1:-ads-out}
mkdir -p "$out"
cd "$out"

say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'Two weeks of impressions: the last two days are the test, the two before say when to stop'
run 'awk -v kind=ads -v truth=truth.tsv -f "$here/generate.awk" > shown.tsv; head -n 3 shown.tsv'
run 'rec-split -q --method time --valid-from 2026-01-11 --test-from 2026-01-13 --train all.tsv --valid valid.tsv \
    --test test.tsv shown.tsv'

say 'Of impressions without a click, a fifth is kept: training is shorter, and every probability too high'
run 'awk -F "\t" '\''$1 != 0 || NR % 5 == 0'\'' all.tsv > train.tsv; wc -l all.tsv train.tsv'

say 'Weights of ad, slot, device and audience alone (logistic regression), and with their pairs'
run 'columns="--columns user=audience"  # four audiences, in place of users of whom each has few rows
  for dim in 0 8; do
    rec-embed fm -q -d $dim $columns --context slot,device --valid valid.tsv train.tsv -o fm-$dim.safetensors
    rec-score -q -m fm-$dim.safetensors $columns --labels test.tsv | cut -f 1,2 > fm-$dim.tsv
  done'

say 'Calibrated: the odds of a click are a fifth of those in the thinned log. And the truth, which nobody has in practice'
run 'for dim in 0 8; do
    awk -F "\t" -v OFS="\t" '\''NR > 1 {$2 = $2 / ($2 + 5 * (1 - $2))} {print}'\'' fm-$dim.tsv > calibrated-$dim.tsv
  done'
run 'awk -F "\t" -v OFS="\t" '\''{print $1, NR == 1 ? "prediction" : $8}'\'' test.tsv > true.tsv'
run 'for table in fm-8 calibrated-0 calibrated-8 true; do
    rec-eval -q -m auc,logloss,calibration --bootstrap 1000 $table.tsv | sed -n "2,4s/^/$table\t/p"
  done | tee metrics.tsv'

say 'An auction of all ads in each context, won by the highest bid times probability: what a winner is worth'
run 'rec-score -q -m fm-8.safetensors $columns --keep truth.tsv > offers.tsv; head -n 2 offers.tsv'
run 'awk -F "\t" '\''
    function offer(rule, value) {
      if (value > top[rule, context]) {top[rule, context] = value; worth[rule, context] = $6 * $7}
    }
    NR > 1 {
      context = $1 FS $4 FS $5
      offer("bid", $6)
      offer("model", $6 * $3 / ($3 + 5 * (1 - $3)))
      offer("true", $6 * $7)
    }
    END {
      for (key in worth) {split(key, part, SUBSEP); n[part[1]]++; sum[part[1]] += worth[key]}
      for (rule in sum) printf("%s\t%.2f\n", rule, sum[rule] / n[rule])
    }'\'' offers.tsv | sort | tee worth.tsv'

say 'The decision'
awk -F '\t' '
  FILENAME == "metrics.tsv" {value[$1, $2] = $3; low[$1, $2] = $4; high[$1, $2] = $5}
  FILENAME == "worth.tsv" {worth[$1] = $2}
  END {
    pairs = low["calibrated-8", "auc"] > high["calibrated-0", "auc"]
    name = pairs ? "calibrated-8" : "calibrated-0"
    ready = low[name, "calibration"] < 1 && 1 < high[name, "calibration"]
    printf("Take %s, and %s: %.2f times as many clicks are predicted as come, and logloss is %.3f where the truth has %.3f",
           pairs ? "the model with pairs" : "weights alone", ready ? "let its probabilities bid" : "do not let it bid yet",
           value[name, "calibration"], value[name, "logloss"], value["true", "logloss"])
    if (pairs) printf(";\nits auctions are worth %.0f %% of those by the truth, %.1f times those by bids alone",
                      100 * worth["model"] / worth["true"], worth["model"] / worth["bid"])
    print "."
  }' metrics.tsv worth.tsv
