#!/bin/bash
# Usage: social.sh [FOLDER]
# A social network: what to show people of whom only their friends are known. Friends, friends of
# friends, and friends by trust, which here is the number of messages. The log is made by
# generate.awk: people take what their circle takes; each messages three friends of the circle
# often, and knows six people elsewhere. Writes into FOLDER (default ./social-out); needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$here/../../build:$PATH
out=${1:-social-out}
mkdir -p "$out"
cd "$out"

say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'A fifth of the people joins today: what they will take is unknown, but their friends are known'
run 'awk -v kind=social -v truth=friends.tsv -f "$here/generate.awk" > taken.tsv; head -n 3 friends.tsv'
run 'rec-split -q --method hash-user --test-fraction 0.2 --train train.tsv --test test.tsv taken.tsv'

say 'Features of people: friends; friends of friends; the same by trust; and the true circle, which nobody has in practice'
run 'cut -f 1,2 friends.tsv > pairs.tsv
  rec-features graph -q --friends --self pairs.tsv -o friends.features
  rec-features graph -q --friends --self --hops 2 pairs.tsv -o hops.features
  rec-features graph -q --friends --self --hops 2 friends.tsv -o trust.features'
run 'tail -n +2 taken.tsv | cut -f 1 | sort -u |
    awk -v OFS="\t" '\''BEGIN {print "user", "circle"} {print $1, "circle" substr($1, 2) % 30}'\'' > circle.features'

say 'Popularity, and als with each of them: a new user gets the vector that the features say'
run 'for kind in friends hops trust circle; do
    rec-embed als -q -d 32 --user-features $kind.features train.tsv -o $kind.safetensors
  done
  rec-embed pop -q train.tsv -o pop.safetensors
  for model in pop friends hops trust circle; do
    rec-score -q -m $model.safetensors --all -k 10 --users test.tsv -o $model.lists.tsv
  done'
run 'rec-eval -q --truth test.tsv -m ndcg@10 --compare pop.lists.tsv --compare friends.lists.tsv \
    --compare trust.lists.tsv --compare circle.lists.tsv hops.lists.tsv | tee metrics.tsv | cut -f 2,4-6,8-9'

say 'The decision'
awk -F '\t' '
  NR > 1 {
    name = $2; sub(/\..*/, "", name); ndcg[name] = $5; hops = $4
    sure[name] = $8 == "nan" ? 0 : $8 > 0 ? 1 : $9 < 0 ? -1 : 0
  }
  END {
    if (sure["pop"] >= 0) {print "Show new people what is popular: to know their friends is no sure gain."; exit}
    if (sure["trust"] > 0) {best = "friends of friends, weighted by trust"; hops = ndcg["trust"]}
    else if (sure["friends"] < 0) best = "friends of friends"
    else {best = "their friends alone"; hops = ndcg["friends"]}
    printf("Describe new people by %s: %.1f times the ndcg of popularity, %.0f %% of what their true circles give.\n",
           best, hops / ndcg["pop"], 100 * hops / ndcg["circle"])
  }' metrics.tsv
