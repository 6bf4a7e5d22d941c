#!/bin/bash
# Usage: services.sh TREE HAVE
# Runs examples/services with the programs of HAVE (psql,redis-cli,duckdb,socat), in a folder of its own: lists out of
# PostgreSQL and back, read by a query; lists in Redis, read back; Parquet; make, also where a stage fails; the units of
# systemd and the crontab as far as they can be looked at. A second run leaves the same.
set -euo pipefail
export LC_ALL=C
services=$(cd "$1" && pwd)/examples/services have=,$2,
log=$(cd "$1" && pwd)/examples/data/movietweetings/interactions.tsv
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
breach() { echo "$1"; exit 1; }
rec-split -q --method none --k-core 10 --header always --train log.tsv "$log"
{ echo user,item,value,timestamp; tail -n +2 log.tsv | tr '\t' ','; } >log.csv
ran=0

if [[ $have == *,psql,* ]]; then
  psql -X -q -c 'DROP TABLE IF EXISTS ratings' -c 'DROP TABLE IF EXISTS recommendations' \
    -c 'CREATE TABLE ratings (user_id text, item_id text, rating real, time timestamptz)' \
    -c 'CREATE TEMP TABLE seconds (u text, i text, r real, t bigint)' -c '\copy seconds FROM log.csv (FORMAT csv, HEADER)' \
    -c 'INSERT INTO ratings SELECT u, i, r, to_timestamp(t) FROM seconds' 2>/dev/null
  table() { psql -X -q -t -A -F $'\t' -c 'SELECT user_id, item_id, score, rank FROM recommendations ORDER BY user_id COLLATE "C", rank'; }
  "$services/postgres.sh" night 'ndcg@10>=0.05'
  table >first
  cmp first <(tail -n +2 night/model/recommendations.tsv | sort -t $'\t' -k 1,1 -k 4,4n)
  "$services/postgres.sh" night 'ndcg@10>=0.05'
  table | cmp - first
  status=0
  "$services/postgres.sh" night 'ndcg@10>=0.99' 2>err || status=$?
  [[ $status == 3 ]] || breach "postgres.sh: exit status $status where the gate does not hold"
  table | cmp - first
  ((++ran))
fi

rec-embed als -q -d 16 -o model log.tsv
rec-score -q -m model --all --all-users --top 5 -o lists.tsv
if [[ $have == *,redis-cli,* ]]; then
  redis-cli FLUSHALL >/dev/null
  for _ in first again; do "$services/redis.sh" lists.tsv 60 >out || breach "redis.sh: $(cat out)"; done
  users=$(tail -n +2 lists.tsv | cut -f 1 | uniq | wc -l)
  grep -q "errors: 0, replies: $users" out || breach "redis.sh: $(cat out)"
  [[ $(redis-cli DBSIZE) == *"$users" ]] || breach "redis.sh: $(redis-cli DBSIZE) keys"
  while IFS= read -r user; do
    redis-cli GET "rec:$user" | tr '\t' '\n' | cmp - <(awk -F '\t' -v user="$user" '$1 "" == user {print $2}' lists.tsv)
    [[ $(redis-cli TTL "rec:$user") -gt 0 ]]
  done < <(awk -F '\t' 'NR > 1 && $1 "" != user && n++ < 20 {user = $1 ""; print user}' lists.tsv)
  ((++ran))
fi

if [[ $have == *,duckdb,* ]]; then
  duckdb -c "COPY (SELECT user AS user_id, item AS item_id, value AS rating, to_timestamp(timestamp) AS time FROM
    read_csv('log.csv', header = true, columns = {'user': 'VARCHAR', 'item': 'VARCHAR', 'value': 'DOUBLE', 'timestamp': 'BIGINT'})) TO 'ratings.parquet'"
  { echo item,title; tail -n +2 log.tsv | cut -f 2 | sort -u | awk '{print $1 ",\"Film, " $1 "\""}'; } >titles.csv
  "$services/parquet.sh" ratings.parquet titles.csv out.parquet
  rec-embed als -q -o whole log.tsv
  rec-score -q -m whole --all --all-users --exclude log.tsv --top 10 | rec-rank -q -k 10 | tail -n +2 | awk -F '\t' '{print $1 "\t" $2 "\tFilm, " $2 "\t" $4}' | sort >wanted
  duckdb -c "COPY (SELECT user, item, title, rank FROM 'out.parquet') TO '/dev/stdout' (FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '')" | sort | cmp - wanted
  ((++ran))
