#!/bin/bash
# Usage: attention_cache.sh BUILD DATA
# What rec-attend --all --top N is worth as a cache of attention: for models of als on ml-1m and gowalla (folders of DATA
# with train.tsv and test.tsv) the bytes a user, the seconds of writing it for everyone, the attention of a user that the
# list holds, and how often a pair that is asked for is in it: an item that the user chose later (test.tsv), and a
# candidate of another stage (the 100 best by knn).
set -euo pipefail
export LC_ALL=C
build=$(cd "$1" && pwd) data=$(cd "$2" && pwd)
export PATH=$build:$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# hits TABLE: the share of its pairs that are in cache.tsv.
hits() {
  awk -F '\t' 'NR == FNR {have[$1, $2]; next} $1 != "user" {all++; if (($1, $2) in have) hit++} END {printf "%.3f", hit / all}' \
    cache.tsv "$1"
}
printf 'data\ttop\tseconds\tbytes a user\tzstd, bytes a user\tattention held\tchosen later\tcandidates of knn\n'
for set in ml-1m gowalla; do
  train=$data/$set/train.tsv test=$data/$set/test.tsv
  case $set in
    ml-1m) options=(-d 64 -e 16 --unobserved-weight 0.3 --reg 0.005) ;;
    gowalla) options=(-d 64 -e 5 --unobserved-weight 0.01 --reg 0.001) ;;
  esac
  rec-embed als -q "${options[@]}" "$train" -o als.safetensors
  rec-embed knn -q "$train" -o knn.safetensors
  rec-score -q -m knn.safetensors --all --all-users --top 100 --exclude "$train" > candidates.tsv
  for top in 100 300 1000; do
    start=$EPOCHREALTIME
    rec-attend -q -m als.safetensors --all --all-users --top $top --exclude "$train" -o cache.tsv
    stop=$EPOCHREALTIME
    users=$(cut -f 1 cache.tsv | uniq | wc -l)
    zstd -q -f cache.tsv
    printf '%s\t%d\t%.1f\t%.0f\t%.0f\t%.3f\t%s\t%s\n' $set $top \
      "$(awk -v a="$start" -v b="$stop" 'BEGIN {print b - a}')" \
      "$(awk -v b="$(stat -c %s cache.tsv)" -v u="$users" 'BEGIN {print b / u}')" \
      "$(awk -v b="$(stat -c %s cache.tsv.zst)" -v u="$users" 'BEGIN {print b / u}')" \
      "$(awk -F '\t' -v u="$users" '$1 != "user" {sum += $3} END {print sum / u}' cache.tsv)" \
      "$(hits "$test")" "$(hits candidates.tsv)"
  done
done
