#!/bin/bash
# Usage: tree.sh TREE
# What must stand nowhere in the project's own files: absolute paths of somebody's
# machine, hosts of package registries, conflict marks, spaces at line ends, tables of
# names that a crafted input fills in one place.
set -euo pipefail
export LC_ALL=C
cd "$1"
status=0
# The files of the repository or, outside of one, those that are not built.
list() { git ls-files -co --exclude-standard -z 2>/dev/null || find . \( -path ./.git -o -path './build*' \) -prune -o -type f -printf '%P\0'; }
forbid() {  # TEXT REGEX [PATHS TO LEAVE OUT]
  local found
  found=$(list | grep -zvE "^(tests/checks/tree\.sh${3:+|$3})" | xargs -0 grep -nIE -- "$2" 2>/dev/null || true)
  if [[ -n $found ]]; then
    echo "$1:"
    head -20 <<<"$found"
    status=1
  fi
}
forbid "absolute path" '(^|[^[:alnum:]_.~/-])/(work|root|home|Users)/[[:alnum:]_]'
forbid "registry host" '(^|[^[:alnum:]])(deb|registry|proxy|archive|index|mirror|files)\.[a-z-]+\.(org|com|net|io)|^deb(-src)? +https?:'
forbid "conflict mark" '^(<<<<<<<|>>>>>>>) '
forbid "spaces at the end of the line" '[ 	]+$' 'LICENSE|.*\.md$|.*\.tsv$|tests/(golden|fuzz)/|examples/.*data|man/'
forbid "table of names by a hash without a seed, where IdHash has one" 'unordered_(set<std::string(_view)?>|map<std::string(_view)?, [^,<>]*(<[^>]*>)?>)' 'tests/'
exit $status
