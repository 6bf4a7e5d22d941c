#!/bin/bash
# Usage: als_blocks.sh BUILD [TABLE]
# als in blocks beside the exact solver: seconds an epoch, and seconds until the
# held-out Recall@20 is within .001 of the exact solver's best, on 10M generated
# interactions with tastes (bench_generate --tastes 64), a tenth of the rows held out.
# Prints a TSV table, the log of every epoch behind it as comments. Environment:
# DIMS, BLOCKS, EPOCHS, THREADS, ROWS, DATA (a folder to keep and reuse).
set -euo pipefail
export LC_ALL=C
build=$(realpath "$1")
table=${2:-/dev/stdout}
threads=${THREADS:-$(nproc)} rows=${ROWS:-10000000}
export PATH="$build:$PATH"
data=${DATA-}
[[ $data ]] || { data=$(mktemp -d); trap 'rm -rf "$data"' EXIT; }
mkdir -p "$data"
if [[ ! -s $data/test.tsv ]]; then
  "$build/tests/bench_generate" interactions --rows "$rows" --tastes 64 -o "$data/all.tsv"
  rec-split -q --method hash-row --test-fraction 0.1 --train "$data/train.tsv" --test "$data/test.tsv" "$data/all.tsv"
  rm "$data/all.tsv"
fi
log() { echo "$data/log.$1.$2.tsv"; }
{
  echo "# $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $threads threads, $(date +%F), load $(cut -d' ' -f1 /proc/loadavg)"
  printf 'dim\tblock\ts an epoch\tepochs to within .001\tseconds to it\tthe exact solver'"'"'s\tratio\tbest recall@20\tpeak MiB\n'
  for dim in ${DIMS:-256 512}; do
    for block in 0 ${BLOCKS:-32 64}; do
      rec-embed als -v -j "$threads" -d "$dim" --block "$block" -e "${EPOCHS:-8}" --unobserved-weight 0.3 --reg 0.003 \
        --valid "$data/test.tsv" --metric recall@20 --patience 2 --log "$(log "$dim" "$block")" -o "$data/m.safetensors" "$data/train.tsv" 2>"$data/stderr"
      memory=$(sed -nE 's/.* ([0-9.]+) MiB peak memory.*/\1/p' "$data/stderr")
      [[ $block == 0 ]] && best=$(awk -F'\t' 'NR > 1 && $4 > best {best = $4} END {print best}' "$(log "$dim" 0)") && exact=
      read -r epochs seconds each <<<"$(awk -F'\t' -v least="$best" 'NR > 1 {sum += $2; n++; if (!done && $4 >= least - .001) {done = n; at = sum}}
        END {print done ? done : "never", at, sum / n}' "$(log "$dim" "$block")")"
      [[ $block == 0 ]] && exact=$seconds
      awk -v OFS='\t' -v d="$dim" -v b="$block" -v e="$each" -v n="$epochs" -v s="$seconds" -v x="$exact" -v m="$memory" -F'\t' \
        'NR > 1 && $4 > best {best = $4} END {printf "%d\t%d\t%.3f\t%s\t%.2f\t%.2f\t%.3f\t%.5f\t%s\n", d, b, e, n, s, x, s / x, best, m}' "$(log "$dim" "$block")"
    done
  done
  for file in "$data"/log.*.tsv; do echo "# ${file##*/}"; sed 's/^/# /' "$file"; done
} >"$table"
