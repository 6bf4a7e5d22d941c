#!/bin/bash
# Usage: run.sh TREE BUILD
# Runs the recipes of rec(7) and README.md that need other programs: the examples under
# "needs:" (tests/checks/examples.pl), which `make check` leaves out. Starts PostgreSQL and Redis for
# this run alone, in a temporary folder and without a network port; uses the Python of
# .ci/python for DuckDB, pandas, Polars and TensorBoard, and then the examples of
# examples/services and events for TensorBoard. A program that is not here is said, and its recipes are left out.
# Stops what it started.
set -euo pipefail
export LC_ALL=C
tree=$(cd "$1" && pwd) build=$(cd "$2" && pwd)
work=$(mktemp -d)
postgres=() server=
stop() {
  [[ -z $server ]] || "${postgres[@]}" "$server/pg_ctl" -D "$work/data" -s -m immediate stop || true
  [[ ! -S $work/redis.sock ]] || redis-cli -s "$work/redis.sock" shutdown nosave >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap stop EXIT
have=()
# found NAME COMMAND...: NAME is here if COMMAND succeeds; its first line of output says which version.
found() {
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then
    have+=("$name")
    echo "$name: $(head -1 <<<"$said")"
  else
    echo "$name: not here, its recipes are left out: $(tail -1 <<<"$said")"
  fi
}

start_postgres() {
  local where
  where=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -1) || where=$(command -v initdb) ||
    { echo "no PostgreSQL server"; return 1; }
  if (( EUID == 0 )); then  # which the server refuses to run as
    postgres=(runuser -u postgres --)
    chown postgres "$work"
    chmod 755 "$work"
  fi
  cd "$work" || return 1
  "${postgres[@]}" "${where%/*}/initdb" -D "$work/data" -A trust -U rec -E UTF8 --locale=C --no-sync >"$work/log" 2>&1 &&
    "${postgres[@]}" "${where%/*}/pg_ctl" -D "$work/data" -s -w -l "$work/data/log" start \
      -o "-c listen_addresses='' -c unix_socket_directories='$work' -c fsync=off" >>"$work/log" 2>&1 ||
    { cat "$work/log"; return 1; }
  echo "${where%/*}" >"$work/server"
  psql --version
}
export PGHOST=$work PGUSER=rec PGDATABASE=postgres

# A redis-cli that finds the server of this run.
start_redis() {
  redis-server --port 0 --unixsocket "$work/redis.sock" --daemonize yes --save '' --dir "$work" >"$work/redis.log" 2>&1 ||
    { cat "$work/redis.log"; return 1; }
  for _ in {1..100}; do
    [[ ! -S $work/redis.sock ]] || break
    sleep 0.1
  done
  mkdir "$work/bin"
  printf '#!/bin/sh\nexec %s -s %s "$@"\n' "$(command -v redis-cli)" "$work/redis.sock" >"$work/bin/redis-cli"
  chmod +x "$work/bin/redis-cli"
  "$work/bin/redis-cli" ping >/dev/null && redis-server --version
}

found jq jq --version
found sqlite3 sqlite3 --version
found psql start_postgres
[[ ! -e $work/server ]] || server=$(<"$work/server")
(( EUID != 0 )) || postgres=(runuser -u postgres --)
found redis-cli start_redis
if python=$("$tree/.ci/python" recipes); then PATH=${python%/*}:$PATH; fi
found duckdb duckdb --version
found pandas python3 -c 'import pandas; print(pandas.__version__)'
found polars python3 -c 'import polars; print(polars.__version__)'
found socat socat -V
found tensorboard python3 -c 'import tensorboard; print(tensorboard.__version__)'
PATH=$work/bin:$PATH
with=$(IFS=,; echo "${have[*]}")
perl "$tree/tests/checks/examples.pl" --with "${with:-none}" "$tree" "$build" "$tree/README.md" "$tree/man/rec.7"

if [[ ,$with, == *,tensorboard,* ]]; then
  mkdir "$work/tensorboard"
  PATH=$build:$PATH python3 "$tree/tests/recipes/tensorboard_events.py" "$work/tensorboard"
fi
PATH=$build:$PATH bash "$tree/tests/recipes/services.sh" "$tree" "$with"
