#!/bin/bash
# Usage: als_vs_implicit.sh BUILD PYTHON [TABLE]
# als beside implicit (PyPI, conjugate gradient; PYTHON has it): seconds of training
# until Recall@20 on held-out rows of the generated set with tastes is within .001 of
# the lower of the two's best, and peak memory. Both are tuned for that time on a
# validation part first, each by its SETTINGS: of all that reach the level there, the
# one with the fewest epochs to it times the fastest epoch of its kind (so that
# neighbours on the machine matter less). Then both are trained on train and measured on test, RUNS
# times in turn, each by its fastest run. Prints a TSV table, and every run behind it
# as comments. implicit runs with OPENBLAS_NUM_THREADS=1, as it asks for, and its own
# THREADS. Environment: DIM (64), THREADS, ROWS, DATA (a folder to keep and reuse),
# EPOCHS, RUNS, PASSES (2: --init-power-iterations of ours), SETTINGS (a line each: unobserved weight, reg), IMPLICIT_SETTINGS
# (unobserved weight, whose inverse is its alpha, reg, steps of conjugate gradient).
set -euo pipefail
export LC_ALL=C
build=$(realpath "$1")
python=$2 table=${3:-/dev/stdout} here=$(dirname "$(realpath "$0")")
threads=${THREADS:-$(nproc)} rows=${ROWS:-10000000} dim=${DIM:-64} epochs=${EPOCHS:-10} passes=${PASSES:-2}
our_settings=${SETTINGS:-$(printf '%s\n' {0.3,0.5,0.7,1}' '{0.03,0.05,0.1})}
their_settings=${IMPLICIT_SETTINGS:-$(printf '%s\n' {0.2,0.3,0.5}' '{3,10}' 3' '0.3 '{3,10}' '{2,4})}
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
ours() {  # HELD_OUT UNOBSERVED REG
  rec-embed als -v -j "$threads" -d "$dim" -e "$epochs" --unobserved-weight "$2" --reg "$3" --reg-exponent 0.5 --init-power-iterations "$passes" --valid "$data/compare.$1.tsv" \
    --metric recall@20 --patience 3 --log "$data/log.tsv" -o "$data/model.safetensors" "$train" 2>"$data/stderr"
  awk -F'\t' -v OFS='\t' 'NR == 1 {print "epoch", "seconds", "recall@20"} NR > 1 {sum += $2; print $1, sum, $4}' "$data/log.tsv"
}
our_times() {  # UNOBSERVED REG EPOCHS: training alone; epoch, seconds so far, and last its memory
  rec-embed als -v -j "$threads" -d "$dim" -e "$3" --unobserved-weight "$1" --reg "$2" --reg-exponent 0.5 --init-power-iterations "$passes" --log "$data/log.tsv" \
    -o "$data/model.safetensors" "$train" 2>"$data/stderr"
  awk -F'\t' -v OFS='\t' 'NR > 1 {sum += $2; print $1, sum}' "$data/log.tsv"
  sed -nE 's/.* ([0-9.]+) MiB peak memory.*/memory\t\1/p' "$data/stderr"
}
theirs() {  # HELD_OUT UNOBSERVED REG CG_STEPS [EPOCHS times]
  "$python" "$here/als_vs_implicit.py" "$train" "$data/compare.$1.tsv" "$dim" "$(awk "BEGIN {print 1 / $2}")" "$3" "$4" "${5:-$epochs}" "$threads" ${6-}
}
best() { awk -F'\t' '$1 + 0 > 0 && $3 > best {best = $3} END {print best}' "$@"; }
least() { printf '%s\n' "$@" | sort -g | head -n 1; }
reached() { awk -F'\t' -v least="$2" '$1 + 0 > 0 && $3 >= least - .001 {print $1; exit}' "$1"; }  # RUN LEVEL: the epoch
try() {  # WHO < SETTINGS: a file for each run on the validation part
  local n=0 setting
  while read -ra setting; do
    "$1" valid "${setting[@]}" >"$data/valid.$1.$((++n))" </dev/null
    echo "${setting[*]}" >"$data/setting.$1.$n"
  done
}
fastest() {  # FILES...: their fastest epoch
  awk -F'\t' '$1 + 0 > 0 {one = $2 - ($1 == 1 ? 0 : sum); sum = $2; if (least == "" || one < least) least = one} END {print least}' "$@"
}
pick() {  # WHO LEVEL: the setting with the least time to it, of equal ones the better
  local file setting epoch time alike
  for file in "$data"/valid."$1".*; do
    setting=$(cat "$data/setting.$1.${file##*.}")
    epoch=$(reached "$file" "$2")
    # Weight and reg do not change what an epoch costs, steps of conjugate gradient do.
    alike=$(grep -lE "^[^ ]+ [^ ]+$(awk 'NF > 2 {print " " $3}' <<<"$setting")$" "$data"/setting."$1".* | sed 's/setting/valid/')
    time=$(awk -v n="${epoch:-0}" -v one="$(fastest $alike)" 'BEGIN {if (n) print n * one}')
    echo "# $1 valid, $setting: best recall@20 $(best "$file"), level at epoch ${epoch:-none}, seconds ${time:-none}" >>"$data/runs"
    [[ ! $time ]] || printf '%s\t%s\t%s\n' "$time" "$(best "$file")" "$setting"
  done | sort -t$'\t' -k1,1g -k2,2gr | head -n 1 | cut -f 3
}
rm -f "$data"/setting.* "$data"/valid.ours.* "$data"/valid.theirs.* "$data"/time.* "$data/runs"
try ours <<<"$our_settings"
try theirs <<<"$their_settings"
valid_level=$(least "$(best "$data"/valid.ours.*)" "$(best "$data"/valid.theirs.*)")
read -ra our_setting <<<"$(pick ours "$valid_level")"
read -ra their_setting <<<"$(pick theirs "$valid_level")"
ours test "${our_setting[@]}" >"$data/ours"
theirs test "${their_setting[@]}" >"$data/theirs"
level=$(least "$(best "$data/ours")" "$(best "$data/theirs")")
our_epochs=$(reached "$data/ours" "$level") their_epochs=$(reached "$data/theirs" "$level")
for ((run = 1; run <= ${RUNS:-3}; ++run)); do
  our_times "${our_setting[@]}" "$our_epochs" >"$data/time.ours.$run"
  theirs test "${their_setting[@]}" "$their_epochs" times >"$data/time.theirs.$run"