fi

if [[ $have == *,socat,* ]]; then
  user=$(sed -n 2p lists.tsv | cut -f 1)
  # ask MODEL: what a client of the socket must get from it for two users.
  ask() { printf '%s\n%s\n' "$user" nobody | rec-score -q -m "$1" --all --follow --top 2 --exclude log.tsv; }
  client() { printf '%s\n%s\n' "$user" nobody | socat -t 30 - UNIX-CONNECT:./score.sock; }
  wait_for_socket() { for _ in {1..100}; do [[ ! -S score.sock ]] || return 0; sleep 0.1; done; breach "no socket"; }
  cp model served
  "$services/socket.sh" served ./score.sock --top 2 --exclude log.tsv &
  server=$!
  wait_for_socket
  client | cmp - <(ask model)
  rec-embed pop -q -o other log.tsv
  mv other served
  client | cmp - <(ask served)
  kill $server
  wait $server || true
  # The unit's own command, started for a connection as systemd does it.
  if command -v systemd-socket-activate >/dev/null; then
    rm -f score.sock
    read -r -a words <<<"$(sed -n 's#^ExecStart=/usr/bin/##p' "$services/rec-score@.service")"
    for at in "${!words[@]}"; do [[ ${words[at]} != /var/lib/shop/rec/model.safetensors ]] || words[at]=$folder/model; done
    systemd-socket-activate --accept --inetd -E PATH -l "$folder/score.sock" "${words[@]}" 2>/dev/null &
    server=$!
    wait_for_socket
    client | cmp - <(printf '%s\n%s\n' "$user" nobody | rec-score -q -m model --all --follow --top 10)
    kill $server
    wait $server || true
  fi
  ((++ran))
fi

mkdir make
cp log.tsv make/ratings.tsv
run_make() { make -s -C make -f "$services/pipeline.mk" "$@"; }
run_make
[[ -s make/recommendations.tsv && -s make/metrics.tsv ]] || breach "pipeline.mk: no recommendations"
run_make -q || breach "pipeline.mk: something is made again"
touch make/ratings.tsv
before=$(cksum make/recommendations.tsv)
if run_make 'GATE=ndcg@10>=0.99' >out 2>&1; then breach "pipeline.mk: the gate lets a bad model through"; fi
[[ ! -e make/metrics.tsv && $before == "$(cksum make/recommendations.tsv)" ]] || breach "pipeline.mk: half a stage is left"
run_make
[[ $before == "$(cksum make/recommendations.tsv)" ]] || breach "pipeline.mk: the same log gives other lists"
((++ran))

if command -v systemd-analyze >/dev/null; then
  for unit in rec-nightly.service rec-nightly.timer rec-score.socket rec-score@.service; do
    sed -E 's#^ExecStart=[^ ]+#ExecStart=/bin/true#' "$services/$unit" >"$unit"
  done
  systemd-analyze verify ./rec-nightly.service ./rec-nightly.timer ./rec-score.socket 2>&1 | grep -E 'rec-(nightly|score)' &&
    breach "the units have faults"
fi
# The commands of unit and crontab are ones that nightly.sh takes.
command=$(sed -n 's/^15 3 \* \* \* //p' "$services/crontab")
[[ -n $command ]] || breach "crontab: no line at 03:15"
mkdir shop
cp log.tsv shop/ratings.tsv
command=${command//\/var\/lib\/shop/$folder/shop}
sh -c "${command//\/usr\/share\/doc\/rec-tools\/examples/$services/..}" >out 2>&1 || breach "crontab: $(cat out)"
[[ ! -s out && -s shop/rec/recommendations.tsv ]] || breach "crontab: $(cat out)"
command=$(sed -n 's#^ExecStart=/usr/share/doc/rec-tools/examples/##p' "$services/rec-nightly.service")
read -r -a words <<<"${command//\/var\/lib\/shop/$folder/shop}"
PATH=$services/..:$PATH "${words[@]}"
((++ran))
echo "services: $ran examples ran"
