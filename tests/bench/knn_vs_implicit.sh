#!/usr/bin/env bash
# The 100 nearest items by cosine: rec-embed knn beside implicit's CosineRecommender
# (PyPI), the same table and threads, in one run; and that the two agree.
#   knn_vs_implicit.sh PYTHON [INTERACTIONS]      PYTHON has implicit installed;
#       without a table, the generated one of make bench (bench_generate on PATH)
# Prints what, seconds, peak MiB, CPU seconds. Theirs is fit() alone on a matrix in memory; ours
# is named twice: that part alone, and the whole command from TSV to model file, whose
# bytes are given. The run of the fewest seconds of RUNS (3); THREADS (all). The binaries are on PATH.
set -euo pipefail
export LC_ALL=C
python=$1
here=$(realpath "$(dirname "$0")")
threads=${THREADS:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table=${2-}
if [[ -z $table ]]; then
  table=$work/interactions.tsv
  bench_generate interactions --users 136677 --rows 10000000 -o "$table"
fi
printf 'what\tseconds\tMiB\tCPU seconds\n'
best() { sort -g | head -1; }
for ((run = 0; run < ${RUNS:-3}; ++run)); do
  TIMEFORMAT='%U %S'
  { time rec-embed knn --shrink 0 --asymmetry 0.5 -v -j "$threads" -o "$work/knn.safetensors" "$table" 2>"$work/stderr"; } 2>"$work/cpu"
  sed -nE 's/.*trained in ([0-9.]+) s.*/\1/p' "$work/stderr" >>"$work/fit"
  sed -nE 's/.*, ([0-9.]+) s, ([0-9.]+) MiB peak memory.*/\1\t\2/p' "$work/stderr" | paste - <(awk '{print $1 + $2}' "$work/cpu") >>"$work/all"
done
printf 'rec-embed knn, the neighbours alone\t%s\t\t\n' "$(best <"$work/fit")"
printf 'rec-embed knn, from %s bytes of TSV to a model of %s bytes\t%s\n' "$(stat -c %s "$table")" "$(stat -c %s "$work/knn.safetensors")" "$(best <"$work/all")"
rec-model convert "$work/knn.safetensors" | grep "^entry.items.neighbours" >"$work/knn.model"
"$python" "$here/knn_vs_implicit.py" "$table" "$work/knn.model" "$threads" "${RUNS:-3}"
