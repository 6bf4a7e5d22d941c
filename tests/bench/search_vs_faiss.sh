#!/usr/bin/env bash
# The 100 best of the catalogue for many users: rec-score --all, which is exact, beside faiss (PyPI): its exhaustive index,
# its inverted lists and its HNSW graph, on the same vectors and threads, in one run.
#   search_vs_faiss.sh PYTHON DATA [ITEMS]      PYTHON has faiss-cpu and numpy installed; the binaries are on PATH
# Models: generated vectors (ITEMS, 1,000,000, by 64), and als of DATA/gowalla. Users: 2048.
# TSV: model, what, users each second, recall@100 against rec-score, megabytes of the index. Ours: the time of a whole
# command less that of one for a single user; faiss: the search alone, the best of 3 each. The inverted lists searched are
# the fewest, by doubling, with a recall of .98. THREADS (1).
set -euo pipefail
export LC_ALL=C
python=$1 data=$(realpath "$2") items=${3:-1000000}
here=$(realpath "$(dirname "$0")")
threads=${THREADS:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
seconds_of() {  # COMMAND...: the least of 3
  local i start
  for i in 1 2 3; do
    start=$EPOCHREALTIME
    "$@"
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN {print b - a}'
  done | sort -g | head -1
}
search() { rec-score -q -j "$threads" -m m.safetensors --all --top 100 --no-sync -o "$2" "$1"; }
printf 'model\twhat\tusers/s\trecall@100\tMB\n'
for model in generated als-gowalla; do
  case $model in
    generated)
      request_model "$items" 136677 64 m.safetensors
      seq -f 'u%07.0f' 7 2054 > users ;;
    als-gowalla)
      rec-embed als -q -d 64 -e 5 --unobserved-weight 0.01 --reg 0.001 "$data/gowalla/train.tsv" -o m.safetensors
      cut -f 1 "$data/gowalla/train.tsv" | tail -n +2 | uniq | awk '!seen[$0]++ && ++n <= 2048' > users ;;
  esac
  head -1 users > one
  few=$(seconds_of search one one.rows)
  all=$(seconds_of search users all.rows)
  { awk -v n="$(wc -l < users)" -v few="$few" -v all="$all" 'BEGIN {printf "rec-score --all\t%.0f\t1\t\n", (n - 1) / (all - few)}'
    "$python" "$here/search_vs_faiss.py" m.safetensors users all.rows "$threads"; } | sed "s/^/$model\t/"
done
