#!/bin/bash
# Usage: partitions.sh TREE      (the binaries are on PATH)
# Half steps of als in 1, 2 and 4 parts give the same bytes; examples/partitioned.sh
# and spark_pipe.py give the vectors of one run. Where GNU parallel or Spark is
# missing it says so; exit status 77 where neither could run.
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

# The loops: the vectors of one run, whose count of epochs alone is not in a start.
vectors() { rec-model convert "$1" | grep -v -e '^meta.epochs' -e '^end'; }
rec-embed als -q -d 20 -e 2 -o one.safetensors $log
vectors one.safetensors > one
ran=0
loop() {  # NAME SCRIPT...
  local status=0
  "${@:2}" > out 2>&1 || status=$?
  if ((status == 3)); then
    echo "skipped: $(cat out)"
    return
  fi
  ((status == 0)) || { cat out; breach "$1: exit status $status"; }
  vectors loop/als.safetensors > looped
  cmp -s one looped || breach "$1: other vectors than one run's"
  rm -rf loop
  ran=$((ran + 1))
}
for parts in 1 3; do loop "partitioned.sh, $parts parts" "$tree/examples/partitioned.sh" $log loop $parts 2 -d 20; done
python=python3
[[ -z ${SPARK_PYTHON-} ]] || python=$SPARK_PYTHON
loop spark_pipe.py "$python" "$tree/examples/spark_pipe.py" $log loop 3 2 -d 20
((ran > 0)) || exit 77
echo "$ran loops ran"
