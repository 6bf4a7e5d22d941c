#!/bin/bash
# Usage: partition_loops.sh TREE      (the binaries are on PATH)
# examples/partitioned.sh with GNU parallel and examples/spark_pipe.py with Spark give
# the vectors of one run, examples/silos_spark.py and silos_als_spark.py its sums, and examples/spark_score.py its lists;
# `make check-spark` runs this. SPARK_PYTHON: a Python that has pyspark.
set -euo pipefail
export LC_ALL=C
tree=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
log=log.tsv
tail -n +2 "$tree/examples/data/movietweetings/interactions.tsv" | sort > $log

# Without the count of epochs: a start does not hold it.
vectors() { rec-model convert "$1" | grep -v -e '^meta.epochs' -e '^end'; }
rec-embed als -q -d 20 -e 2 -o one.safetensors $log
vectors one.safetensors > one
loop() {  # NAME SCRIPT...
  local status=0
  "${@:2}" > out 2>&1 || status=$?
  ((status == 0)) || { cat out; echo "$1: exit status $status"; exit 1; }
  vectors loop/als.safetensors > looped
  cmp -s one looped || { echo "$1: other vectors than those of one run"; exit 1; }
  rm -rf loop
  echo "$1: the vectors of one run"
}
for parts in 1 3; do
  loop "partitioned.sh, $parts parts" bash "$tree/examples/partitioned.sh" $log loop $parts 2 -d 20
done
loop "spark_pipe.py, 3 parts" "${SPARK_PYTHON:-python3}" "$tree/examples/spark_pipe.py" $log loop 3 2 -d 20

rec-embed ease -q --statistics-only --user-hashes -o whole.safetensors $log
for parts in 1 3; do
  status=0
  "${SPARK_PYTHON:-python3}" "$tree/examples/silos_spark.py" $log loop $parts --user-hashes > out 2>&1 || status=$?
  ((status == 0)) || { cat out; echo "silos_spark.py: exit status $status"; exit 1; }
  cmp -s whole.safetensors loop/all.safetensors || { echo "silos_spark.py, $parts parts: other sums than those of one run"; exit 1; }
  echo "silos_spark.py, $parts parts: the sums of one run"
done

awk -F '\t' -v OFS='\t' '{print "-", $2}' $log | rec-embed als -q -d 20 -e 0 -o sums.safetensors
for epoch in 1 2; do
  rec-embed als -q --statistics-only --init sums.safetensors -o sums.stats $log
  rec-embed als -q --statistics sums.stats -o sums.safetensors
done
for parts in 1 3; do
  rm -rf loop
  status=0
  "${SPARK_PYTHON:-python3}" "$tree/examples/silos_als_spark.py" $log loop $parts 2 -d 20 > out 2>&1 || status=$?
  ((status == 0)) || { cat out; echo "silos_als_spark.py: exit status $status"; exit 1; }
  cmp -s sums.safetensors loop/als.safetensors || { echo "silos_als_spark.py, $parts parts: another model than that of one run"; exit 1; }
  echo "silos_als_spark.py, $parts parts: the model of one run"
done

cut -f 1 $log | sort -u > users
rec-score -q -m one.safetensors --all --top 5 --header-rows 0 --exclude $log users | rec-rank -q -k 5 --header-rows 0 | sort > ranked
for parts in 1 3; do
  rm -rf lists
  status=0
  "${SPARK_PYTHON:-python3}" "$tree/examples/spark_score.py" one.safetensors users $log lists $parts 5 > out 2>&1 || status=$?
  ((status == 0)) || { cat out; echo "spark_score.py: exit status $status"; exit 1; }
  cat lists/part-* | sort | cmp -s ranked - || { echo "spark_score.py, $parts parts: other lists than those of one run"; exit 1; }
  [[ $(find lists -name 'part-*' | wc -l) == "$parts" ]] || { echo "spark_score.py: not $parts parts"; exit 1; }
  echo "spark_score.py, $parts parts: the lists of one run"
done
# A tool that fails leaves no lists.
rm -rf lists
if "${SPARK_PYTHON:-python3}" "$tree/examples/spark_score.py" $log users $log lists 2 5 > out 2>&1; then
  echo "spark_score.py: a failure is lost"
  exit 1
fi
[[ ! -e lists/_SUCCESS ]] || { echo "spark_score.py: lists after a failure"; exit 1; }
