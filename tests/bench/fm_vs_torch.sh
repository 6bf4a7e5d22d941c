#!/usr/bin/env bash
# An epoch of rec-embed fm beside a plain PyTorch script (fm_torch.py): the same rows, batches, optimiser and threads, one
# after the other; the rows are in memory before either clock runs.
#   fm_vs_torch.sh PYTHON TRAIN        PYTHON has torch (PyPI) installed; rec-embed is on PATH
#       TRAIN: TSV with header label, user, item and columns of context
# Seconds are the least of EPOCHS (5) after one to warm up. THREADS (all). A TSV line a model.
set -euo pipefail
export LC_ALL=C
python=$1
train=$2
here=$(realpath "$(dirname "$0")")
threads=${THREADS:-$(nproc)}
epochs=${EPOCHS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
context=$(head -n 1 "$train" | tr '\t' '\n' | grep -vx 'label\|user\|item' | paste -sd,)
printf 'model\tseconds\ttorch %s\tratio\n' "$("$python" -c 'import torch; print(torch.__version__)')"
compare() {  # MODEL DIM [LAYERS]
  local model=$1 dim=$2 layers=${3-} ours theirs
  rec-embed fm -q -j "$threads" --context "$context" -d "$dim" ${layers:+--layers $layers --dropout 0.2} --batch 4096 --reg 1e-5 \
    --learning-rate 0.001 -e $((epochs + 1)) --log "$work/log" -o "$work/m.safetensors" "$train"
  ours=$(tail -n +3 "$work/log" | cut -f2 | sort -g | head -n 1)
  theirs=$("$python" "$here/fm_torch.py" "$train" --dim "$dim" --layers "$layers" --epochs $((epochs + 1)) --threads "$threads" |
    tail -n +2 | cut -f1 | sort -g | head -n 1)
  printf '%s\t%s\t%s\t%s\n' "$model" "$ours" "$theirs" "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.1f", b / a }')"
}
compare 'fm d=10' 10
compare 'fm d=64' 64
compare 'fm and layers 400,400,400 d=10' 10 400,400,400
