#!/bin/bash
# Usage: music.sh [FOLDER]
# Music: people play again what they like, and skip what they do not. How much of a list should they
# know already, are skips worth learning from, and do they say what to leave out? The log is made by
# generate.awk: six of ten choices are tracks that the listener has played before. Writes into FOLDER (default
# ./music-out); needs no network.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v rec-eval >/dev/null || PATH=$here/../../build:$PATH
out=${1:-music-out}
mkdir -p "$out"
cd "$out"

say() { printf '\n# %s\n' "$1"; }
run() { printf '$ %s\n' "$1"; eval "$1"; }

say 'A month of plays and skips: the plays of the last days are the test'
run 'awk -v kind=music -f "$here/generate.awk" > log.tsv; tail -n +2 log.tsv | cut -f 3 | sort | uniq -c'
split="rec-split -q --method time --test-from 2026-01-26"
run "$split --event-values play=1,skip=0 --train plays.tsv --test test.tsv log.tsv"
run "$split --event-values play=0,skip=1 --train skips.tsv --test later.tsv log.tsv"
run "$split --event-values play=1,skip=1 --train starts.tsv --test rest.tsv log.tsv"
run 'awk -F "\t" '\''NR > 1 {again += ($1, $2) in played} $3 == "play" {played[$1, $2]}
    END {printf("choices that repeat a play: %.3f\n", again / (NR - 1))}'\'' log.tsv | tee truth.txt'

say 'Every start counts; plays alone; plays as often as they happened'
run 'rec-embed als -q starts.tsv -o starts.safetensors
  rec-embed als -q plays.tsv -o plays.safetensors
  rec-embed als -q --confidence linear plays.tsv -o counts.safetensors'
run 'for model in starts plays counts; do
    rec-score -q -m $model.safetensors --all -k 10 --users test.tsv -o $model.lists.tsv 2> /dev/null
  done
  rec-score -q -m counts.safetensors --all -k 10 --users test.tsv --exclude skips.tsv -o unskipped.lists.tsv
  rec-score -q -m counts.safetensors --all -k 10 --users test.tsv --exclude plays.tsv -o unheard.lists.tsv'

run 'rec-rank -q --blend round-robin unskipped.lists.tsv unheard.lists.tsv -o half.lists.tsv'

say 'Beside plays without counts. unheard leaves out what the listener has played, half takes turns of both'
run 'rec-eval -q --truth test.tsv --duplicates first --train plays.tsv -m ndcg@10,repeat@10 --compare starts.lists.tsv \
    --compare counts.lists.tsv --compare unheard.lists.tsv --compare half.lists.tsv plays.lists.tsv |
    tee plays.metrics.tsv | cut -f 1-2,5-6,8-9'

say 'Can skips be predicted? A model of plays and skips, on tracks that the listener had not played'
run 'awk -F "\t" -v OFS="\t" '\''NR == 1 {print "label", "user", "item", "timestamp"; next}
    !(($1, $2) in played) {print ($3 == "play") + 0, $1, $2, $4} $3 == "play" {played[$1, $2]}'\'' log.tsv > labels.tsv
  rec-split -q --method time --test-from 2026-01-26 --train past.tsv --test future.tsv labels.tsv
  rec-embed fm -q -d 8 --reg 0.0001 -e 10 past.tsv -o fm.safetensors
  rec-score -q -m fm.safetensors --labels future.tsv | rec-eval -q -m auc --bootstrap 1000 | tee auc.tsv | head -n 2'

say 'Does it help to leave out what was skipped before?'
run 'rec-eval -q --truth test.tsv --duplicates first -m ndcg@10 --compare unskipped.lists.tsv counts.lists.tsv |
    tee skips.metrics.tsv | cut -f 1-2,5-6,8-9'

say 'The decision'
awk -F '\t' '
  {name = $2; sub(/\..*/, "", name)}
  FILENAME == "plays.metrics.tsv" {low[$1, name] = $8; high[$1, name] = $9; value[$1, name] = $5}
  FILENAME == "auc.tsv" && $1 == "auc" {predicted = $3 > 0.5; auc = $2}
  FILENAME == "skips.metrics.tsv" {leave = $8 > 0}
  END {
    printf("%s how often a track was played, ", low["ndcg@10", "counts"] > 0 ? "Count" : "Do not count")
    printf("%s, and ", high["ndcg@10", "unheard"] < 0 ? "play again what is known" : "play what is new")
    printf("%s: lists with nothing known have %.0f %% of the ndcg, ", leave ? "leave out what was skipped" : "do not mind skips",
           100 * value["ndcg@10", "unheard"] / value["ndcg@10", "counts"])
    printf("half of it known %.0f %%; skips of new tracks are %s (auc %.2f).\n",
           100 * value["ndcg@10", "half"] / value["ndcg@10", "counts"], predicted ? "predicted" : "not predicted", auc)
  }' plays.metrics.tsv auc.tsv skips.metrics.tsv
