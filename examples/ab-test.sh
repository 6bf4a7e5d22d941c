#!/bin/bash
# Usage: ab-test.sh [EVENTS]
# An online experiment from its log to a decision. EVENTS is TSV with a header:
# user, item, variant, and click (0 or 1) or impressions and clicks. Without it the
# script makes a log whose lift it knows (in variant b an impression is clicked 15 %
# more often than in variant a), and goes on to a decision, an A/A test and a log
# with lost users. Shows the commands; needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$(dirname "$here")/build:$PATH
if (( $# > 1 )); then
  echo "usage: ab-test.sh [EVENTS]" >&2
  exit 2
fi
[[ $# == 0 ]] || given=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

# 12000 users with a rate of their own (0 to 0.2) and 1 to 30 impressions each. The
# generator (Park and Miller 1988) is written out, so that every awk draws the same.
make_log() {
  awk -v seed=7 '
    function draw() {seed = (seed * 16807) % 2147483647; return seed / 2147483647}
    BEGIN {
      OFS = "\t"
      print "user", "item", "variant", "click"
      for (user = 1; user <= 12000; ++user) {
        variant = draw() < 0.5 ? "a" : "b"
        rate = 0.2 * draw() * draw() * (variant == "b" ? 1.15 : 1)
        for (left = 1 + int(30 * draw()); left > 0; --left)
          print "u" user, "i" int(100 * draw()), variant, draw() < rate
      }
    }'
}

if (( $# == 0 )); then
  say 'A log of an experiment: one row an impression. The true lift is 15 %'
  make_log >events.tsv
else
  say "The log $1"
  cp "$given" events.tsv
fi
run 'head -4 events.tsv'

say 'Each variant, and how they compare: t and p have users as units'
run 'rec-eval -m ctr events.tsv'

say 'The same intervals by resampling users'
run 'rec-eval -q -m ctr --bootstrap 1000 events.tsv | head -5'

(( $# == 0 )) || exit 0  # what follows speaks of a and b

say 'A decision for a script: is the click-through rate of b higher, beyond chance?'
run 'rec-eval -q -m ctr --require "ctr.ratio[b]>1" --require "ctr.p[b]<0.05" -o result.tsv events.tsv &&
    echo "ship b" || echo "keep a (exit status $?)"'

say 'Would it have said so without any difference? Variant a against itself, users by odd and even number'
run 'awk -F "\t" -v OFS="\t" '\''NR > 1 {if ($3 != "a") next; $3 = substr($1, length($1)) % 2 ? "odd" : "even"} {print}'\'' \
    events.tsv | rec-eval -q -m ctr | grep -E "ratio|\.p\["'

say 'A log that lost a tenth of the users of b is noticed: do not read its rates'
run 'awk -F "\t" '\''!($3 == "b" && $1 ~ /7$/)'\'' events.tsv | rec-eval -m ctr --control a | grep -E "split|^users"'
