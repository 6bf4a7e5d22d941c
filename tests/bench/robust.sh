#!/usr/bin/env bash
# What losses against wrong labels keep where a part of the training rows is noise.
#   robust.sh [-j N] [-s SEEDS] [-n SHARES] [-e EPOCHS] [-m MODELS] [-o OPTIONS] FOLDER [DATA]...
# FOLDER holds movietweetings (interactions.tsv) and s3rec-beauty (train, valid and test.tsv); DATA: those alone.
# SEEDS "1 2 3", of noise and training. SHARES "0 10 20 30": so many random pairs, in per cent of the training rows,
# are added to these: a user and an item that have rows but not together, held-out ones included, at the time of one of
# the user's rows.
# EPOCHS: the most that a training has (default: the model's own). MODELS "neural sasrec", also attention-pool. OPTIONS: of
# each training, in one word. The binaries are on PATH.
# Held-out rows are as they were. Of each way (plain, label smoothing, reweighted, truncated; of neural adversarial,
# too) the value and the epoch are chosen on valid.tsv, for each share and seed.
# TSV on stdout: data, model, noise, seed, way, value, ndcg@10 on valid.tsv and on test.tsv.
set -euo pipefail
export LC_ALL=C
threads=1 seeds="1 2 3" shares="0 10 20 30" epochs="" models="neural sasrec" more=()
while getopts j:s:n:e:m:o: option; do
  case $option in
    j) threads=$OPTARG ;;
    s) seeds=$OPTARG ;;
    n) shares=$OPTARG ;;
    e) epochs=$OPTARG ;;
    m) models=$OPTARG ;;
    o) read -ra more <<<"$OPTARG" ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
folder=$1
shift
data=("$@")
((${#data[@]})) || data=(movietweetings s3rec-beauty)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

split() {  # DATA: train.tsv, valid.tsv, test.tsv with user, item, timestamp
  if [[ -s $folder/$1/interactions.tsv ]]; then
    rec-split -q --method leave-one-out --k-core 5 --duplicates first --train "$work/train.all" \
      --valid "$work/valid.all" --test "$work/test.all" "$folder/$1/interactions.tsv"
  else
    for part in train valid test; do cp "$folder/$1/$part.tsv" "$work/$part.all"; done
  fi
  for part in train valid test; do
    awk -F '\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } { print $at["user"], $at["item"], $at["timestamp"] }' \
      "$work/$part.all" >"$work/$part.tsv"
  done
  cat "$work/train.tsv" <(tail -n +2 "$work/valid.tsv") >"$work/known.tsv"
}
noise() {  # SHARE SEED: noisy.tsv
  awk -F '\t' -v OFS='\t' -v share="$1" -v seed="$2" '
    function below(n) { state = (state * 16807) % 2147483647; return int(state / 2147483647 * n) }
    FILENAME != ARGV[ARGC - 1] { pair[$1, $2] = 1; next }
    FNR == 1 { print; next }
    { print; n++; user[n] = $1; time[n] = $3; pair[$1, $2] = 1; if (!($2 in met)) { met[$2] = 1; item[items++] = $2 } }
    END {
      state = 1000003 * seed + 17
      for (i = 0; i < 50; i++) below(2)
      for (left = int(n * share / 100 + 0.5); left > 0;) {
        row = 1 + below(n); other = item[below(items)]
        if ((user[row], other) in pair) continue
        pair[user[row], other] = 1; print user[row], other, time[row]; left--
      }
    }' "$work/valid.tsv" "$work/test.tsv" "$work/train.tsv" >"$work/noisy.tsv"
  cat "$work/noisy.tsv" <(tail -n +2 "$work/valid.tsv") >"$work/history.tsv"
}
train() {  # MODEL SEED OPTIONS...: m.safetensors; sets valid
  local model=$1 seed=$2
  shift 2
  rec-embed "$model" -q -j "$threads" --seed "$seed" ${epochs:+-e "$epochs"} --patience 5 --valid "$work/valid.tsv" \
    -o "$work/m.safetensors" "${more[@]}" "$@" "$work/noisy.tsv"
  valid=$(rec-model info "$work/m.safetensors" | awk '$1 == "valid-value" { printf "%.5f", $2 }')
}
test_value() {  # MODEL: of best.safetensors, on test.tsv among all items that were not known
  local history=()
  [[ $1 == neural ]] || history=(--history "$work/history.tsv")
  rec-score -q -j "$threads" -m "$work/best.safetensors" --all --top 10 --exclude "$work/known.tsv" \
    --users "$work/test.tsv" "${history[@]}" | rec-rank -q -k 10 |
    rec-eval -q --truth "$work/test.tsv" --binary -m ndcg@10 | awk '$1 == "ndcg@10" { printf "%.5f", $2 }'
}

printf 'data\tmodel\tnoise\tseed\tway\tvalue\tvalid_ndcg@10\ttest_ndcg@10\n'
for set in "${data[@]}"; do
  split "$set"
  for share in $shares; do
    for seed in $seeds; do
      noise "$share" "$seed"
      for model in $models; do
        ways=("plain" "label-smoothing 0.05 0.1 0.2" "reweight-loss 0.05 0.1 0.2" "truncate-loss 0.05 0.1 0.2")
        [[ $model != neural ]] || ways+=("adversarial 0.01 0.1")
        for way in "${ways[@]}"; do
          read -ra words <<<"$way"
          values=("${words[@]:1}")
          ((${#values[@]})) || values=("-")
          best=-1 chosen=-
          for value in "${values[@]}"; do
            options=()
            [[ $value == - ]] || options=("--${words[0]}" "$value")
            train "$model" "$seed" "${options[@]}"
            if awk -v a="$valid" -v b="$best" 'BEGIN { exit !(a > b) }'; then
              best=$valid chosen=$value
              mv "$work/m.safetensors" "$work/best.safetensors"
            fi
          done
          tested=$(test_value "$model")  # its failure ends the script, as inside printf it would not
          printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$set" "$model" "$share" "$seed" "${words[0]}" "$chosen" "$best" \
            "$tested"
        done
      done
    done
  done
done
