#!/bin/bash
# Usage: tune.sh TREE      (the binaries are on PATH)
# Searches of rec-tune that are killed, that share a leaderboard, or that have little time: a killed one that is started
# again writes the bytes of one that was not, and nothing stays behind; a budget is kept; the leaderboard is complete
# whenever it is looked at.
set -euo pipefail
export LC_ALL=C
tree=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir scratch
export TMPDIR=$work/scratch
breach() { echo "$1"; exit 1; }
rec-split -q --method hash-row --k-core 8 --test-fraction 0.2 --train train.tsv --test valid.tsv \
  "$tree/examples/data/movietweetings/interactions.tsv"
head -n 8001 train.tsv > part.tsv
tune=(rec-tune -q --valid valid.tsv --seed 4)
search=("${tune[@]}" --space 'als --dim {4..24} --epochs 27' --space 'sasrec --dim {8,16} --max-len 10 --epochs {18,27}'
  --space 'knn --neighbours {10..100 log}' --trials 9)
"${search[@]}" -j 1 --leaderboard whole.tsv -o whole.model part.tsv
without_seconds() { cut -f 1-6,8,9 "$1"; }
for j in 2 3; do
  "${search[@]}" -j $j --leaderboard j$j.tsv -o j$j.model part.tsv
  cmp whole.model j$j.model || breach "-j $j: another model"
  cmp <(without_seconds whole.tsv) <(without_seconds j$j.tsv) || breach "-j $j: another leaderboard"
done
# They ran side by side; where some fail, and warn, nothing but seconds differs either.
rec-tune -v --valid valid.tsv --space pop --trials 1 -j 2 -o pop.model part.tsv 2> said
grep -q '^rec-tune: 2 runs side by side, of 1 thread each$' said || breach "-j 2: no runs side by side: $(< said)"
cp valid.tsv warned.tsv
tail -n 9 part.tsv >> warned.tsv
for j in 1 2 3; do
  rec-tune -j $j --valid warned.tsv --trials 12 --leaderboard failed$j.tsv --space pop \
    --space 'sasrec --dim 8 --max-len 5 --epochs 2 --clip-norm 0 --learning-rate {0.01,1e30,0.02,1e31,1e32}' \
    --space 'knn --neighbours {10..100 log}' -o failed.model part.tsv 2>&1 | sed -E 's/, [0-9.]+ s\b//' > said$j
done
grep -q ': failed: the loss is no longer finite' said1 || breach "no run fails: $(< said1)"
grep -q '^rec-tune: warning: 9 of ' said1 || breach "no run warns: $(< said1)"
for j in 2 3; do
  cmp said1 said$j || breach "-j $j: other words"
  cmp <(without_seconds failed1.tsv) <(without_seconds failed$j.tsv) || breach "-j $j: another leaderboard with failed runs"
done
# The first run says what is wrong with all of them; what others beside it wrote goes.
! rec-tune -q -j 3 --valid valid.tsv --leaderboard none.tsv --space 'sasrec --max-len 5 --learning-rate 1e30 --epochs 2' \
  --space 'als --dim {4..24} --epochs 27' -o failed.model part.tsv 2> said || breach "the first run does not fail"
