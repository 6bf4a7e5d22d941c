#!/bin/bash
# Usage: als_vs_implicit.sh BUILD PYTHON [TABLE]
# als beside implicit (PyPI, conjugate gradient; PYTHON has it): seconds of training
# until Recall@20 on held-out rows of the generated set with tastes is within .001 of
# the lower of the two's best, and peak memory. Both are tuned on a validation part
# first: the weight of what is unobserved (implicit: alpha = 1 / it) and the
# regularisation, each by factors; then trained with their best on train, measured on
# test. Prints a TSV table, and every run behind it as comments. implicit runs with
# OPENBLAS_NUM_THREADS=1, as it asks for, and its own THREADS.
# Environment: DIM (64), THREADS, ROWS, DATA (a folder to keep and reuse), EPOCHS,
# UNOBSERVED, REG (of als), IMPLICIT_REG.
set -euo pipefail
export LC_ALL=C
build=$(realpath "$1")
python=$2 table=${3:-/dev/stdout} here=$(dirname "$(realpath "$0")")
threads=${THREADS:-$(nproc)} rows=${ROWS:-10000000} dim=${DIM:-64} epochs=${EPOCHS:-10}
export PATH="$build:$PATH" OPENBLAS_NUM_THREADS=1
unset OPENBLAS_CORETYPE
data=${DATA-}
[[ $data ]] || { data=$(mktemp -d); trap 'rm -rf "$data"' EXIT; }
mkdir -p "$data"
if [[ ! -s $data/compare.test.tsv ]]; then
  "$build/tests/bench_generate" interactions --rows "$rows" --tastes 64 -o "$data/all.tsv"
  rec-split -q --method hash-row --test-fraction 0.1 --valid-fraction 0.05 --train "$data/compare.train.tsv" \
    --valid "$data/compare.valid.tsv" --test "$data/compare.test.tsv" "$data/all.tsv"
  rm "$data/all.tsv"
fi
train=$data/compare.train.tsv
# Both print: epoch, seconds so far, recall@20.
ours() {  # HELD_OUT UNOBSERVED REG EPOCHS
  rec-embed als -v -j "$threads" -d "$dim" -e "$4" --unobserved-weight "$2" --reg "$3" --reg-exponent 0.5 --valid "$data/compare.$1.tsv" \
    --metric recall@20 --patience 3 --log "$data/log.tsv" -o "$data/model.safetensors" "$train" 2>"$data/stderr"
  awk -F'\t' -v OFS='\t' 'NR == 1 {print "epoch", "seconds", "recall@20"} NR > 1 {sum += $2; print $1, sum, $4}' "$data/log.tsv"
}
memory_of_ours() {  # training alone
  rec-embed als -v -j "$threads" -d "$dim" -e 1 --unobserved-weight "$1" --reg "$2" -o "$data/model.safetensors" "$train" 2>&1 |
    sed -nE 's/.* ([0-9.]+) MiB peak memory.*/\1/p'
}
theirs() {  # HELD_OUT UNOBSERVED REG EPOCHS
  "$python" "$here/als_vs_implicit.py" "$train" "$data/compare.$1.tsv" "$dim" "$(awk "BEGIN {print 1 / $2}")" "$3" "$4" "$threads"
}
best() { awk -F'\t' '$1 + 0 > 0 && $3 > best {best = $3} END {print best}'; }
first() { awk -F'\t' -v least="$1" '$1 + 0 > 0 && $3 >= least - .001 {print $2; exit}'; }
# tune RUN REGS: the best UNOBSERVED and REG on the validation part.
tune() {
  local unobserved reg value
  for unobserved in ${UNOBSERVED:-0.03 0.1 0.3}; do
    for reg in $2; do
      value=$($1 valid "$unobserved" "$reg" "$epochs" | best)
      echo "# $1 valid, unobserved weight $unobserved, reg $reg: best recall@20 $value" >>"$data/runs"
      printf '%s\t%s\t%s\n' "$value" "$unobserved" "$reg"
    done
  done | sort -g | tail -n 1 | cut -f 2,3
}
: >"$data/runs"
read -r our_weight our_reg <<<"$(tune ours "${REG:-0.01 0.1 1}")"
read -r their_weight their_reg <<<"$(tune theirs "${IMPLICIT_REG:-1 10 100}")"
ours test "$our_weight" "$our_reg" "$epochs" >"$data/ours"
theirs test "$their_weight" "$their_reg" "$epochs" >"$data/theirs"
level=$(printf '%s\n%s\n' "$(best <"$data/ours")" "$(best <"$data/theirs")" | sort -g | head -n 1)
{
  echo "# $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $threads threads, $(date +%F), load $(cut -d' ' -f1 /proc/loadavg)"
  echo "# $("$python" -c 'import implicit, numpy, threadpoolctl; print("implicit", implicit.__version__, "numpy", numpy.__version__, [(p["internal_api"], p["num_threads"], p.get("architecture")) for p in threadpoolctl.threadpool_info()])')"
  printf 'trainer\tdim\tunobserved weight\treg\tbest recall@20\tseconds to %s - .001\tpeak MiB\n' "$level"
  our_seconds=$(first "$level" <"$data/ours") their_seconds=$(first "$level" <"$data/theirs")
  our_memory=$(memory_of_ours "$our_weight" "$our_reg") their_memory=$(awk -F'\t' '$1 == "memory" {print $2}' "$data/theirs")
  printf 'als\t%s\t%s\t%s\t%s\t%s\t%s\n' "$dim" "$our_weight" "$our_reg" "$(best <"$data/ours")" "$our_seconds" "$our_memory"
  printf 'implicit\t%s\t%s\t%s\t%s\t%s\t%s\n' "$dim" "$their_weight" "$their_reg" "$(best <"$data/theirs")" "$their_seconds" "$their_memory"
  awk -v a="$their_seconds" -v b="$our_seconds" -v m="$our_memory" -v n="$their_memory" \
    'BEGIN {printf "ratio\t\t\t\t\t%.2f times faster (target 4)\t%.2f of its memory (target 1)\n", a / b, m / n}'
  cat "$data/runs"
  for run in ours theirs; do echo "# $run, test"; sed 's/^/# /' "$data/$run"; done
} >"$table"
