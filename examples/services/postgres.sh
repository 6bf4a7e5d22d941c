#!/bin/bash
# Usage: postgres.sh FOLDER [CONDITION [MODEL [OPTION...]]]
# A night with PostgreSQL: the ratings out of the table `ratings` (user_id, item_id, rating, time), nightly.sh with its
# gate over them, the recommendations into the table `recommendations`, in one transaction: who reads meanwhile finds
# yesterday's lists, or today's. Run again, it leaves the same table. Where the gate keeps yesterday's model nothing is
# loaded, and the exit status is 3. Connects as PGHOST, PGUSER and PGDATABASE say.
set -euo pipefail
export LC_ALL=C
(( $# >= 1 )) || { echo "usage: postgres.sh FOLDER [CONDITION [MODEL [OPTION...]]]" >&2; exit 2; }
examples=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$1"
cd "$1"
shift
sql() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

sql -c '\copy (SELECT user_id AS user, item_id AS item, rating AS value, time AS timestamp FROM ratings) TO ratings.csv (FORMAT csv, HEADER)'
"$examples/nightly.sh" ratings.csv model "$@"
rec-rank -q -k 10 -o recommendations.csv model/recommendations.tsv
sql -1 -f - <<'SQL'
SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS recommendations (
  user_id text, item_id text, score real, rank integer, PRIMARY KEY (user_id, rank));
CREATE TEMP TABLE fresh (LIKE recommendations) ON COMMIT DROP;
\copy fresh FROM recommendations.csv (FORMAT csv, HEADER)
DELETE FROM recommendations;
INSERT INTO recommendations SELECT * FROM fresh;
SQL
