#!/bin/bash
# Usage: parquet.sh RATINGS.parquet TITLES.csv LISTS.parquet
# Parquet in and out by DuckDB: trains on RATINGS (user_id, item_id, rating, time), and writes LISTS (user, item, title,
# score, rank), ten items a user, joined with TITLES (item, title). All ids stay text. LISTS appears when it is complete.
set -euo pipefail
export LC_ALL=C
(( $# == 3 )) || { echo "usage: parquet.sh RATINGS.parquet TITLES.csv LISTS.parquet" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Names of files are values of the query, and no part of its text.
RATINGS=$(realpath "$1") TITLES=$(realpath "$2")
export RATINGS TITLES
# QUOTE '': ids with quotes stay as they are.
duckdb -c "COPY (SELECT user_id::VARCHAR AS user, item_id::VARCHAR AS item, rating AS value, epoch(time)::BIGINT AS timestamp
  FROM read_parquet(getenv('RATINGS'))) TO '/dev/stdout' (FORMAT csv, DELIMITER '\t', HEADER, QUOTE '')" >"$work/log.tsv"
rec-embed als -q -o "$work/model" "$work/log.tsv"
rec-score -q -m "$work/model" --all --all-users --exclude "$work/log.tsv" --top 10 | rec-rank -q -k 10 -o "$work/lists.csv"
cd "$work"
duckdb -c "COPY (SELECT user, item, title, score, rank
  FROM read_csv('lists.csv', header = true, columns = {'user': 'VARCHAR', 'item': 'VARCHAR', 'score': 'FLOAT', 'rank': 'INTEGER'}) AS lists
  LEFT JOIN read_csv(getenv('TITLES'), header = true, all_varchar = true) AS titles USING (item)
  ORDER BY user, rank) TO 'lists.parquet'"
cd "$OLDPWD"
mv -f "$work/lists.parquet" "$3"
