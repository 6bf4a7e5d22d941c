#!/usr/bin/env bash
# New users, known by their features alone: a tenth of the users of ml-1m held out with all their rows, by gender,
# age and occupation. For each model, without features and with, ndcg@10 among all items: of all rows of a held-out
# user of whom nothing else is known (new), of those after the first three, which are the history (three rows), and of
# the next item of the other users, given theirs (old). Their own earlier items are left out.
#   cold_users.sh FOLDER [MODEL...]   FOLDER holds ml-1m as TSV; MODEL: pop, als, neural, attention-pool, sasrec or
#                                     bert4rec (default: all)
# A TSV line a seed, model and measure. Nothing is chosen. Environment: SEEDS (1); OPTIONS: further ones of the
# sequence models, such as --windows random. Binaries on PATH.
source "$(dirname "$0")/protocols.sh"
(($#)) || set -- pop als neural attention-pool sasrec bert4rec
printf 'seed\tmodel\tusers\tndcg@10\n'
data=$folder/ml-1m

measure() { # LABEL USERS TRUTH [HISTORY]: HISTORY is what they did, and left out
  local known=(--fallback popular)
  [[ $2 != "new, popular" ]] || known+=(--fallback-described)
  [[ -z ${4:-} ]] || known=(--exclude "$4")
  [[ -z ${4:-} || $1 == pop ]] || known+=(--history "$4")
  rec-score -q -m "$work/m.safetensors" --all --top 10 --users "$3" "${known[@]}" | rec-eval -q --truth "$3" -m ndcg@10 |
    awk -v OFS='\t' -v s="$seed$tab$1$tab$2" '$1 == "ndcg@10" { print s, $2 }'
}
measure_model() { # OPTIONS...
  local name=$*
  name=${name/--user-features $data\/users.tsv/with features}
  rec-embed "$@" -q --seed "$seed" -o "$work/m.safetensors" "$work/train.tsv"
  measure "$name" new "$work/new.tsv"
  [[ $name != *features ]] || measure "$name" "new, popular" "$work/new.tsv"
  measure "$name" "three rows" "$work/rest.tsv" "$work/three.tsv"
  measure "$name" old "$work/valid.tsv" "$work/train.tsv"
}

for seed in ${SEEDS:-1}; do
  rec-split -q --method hash-user --seed "$seed" --test-fraction 0.1 --train "$work/train.tsv" --test "$work/new.tsv" "$data/train.tsv"
  awk -F'\t' 'NR == FNR { new[$1]; next } FNR == 1 || !($1 in new)' "$work/new.tsv" "$data/valid.tsv" >"$work/valid.tsv"
  { head -n 1 "$work/new.tsv"; tail -n +2 "$work/new.tsv" | sort -s -t "$tab" -k 1,1 -k 3,3n; } |
    awk -F'\t' -v three="$work/three.tsv" -v rest="$work/rest.tsv" '
      FNR == 1 { print >three; print >rest; next } { print >(++n[$1] <= 3 ? three : rest) }'
  for model in "$@"; do
    case $model in
      pop) rec-embed pop -q -o "$work/m.safetensors" "$work/train.tsv"
        measure pop new "$work/new.tsv"
        measure pop "three rows" "$work/rest.tsv" "$work/three.tsv"
        measure pop old "$work/valid.tsv" "$work/train.tsv"
        continue ;;
      als) options=(als --dim 64 -e 10) ;;
      sasrec | bert4rec | attention-pool) options=("$model" --dim 64 -e 30 --loss sampled-softmax)
        # shellcheck disable=SC2206
        options+=(${OPTIONS:-}) ;;
      *) options=("$model") ;;
    esac
    measure_model "${options[@]}"
    measure_model "${options[@]}" --user-features "$data/users.tsv"
  done
done
