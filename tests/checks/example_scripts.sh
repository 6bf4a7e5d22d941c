#!/bin/bash
# Usage: example_scripts.sh TREE BUILD
# The scripts of examples/ run, from a folder of their own, and say what is true:
# als beats popularity; the gate of nightly.sh lets a model in, keeps one out and
# leaves yesterday's in place; a held lock and bad usage have their exit status.
set -euo pipefail
export LC_ALL=C
examples=$(cd "$1" && pwd)/examples
PATH=$(cd "$2" && pwd):$PATH
log=$examples/data/movietweetings/interactions.tsv
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
breach() { echo "$1"; exit 1; }
# expect STATUS COMMAND...
expect() {
  local status=0
  "${@:2}" >out 2>err || status=$?
  (( status == $1 )) || { cat out err; breach "${*:2}: exit status $status, expected $1"; }
}

expect 0 "$examples/quickstart.sh" demo
[[ $(grep -c '^\$ ' out) -ge 10 ]] || breach "quickstart.sh does not show its commands"
metric() { awk -F '\t' '$1 == "ndcg@10" {print $2}' "demo/$1.metrics.tsv"; }
awk -v als="$(metric als)" -v pop="$(metric pop)" 'BEGIN {exit !(als > 1.2 * pop && pop > 0.05)}' ||
  breach "quickstart.sh: ndcg@10 of als $(metric als), of popularity $(metric pop)"
grep -q $'^me\t0167261\t.*\tThe Lord of the Rings: The Two Towers (2002)$' out || breach "quickstart.sh: no recommendation with its title"
[[ -s demo/page.html ]] || breach "quickstart.sh: no page"

expect 0 "$examples/nightly.sh" "$log" night 'ndcg@10>=0.1'
[[ ! -s out && ! -s err ]] || breach "nightly.sh is not quiet"
[[ $(wc -l <night/recommendations.tsv) -gt 100000 && -s night/metrics.tsv ]] || breach "nightly.sh: no recommendations"
before=$(cd night && cksum model.safetensors recommendations.tsv metrics.tsv)
expect 3 "$examples/nightly.sh" "$log" night 'ndcg@10>=0.9'
grep -q 'required ndcg@10>=0.9, found' err || breach "nightly.sh does not say why"
grep -q '	ndcg@10=0\.[0-9]*	' night/nightly.log || breach "nightly.sh logs another metric: $(cat night/nightly.log)"
expect 3 "$examples/nightly.sh" -d 0.01 "$log" night 'ndcg@10>=0.05' pop
grep -q 'required ndcg@10.difference>=-0.01, found -0' err || breach "nightly.sh: popularity takes the place of als: $(cat err)"
expect 1 "$examples/nightly.sh" no-such-file night
expect 75 flock night/.lock "$examples/nightly.sh" "$log" night
expect 2 "$examples/nightly.sh"
[[ $before == "$(cd night && cksum model.safetensors recommendations.tsv metrics.tsv)" ]] || breach "nightly.sh: yesterday's files changed"
[[ $(cut -f 2 night/nightly.log | tr '\n' ' ') == "replaced kept-old kept-old failed " ]] || breach "nightly.sh: $(cat night/nightly.log)"
[[ -z $(find night -name '.work*') ]] || breach "nightly.sh leaves its work folder"
# A log of other columns and without a header, another model and metric.
awk -F '\t' 'NR > 1 {print $2 "\t" $1}' "$log" >swapped.tsv
expect 0 "$examples/nightly.sh" -c user=2,item=1 -m hit@10 swapped.tsv other 'hit@10>=0.2' pop
cut -f 2,3 other/nightly.log | grep -q '^replaced	hit@10=0\.[0-9]*$' || breach "nightly.sh: $(cat other/nightly.log)"
# A model that keeps no users gets the histories.
expect 0 "$examples/nightly.sh" "$log" pool 'ndcg@10>=0.05' attention-pool -d 16 -e 2
[[ ! -s out && ! -s err ]] || breach "nightly.sh is not quiet: $(cat err)"

