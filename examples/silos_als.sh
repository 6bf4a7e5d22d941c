#!/bin/bash
# Usage: silos_als.sh [FOLDER]
# Three shops that do not share rows train one model of als: in each epoch every shop, a process of its own, solves for
# its users against the item vectors of all, and sends sums over its users; the sums are added, and the next item
# vectors are made of them. They are those of one run over all rows. Then the same with differential privacy, by noise
# at the sum and by noise of each shop. Writes into FOLDER (default ./silos-als-out); needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$(dirname "$here")/build:$PATH
out=${1:-silos-als-out}
mkdir -p "$out"
data=$here/data/movietweetings
cd "$out"

# say TEXT: a heading. run COMMAND: shows the command, then runs it.
say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'Each shop has its own users, with all their rows'
run 'rec-split -q --method none --k-core 8 --train log.tsv "$data/interactions.tsv"'
run 'awk -F "\t" "NR > 1 {print > (\"shop\" \$1 % 3 \".tsv\")}" log.tsv'
run 'wc -l shop?.tsv'

say 'A start that all know: a random vector for each item of the catalogue'
run 'tail -n +2 log.tsv | cut -f 2 | sort -u > catalogue.tsv'
run 'awk -v OFS="\t" "{print \"-\", \$1}" catalogue.tsv | rec-embed als -q -d 16 -e 0 -o start.safetensors'

say 'Three epochs. What leaves a shop are sums over its users; what comes back are item vectors'
run 'cp start.safetensors items.safetensors'
run 'for epoch in 1 2 3; do
  printf "%s\n" shop0 shop1 shop2 |
    xargs -P 3 -I {} rec-embed als -q --statistics-only --user-hashes --init items.safetensors -o {}.stats.safetensors {}.tsv
  rec-model sum -q shop?.stats.safetensors -o all.safetensors
  rec-embed als -q --statistics all.safetensors -o items.safetensors
done'
run 'rec-model info items.safetensors | grep -E "^(model|dim|epochs|items|users)"'

say 'One run over the rows of all shops, by the same road: the same bytes'
run 'cp start.safetensors one.safetensors'
run 'for epoch in 1 2 3; do
  rec-embed als -q --statistics-only --user-hashes --init one.safetensors shop?.tsv -o one.stats.safetensors
  rec-embed als -q --statistics one.stats.safetensors -o one.safetensors
done'
run 'cmp all.safetensors one.stats.safetensors && echo "the sums of one run"'
run 'cmp items.safetensors one.safetensors && echo "the model of one run"'

say 'Plain als over all rows adds up in another order: the same vectors but for rounding'
run 'rec-embed als -q -d 16 -e 3 -o plain.model log.tsv'
run 'rec-model convert items.safetensors | awk -F "\t" "
  \$1 == \"item\" && NR == FNR {for (f = 3; f <= 18; ++f) its[\$2, f] = \$f}
  \$1 == \"item\" && NR != FNR {++n; for (f = 3; f <= 18; ++f) {d = \$f - its[\$2, f]; if (d < 0) d = -d; if (d > most) most = d}}
  END {print n \" items, \" (most < 0.001 ? \"equal up to .001\" : \"off by \" most)}" plain.model -'

say 'Each shop recommends to its own users, whose rows it has and whose vectors nobody else needs'
run 'cut -f 1 shop0.tsv | sort -u | sed -n 1,3p | rec-score -q -m items.safetensors --all --top 2 --history shop0.tsv --exclude shop0.tsv'

say 'With differential privacy: a public list of items; what all agree on is in the start, for which no rows are read'
run 'tail -n +2 "$data/items.tsv" | cut -f 1 | sort -u | sed -n 1,500p > public.tsv'
run 'rec-embed als -q --dp-epsilon 10 --dp-delta 1e-5 --items public.tsv --max-per-user 20 -d 8 -e 2 --dp-start -o private.safetensors'
run 'cp private.safetensors each.safetensors'

say 'Noise once in each epoch, by whoever adds up and sees the sums of each shop'
run 'for epoch in 1 2; do
  printf "%s\n" shop0 shop1 shop2 |
    xargs -P 3 -I {} rec-embed als -q --statistics-only --user-hashes --init private.safetensors -o {}.exact.safetensors {}.tsv
  rec-model sum -q --dp-epsilon 10 shop?.exact.safetensors -o noisy.safetensors
  rec-embed als --statistics noisy.safetensors -o private.safetensors
done'

say 'Or noise of each shop, before its file leaves: nobody needs to be trusted, and there is more of it'
run 'for epoch in 1 2; do
  printf "%s\n" shop0 shop1 shop2 |
    xargs -P 3 -I {} rec-embed als -q --statistics-only --dp-epsilon 10 --init each.safetensors -o {}.noisy.safetensors {}.tsv
  rec-model sum -q shop?.noisy.safetensors -o sum.safetensors
  rec-embed als --statistics sum.safetensors -o each.safetensors
done'
run 'rec-model info private.safetensors | grep dp-'
