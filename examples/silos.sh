#!/bin/bash
# Usage: silos.sh [FOLDER]
# Three shops that do not share rows train one model: each sums its own users (a process of its own), the sums are added,
# and ease, knn and svd are made of them. The weights are those of one run over all rows. Then the same with
# differential privacy, whose noise is added once. Writes into FOLDER (default ./silos-out); needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$(dirname "$here")/build:$PATH
out=${1:-silos-out}
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

say 'In each shop: how many users have each item, and each two items. No user and no row is in the file'
run 'printf "%s\n" shop0 shop1 shop2 |
  xargs -P 3 -I {} rec-embed ease -q --statistics-only --user-hashes -o {}.stats.safetensors {}.tsv'

say 'Where they come together: the sum, in any order. The hashes show that no user is in two shops'
run 'rec-model sum shop?.stats.safetensors -o all.safetensors'
run 'rec-model sum -q shop2.stats.safetensors shop0.stats.safetensors | rec-model sum -q shop1.stats.safetensors - -o other.safetensors'
run 'cmp all.safetensors other.safetensors && echo "the same sums"'

say 'Three models of the same sums'
run 'rec-embed ease -q --statistics all.safetensors --reg 100 -o ease.model'
run 'rec-embed knn -q --statistics all.safetensors -o knn.model'
run 'rec-embed svd -q --statistics all.safetensors -d 16 -o svd.model'

say 'One run over the rows of all shops has the same weights; its model has users, too'
run 'rec-embed ease -q --reg 100 shop?.tsv | grep -v -e ^user -e ^end > one.ease'
run 'grep -v -e ^end ease.model | cmp - <(grep -v "^entry.users" one.ease | grep -v "^sparse.users") && echo "the weights of one run"'
run 'rec-embed knn -q shop?.tsv | grep "^entry.items" | cmp - <(grep "^entry.items" knn.model) && echo "the weights of one run"'

say 'With differential privacy: a public list of items, rows of unit norm, and noise once, at the sum'
run 'tail -n +2 "$data/items.tsv" | cut -f 1 | sort -u | sed -n 1,500p > catalogue.tsv'
run 'printf "%s\n" shop0 shop1 shop2 |
  xargs -P 3 -I {} rec-embed ease -q --statistics-only --user-exponent 0.5 --items catalogue.tsv -o {}.unit.safetensors {}.tsv'
run 'rec-model sum --dp-epsilon 3 shop?.unit.safetensors -o private.safetensors'
run 'rec-embed ease -q --statistics private.safetensors -o private.ease'
run 'rec-model info private.ease | grep dp-'