expect 0 "$examples/evaluate.sh"
grep -q '^exit status 3$' out || breach "evaluate.sh: no exit status 3"
expect 0 "$examples/evaluate.sh" demo/als.ranking.tsv demo/test.tsv
grep -q "^ndcg@10.$(metric als)\$" out || breach "evaluate.sh and quickstart.sh disagree"
expect 2 "$examples/evaluate.sh" one

expect 0 "$examples/ab-test.sh"
row() { awk -F '\t' -v row="$1" '$1 == row {print $3, $4; exit}' out; }
read -r low high <<<"$(row 'ctr.ratio[b]')"
awk -v low="$low" -v high="$high" 'BEGIN {exit !(1 < low && low < 1.15 && 1.15 < high)}' ||
  breach "ab-test.sh: the interval [$low, $high] of the ratio is not above 1, or lacks the true 1.15"
read -r low high <<<"$(row 'ctr.ratio[odd]')"
awk -v low="$low" -v high="$high" 'BEGIN {exit !(low < 1 && 1 < high)}' || breach "ab-test.sh: a against itself differs"
grep -q '^ship b$' out || breach "ab-test.sh does not ship b"
grep -q 'sample ratio mismatch' err || breach "ab-test.sh: lost users go unnoticed"
printf 'user\titem\tvariant\timpressions\tclicks\nu1\ti\told\t9\t1\nu2\ti\told\t8\t2\nu3\ti\tnew\t9\t3\nu4\ti\tnew\t9\t4\n' >mine.tsv
expect 0 "$examples/ab-test.sh" mine.tsv
grep -q '^ctr.ratio.old.' out || breach "ab-test.sh does not read a log of one's own"
expect 2 "$examples/ab-test.sh" one two

expect 0 "$examples/cold-start.sh" cold
mapfile -t ndcg < <(awk -F '\t' '$1 == "ndcg@10" {print $2}' out)  # by features, by chance
awk -v features="${ndcg[0]}" -v chance="${ndcg[1]}" 'BEGIN {exit !(features > 2 * chance && chance > 0.01)}' ||
  breach "cold-start.sh: ndcg@10 of new films is ${ndcg[0]} by features, ${ndcg[1]} by chance"

expect 0 "$examples/silos.sh" silos
[[ $(grep -c '^the same sums$' out) == 1 && $(grep -c '^the weights of one run$' out) == 2 ]] ||
  breach "silos.sh: parts and one run differ: $(cat out err)"
grep -q $'^dp-holds\tyes$' out || breach "silos.sh: the last model is not private"
! grep -q '^user' silos/ease.model || breach "silos.sh: the model has users"
rec-model info silos/shop0.stats.safetensors | grep -q $'^users\t0$' || breach "silos.sh: a user left the shop"

expect 0 "$examples/silos_als.sh" silos-als
[[ $(grep -c '^the sums of one run$' out) == 1 && $(grep -c '^the model of one run$' out) == 1 ]] ||
  breach "silos_als.sh: parts and one run differ: $(cat out err)"
grep -q '^1478 items, equal up to .001$' out || breach "silos_als.sh: other vectors than those of plain als: $(cat out)"
rec-model info silos-als/items.safetensors | grep -q $'^users\t0$' || breach "silos_als.sh: the model has users"
for model in private each; do
  rec-model info silos-als/$model.safetensors >its
  grep -q $'^dp-holds\tyes$' its && grep -q $'^epochs\t2$' its || breach "silos_als.sh: $model.safetensors is not private: $(cat its)"
done
rec-model info silos-als/noisy.safetensors >its
grep -q $'^dp-releases\t1$' its && ! grep -q -e user.hashes -e items.users its || breach "silos_als.sh: exact numbers beside the noise: $(cat its)"
rec-model info silos-als/sum.safetensors | grep -q $'^dp-releases\t3$' || breach "silos_als.sh: not the noise of three shops"
rec-model info silos-als/shop0.stats.safetensors | grep -q $'^users\t0$' || breach "silos_als.sh: a user left the shop"
