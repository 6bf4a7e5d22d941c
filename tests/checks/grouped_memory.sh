#!/bin/bash
# Usage: grouped_memory.sh [MOST]
# The memory that rec-rank and rec-attend take for each user of a grouped input, from the peaks of
# two inputs, one of 300 000 users with ids of 9 bytes, one of 1 500 000. Prints bytes a user; exit status 1 where
# that is more than MOST (40). The tools are on PATH; a build with sanitizers is left out (77).
set -euo pipefail
most=${1:-40}
[ -z "${SANITIZE:-}" ] || exit 77
few=300000 many=1500000
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
users() { perl -e 'printf "u%08d\ti1\t1\n", $_ for 1 .. shift' "$1"; }
printf 'a\ti1\nb\ti1\n' | rec-embed pop -q -o "$folder/pop.model" -
peak() {  # COMMAND...: in KiB
  "$@" -v -j 1 --grouped - 2>&1 >/dev/null | perl -ne 'print int($1 * 1024 * ($2 eq "GiB" ? 1024 : 1)) if /([\d.]+) (MiB|GiB)/'
}
status=0
for command in "rec-rank -k 1" "rec-attend -m $folder/pop.model"; do
  small=$(users "$few" | peak $command)
  large=$(users "$many" | peak $command)
  bytes=$(((large - small) * 1024 / (many - few)))
  echo "${command%% *}: $bytes bytes a user"
  ((small > 0 && bytes > 9 && bytes <= most)) || status=1
done
exit "$status"
