#!/bin/bash
# Usage: redis.sh RECOMMENDATIONS [SECONDS]
# Loads lists of recommendations (user item score rank, the rows of a user together) into Redis: for each user a key
# rec:USER, whose items are split by TABs. Each is replaced in one step, and is gone after SECONDS (default two days)
# without a new one. Run again, it leaves the same keys. Fails where Redis refuses any of them.
set -euo pipefail
export LC_ALL=C
(( $# >= 1 && $# <= 2 )) || { echo "usage: redis.sh RECOMMENDATIONS [SECONDS]" >&2; exit 2; }
[[ ${2:-172800} =~ ^[1-9][0-9]*$ ]] || { echo "redis.sh: SECONDS is \"$2\", expected a number above 0" >&2; exit 2; }
# The protocol counts bytes, and so do awk's lengths in this locale.
rec-rank -q --header never "$1" | awk -F '\t' -v seconds="${2:-172800}" '
  function word(w) {printf "$%d\r\n%s\r\n", length(w), w}
  function set_list() {if (list == "") return; printf "*5\r\n"; word("SET"); word("rec:" user); word(list); word("EX"); word(seconds)}
  {if ($1 "" == user) list = list "\t" $2; else {set_list(); user = $1 ""; list = $2}}
  END {set_list()}' | redis-cli --pipe
