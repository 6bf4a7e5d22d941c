#!/bin/bash
# Usage: memory.sh [SHARE]
# The figures of memory that the pages give for a user or a row: prints what the tools take, from their
# peaks on two inputs of which one is four times the other. Exit status 1 where that is more than
# the most that stands here times SHARE (1.1), or nothing where memory should grow. The tools are on
# PATH; a build with sanitizers is left out (77).
set -euo pipefail
share=${1:-1.1}  # a tenth is the noise of peaks
[ -z "${SANITIZE:-}" ] || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
users() { perl -e 'printf "u%08d\ti1\t1\n", $_ for 1 .. shift' "$1"; }  # ids of 9 bytes
lists() { perl -e 'for my $u (1 .. (shift) / 50) { print "u$u\ti$_\t$_\n" for 1 .. 50 }' "$1"; }
predictions() { perl -e 'printf "%d\t0.%06d\n", $_ % 2, $_ * 7919 % 1e6 for 1 .. shift' "$1"; }
weighted() { perl -e 'print "label\tprediction\tweight\n"; printf "%d\t0.%06d\t1.5\n", $_ % 2, $_ * 7919 % 1e6 for 1 .. shift' "$1"; }
events() { perl -e 'print "user\titem\tvariant\tevent\ttimestamp\n"; printf "u%d\ti%d\ta\t%s\t%d\n", $_ / 20, $_ % 20 / 2, $_ % 2 ? "click" : "shown", 1700000000 + $_ for 1 .. shift' "$1"; }
log() { perl -e 'for my $row (0 .. (shift) - 1) { printf "u%d\ti%d\n", $row % 2000, ($row * 7919 + int($row / 2000)) % 50021 }' "$1"; }
binary_log() { log "$1" | rec-model convert -q --to safetensors; }
sorted_log() { log "$1" | rec-model convert -q --sort user --to safetensors; }
printf 'a\ti1\nb\ti1\n' | rec-embed pop -q -o pop.model -
printf 'u1\ti1\t1\n' > one.tsv
peak() {  # COMMAND...: in KiB
  "$@" -v -j 1 2>&1 >/dev/null | perl -ne 'print int($1 * 1024 * ($2 eq "GiB" ? 1024 : 1)) if /([\d.]+) (MiB|GiB) peak/'
}
status=0
check() {  # MOST UNIT ROWS ROWS_OF COMMAND...: bytes a unit; ROWS and four times as many
  local most=$1 unit=$2 rows=$3 rows_of=$4 small large
  shift 4
  "$rows_of" "$rows" > in.tsv
  small=$(peak "$@")
  "$rows_of" $((4 * rows)) > in.tsv
  large=$(peak "$@")
  perl -e '($small, $large, $rows, $most, $share, $what) = @ARGV;
           $bytes = ($large - $small) * 1024 / (3 * $rows);
           printf "%s: %.0f bytes\n", $what, $bytes;
           exit($small > 0 && $bytes <= $most * $share && ($bytes >= 9 || $most < 9) ? 0 : 1)' \
    "$small" "$large" "$rows" "$most" "$share" "$* a $unit" || status=1
}
check 40 user 150000 users rec-rank -k 1 --grouped in.tsv
check 40 user 150000 users rec-attend -m pop.model --grouped in.tsv
check 4 row 300000 users rec-score -m pop.model in.tsv
check 40 row 150000 lists rec-rank --blend rrf one.tsv in.tsv
check 36 row 150000 predictions rec-eval -m auc in.tsv
check 100 row 300000 events rec-eval --events in.tsv
check 46 row 150000 weighted rec-eval -m auc in.tsv
check 17 row 1000000 log rec-embed als -d 8 -e 1 in.tsv
check 13 row 1000000 binary_log rec-embed als -d 8 -e 1 in.tsv
check 8.9 row 1000000 sorted_log rec-embed als -d 8 -e 1 in.tsv
exit "$status"
