#!/usr/bin/env bash
# An epoch of rec-embed sasrec beside the same model in PyTorch (sasrec_torch.py), on the same
# table and threads, one after the other in each of three losses.
#   sasrec_vs_torch.sh PYTHON TRAIN        PYTHON has torch (PyPI) installed;
#       TRAIN: a table with header user, item, timestamp; rec-embed is on PATH
# Prints a TSV line for each loss and each form of PyTorch's (plain: its own functions, in
# batches by length; mkl: with dropout and softmax made faster by hand; onednn: with an
# inner function's products besides): seconds of an epoch, predicted tokens a second and
# peak MiB of ours and of theirs, theirs without its imports, and how many times as
# many tokens a second ours are, and what share of its MiB ours takes. Seconds are the
# least of EPOCHS (4) after one to warm up, in each of ROUNDS (2) in which the four take
# turns: on a busy host all have their quiet moments. THREADS (all). LOSSES (bce sampled
# softmax).
set -euo pipefail
export LC_ALL=C
python=$1
train=$2
here=$(realpath "$(dirname "$0")")
threads=${THREADS:-$(nproc)}
epochs=${EPOCHS:-4}
rounds=${ROUNDS:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'loss\tseconds\ttokens/s\tMiB\ttorch %s\tits seconds\tits tokens/s\tits MiB\tless imports\tspeed ratio\tMiB ratio\n' \
  "$("$python" -c 'import torch; print(torch.__version__)')"
for loss in ${LOSSES:-bce sampled softmax}; do
  case $loss in
  bce) options=(--loss bce --negatives 1) ;;
  sampled) options=(--loss sampled-softmax --negatives 512 --negative-exponent 1) ;;
  softmax) options=(--loss softmax) ;;
  esac
  rm -f "$work"/{ours,plain,mkl,onednn}
  for ((round = 0; round < rounds; ++round)); do
    rec-embed sasrec "${options[@]}" -d 64 --blocks 2 --heads 2 --hidden 256 --max-len 50 --dropout 0.2 --batch 256 --learning-rate 0.001 \
      -e $((epochs + 1)) -j "$threads" -v --log "$work/log" -o "$work/model.safetensors" "$train" 2>"$work/stderr"
    mib=$(sed -nE 's/.* s, ([0-9.]+) MiB peak memory.*/\1/p' "$work/stderr")
    tail -n +3 "$work/log" | cut -f2 | sort -g | head -n 1 >>"$work/ours"
    for form in plain mkl onednn; do
      "$python" "$here/sasrec_torch.py" "$train" "$loss" --as "$form" --epochs "$epochs" --threads "$threads" >>"$work/$form"
    done
  done
  seconds=$(sort -g "$work/ours" | head -n 1)
  for form in plain mkl onednn; do
    sort -t $'\t' -k3,3g "$work/$form" | head -n 1 | awk -F'\t' -v loss="$loss" -v s="$seconds" -v mib="$mib" \
      '{printf "%s\t%.3f\t%.0f\t%s\t%s\t%s\t%s\t%s\t%d\t%.2f\t%.2f\n", loss, s, $7 / s, mib, $2, $3, $4, $5, $5 - $6, $3 / s, mib / $5}'
  done
done
