#!/bin/bash
# Usage: partitions.sh TREE      (the binaries are on PATH)
# Half steps of als in 1, 2 and 4 parts give the same bytes. The loops that run
# them with GNU parallel and Spark: partition_loops.sh.
set -euo pipefail
export LC_ALL=C
tree=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
breach() { echo "$1"; exit 1; }
log=log.tsv
tail -n +2 "$tree/examples/data/movietweetings/interactions.tsv" | sort > $log
sort -t "$(printf '\t')" -k2,2 $log > by_item.tsv

# part COLUMN PARTS FILE: contiguous parts of whole users (items), as FILE.N.
part() {
  awk -F '\t' -v column="$1" -v parts="$2" -v rows="$(wc -l < "$3")" -v name="$3." '
    $column != last && written >= rows * (n + 1) / parts {n++}
    {last = $column; written++; print > (name (n + 0))}' "$3"
}
options='-d 40 --block 16 --confidence log --half-life 1e6 --now 1370000000'
rec-embed als -q $options -e 2 -o base.safetensors $log
for side in user item; do
  file=$log column=1
  [[ $side == item ]] && file=by_item.tsv column=2
  rec-embed als -q --now 1370000000 --init base.safetensors --half-epoch $side $file > whole.$side
  [[ $(wc -l < whole.$side) -gt 1000 ]] || breach "--half-epoch $side: hardly any rows"
  for parts in 1 2 4; do
    part $column $parts $file
    [[ $(ls $file.[0-9]* | wc -l) == "$parts" ]] || breach "not $parts parts"
    for piece in $file.[0-9]*; do rec-embed als -q --now 1370000000 --init base.safetensors --half-epoch $side "$piece"; done > parts.$side
    cmp -s whole.$side parts.$side || breach "--half-epoch $side in $parts parts: other bytes than the whole"
    rm -f $file.[0-9]*
  done
  : > empty
  rec-embed als -q --now 1370000000 --init base.safetensors --half-epoch $side empty > none
  [[ ! -s none ]] || breach "--half-epoch $side: rows from nothing"
done
sort -r whole.user > shuffled
rec-model join -m base.safetensors --users whole.user > a
rec-model join -m base.safetensors --users shuffled > b
cmp -s a b || breach "rec-model join: the order of the rows matters"