done
seconds() { awk -F'\t' -v n="$2" '$1 == n {print $2}' "$data"/time."$1".* | sort -g | head -n 1; }
memory() { awk -F'\t' '$1 == "memory" {print $2}' "$data"/time."$1".* | sort -g | tail -n 1; }
{
  echo "# $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $threads threads, $(date +%F), load $(cut -d' ' -f1 /proc/loadavg)"
  echo "# $("$python" -c 'import implicit, numpy, threadpoolctl; print("implicit", implicit.__version__, "numpy", numpy.__version__, [(p["internal_api"], p["num_threads"], p.get("architecture")) for p in threadpoolctl.threadpool_info()])')"
  printf 'trainer\tdim\tsetting\tbest recall@20\tepochs to %s - .001\tseconds to it\tpeak MiB\n' "$level"
  our_seconds=$(seconds ours "$our_epochs") their_seconds=$(seconds theirs "$their_epochs")
  our_memory=$(memory ours) their_memory=$(memory theirs)
  printf 'als\t%s\t%s\t%s\t%s\t%s\t%s\n' "$dim" "${our_setting[*]}" "$(best "$data/ours")" "$our_epochs" "$our_seconds" "$our_memory"
  printf 'implicit\t%s\t%s\t%s\t%s\t%s\t%s\n' "$dim" "${their_setting[*]}" "$(best "$data/theirs")" "$their_epochs" "$their_seconds" "$their_memory"
  awk -v a="$their_seconds" -v b="$our_seconds" -v m="$our_memory" -v n="$their_memory" \
    'BEGIN {printf "ratio\t\t\t\t\t%.2f times faster (target 4)\t%.2f of its memory (target 1)\n", a / b, m / n}'
  cat "$data/runs"
  for run in ours theirs; do echo "# $run, test"; sed 's/^/# /' "$data/$run"; done
  for run in "$data"/time.*; do echo "# ${run##*/}"; sed 's/^/# /' "$run"; done
} >"$table"