[[ ! -e none.tsv ]] || breach "a leaderboard without a run"
! ls -d ./*.checkpoints > found 2> /dev/null || breach "checkpoints are left: $(< found)"

# Killed again and again after 0.1 to 0.3 s, later where it does not get on, until it comes to its end.
kills=0 rows=0 stalled=0
while true; do
  before=$rows
  "${search[@]}" --leaderboard killed.tsv -o killed.model part.tsv &
  id=$!
  for ((tick = 0; tick < 3 + kills % 7 + stalled; ++tick)); do
    sleep 0.03
    kill -0 $id 2> /dev/null || break
    if [[ -e killed.tsv ]]; then  # a header and whole rows, no fewer than before
      awk -F '\t' 'NF != 9 { exit 1 }' killed.tsv || breach "a broken leaderboard: $(< killed.tsv)"
      now=$(wc -l < killed.tsv)
      ((now >= rows)) || breach "the leaderboard shrank from $rows to $now lines"
      rows=$now
    fi
  done
  kill -KILL $id 2> /dev/null && kills=$((kills + 1))
  wait $id 2> /dev/null && break
  stalled=$((rows > before ? 0 : stalled + 1))
  [[ ! -e killed.model ]] || breach "a killed search left a model"
  ((kills < 500)) || breach "the search does not come to its end"
done
((kills > 0)) || echo "note: the search was never killed"
cmp whole.model killed.model || breach "killed $kills times: another model"
cmp <(without_seconds whole.tsv) <(without_seconds killed.tsv) || breach "killed $kills times: another leaderboard"
[[ ! -e killed.tsv.checkpoints ]] || breach "checkpoints of the killed search are left"

# What lies in the folder of a leaderboard that was removed is not gone on from: here checkpoints of more epochs.
longer() { "${tune[@]}" --space "als --dim 8 --epochs $1" --leaderboard removed.tsv -o "$2" "${@:3}" part.tsv; }
longer 27 long.model --trials 1 --no-halving
mkdir removed.tsv.checkpoints
rec-embed als -q --dim 8 -e 9 --valid valid.tsv --checkpoint removed.tsv.checkpoints/stale.safetensors -o ck.model part.tsv
rm removed.tsv
longer 27 short.model --trials 1
[[ ! -e removed.tsv.checkpoints ]] || breach "a stale checkpoint stays"

# One search at a time has a leaderboard.
long=(perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "${tune[@]}" --budget 100s --models als,sasrec)  # bash ignores it in jobs
"${long[@]}" --leaderboard shared.tsv -o a.model part.tsv 2> interrupted &
id=$!
until [[ -s shared.tsv ]]; do kill -0 $id || breach "the first search ended"; sleep 0.05; done
status=0
"${long[@]}" --leaderboard shared.tsv -o b.model part.tsv 2> said || status=$?
[[ $status = 1 && $(< said) = "rec-tune: shared.tsv: another rec-tune has this leaderboard; "* ]] ||
  breach "two searches with a leaderboard: status $status, $(< said)"
# SIGINT ends it in order.
kill -INT $id
status=0
wait $id || status=$?
[[ $status = 130 && $(< interrupted) = "rec-tune: interrupted: shared.tsv holds "*" runs, the same command goes on from there" ]] ||
  breach "SIGINT: status $status, $(< interrupted)"
[[ ! -e a.model && -s shared.tsv ]] || breach "SIGINT leaves a model, or no leaderboard"

# Scratch checkpoints go with a signal.
"${long[@]}" -o c.model part.tsv &
id=$!
until compgen -G 'scratch/rec-tune.*.safetensors' > /dev/null; do kill -0 $id || breach "no scratch checkpoints"; sleep 0.05; done
kill -TERM $id
wait $id && breach "SIGTERM: status 0" || true
[[ -z $(ls scratch) ]] || breach "SIGTERM leaves $(ls scratch)"

# A budget is kept, but for a part of a run. It is what four runs take here and now, and three seconds.
start=$EPOCHREALTIME
"${tune[@]}" --trials 4 --leaderboard few.tsv -o d.model part.tsv
seconds() { awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'; }
budget=$(awk -v took="$(seconds)" 'BEGIN { print int(took) + 3 }')
start=$EPOCHREALTIME
"${tune[@]}" --budget "${budget}s" --leaderboard budget.tsv -o d.model part.tsv
took=$(seconds)
awk -v took="$took" -v budget="$budget" 'BEGIN { exit !(took < 5 * budget) }' || breach "--budget ${budget}s took $took s"
(($(wc -l < budget.tsv) > 3)) || breach "--budget ${budget}s: hardly any runs: $(< budget.tsv)"
[[ -z $(ls scratch) ]] || breach "scratch files are left: $(ls scratch)"
