#!/usr/bin/env bash
# What privacy costs: Recall@20 and ndcg@20 of pop, ease, knn, svd --pure and als without it and at epsilon 10, 3 and 1
# (delta 1e-6), by three seeds of the split, and with fewer users; the noise is new in each run.
#   [SETS=ml-1m|generated] privacy.sh FOLDER [MODEL...]      FOLDER holds ml-1m as TSV; SETS, MODEL: these alone; "parties" is als of three
# A TSV line for users of training, seed, model, epsilon and metric. A tenth of the users is held out with all rows: four
# fifths of these are the histories that are folded in, the others are the truth. The item list
# is the catalogue of the whole set. Ease without privacy has --reg 200 (its rows are not scaled), and
# rows of unit norm with --reg 5 as "unit". als of three parties that do not share rows has noise once, at the sum of the
# parts, or in each part. Then pop, ease and als on 10,000,000 generated rows of 136,677 users and
# 20,108 items with 64 tastes, one seed, if bench_generate is on the PATH. Binaries on PATH.
source "$(dirname "$0")/protocols.sh"
if (($#)); then models=("$@"); else models=(pop ease knn 'svd --pure' als parties); fi
printf 'data\tusers\tseed\tmodel\tepsilon\tmetric\tvalue\n'
measure() { # MODEL EPSILON OPTIONS...
  is_wanted "$1" || return 0
  rec-embed "${@:3}" -q -o "$work/m.safetensors" "$work/train.tsv"
  judge "$1" "$2"
}
is_wanted() { [[ " ${models[*]} " == *" ${1%% *}"* ]]; } # MODEL
judge() { # MODEL EPSILON: m.safetensors
  rec-score -q -m "$work/m.safetensors" --all --top 20 --history "$work/history.tsv" --exclude "$work/history.tsv" \
    --users "$work/truth.tsv" | rec-rank -q -k 20 | rec-eval -q --truth "$work/truth.tsv" -m recall@20,ndcg@20 |
    awk -v OFS='\t' -v run="$data$tab$users$tab$seed$tab$1$tab$2" '$1 ~ /@/ { print run, $1, $2 }'
}
make_split() { # SEED: train.tsv, history.tsv and truth.tsv of all.tsv; sets users
  seed=$1
  rec-split -q --method hash-user --seed "$seed" --test-fraction 0.1 --train "$work/train.tsv" --test "$work/held.tsv" \
    "$work/all.tsv"
  rec-split -q --method hash-row --seed "$seed" --test-fraction 0.2 --train "$work/history.tsv" \
    --test "$work/truth.tsv" "$work/held.tsv"
  count_users
}
count_users() { users=$(tail -n +2 "$work/train.tsv" | cut -f 1 | sort -u | wc -l); }
measure_private() { # MODEL...
  for epsilon in 10 3 1; do
    for model; do
      # shellcheck disable=SC2086
      measure "$model" "$epsilon" $model --dp-epsilon "$epsilon" --items "$work/items.tsv"
    done
  done
}
measure_parties() { # als of three parties, with noise at the sum and with noise of each
  is_wanted parties || return 0
  awk -F '\t' -v OFS='\t' -v out="$work/party" 'NR > 1 { print > (out ($1 % 3) ".tsv") }' "$work/train.tsv"
  for epsilon in 10 3 1; do
    for by in sum party; do
      noise=(--dp-epsilon "$epsilon")
      rec-embed als -q "${noise[@]}" --items "$work/items.tsv" --dp-start -o "$work/m.safetensors"
      for _ in 1 2; do
        for party in 0 1 2; do
          noise_here=()
          [[ $by == sum ]] || noise_here=("${noise[@]}")
          rec-embed als -q --statistics-only --init "$work/m.safetensors" "${noise_here[@]}" "$work/party$party.tsv" \
            -o "$work/party$party.safetensors"
        done
        noise_here=()
        [[ $by == party ]] || noise_here=("${noise[@]}")
        rec-model sum -q "${noise_here[@]}" "$work"/party?.safetensors -o "$work/all.safetensors"
        rec-embed als -q --statistics "$work/all.safetensors" -o "$work/m.safetensors"
      done
      judge "als, 3 parties, noise by $by" "$epsilon"
    done
  done
}
wanted() { [[ ${SETS:-$1} == "$1" ]]; }
list_items() { { echo item; tail -n +2 "$work/all.tsv" | cut -f 2 | sort -u; } >"$work/items.tsv"; }

measure_ml_1m() {
  data=ml-1m
  cut -f 1-2 "$folder/ml-1m/train.tsv" >"$work/all.tsv"
  for part in valid test; do tail -n +2 "$folder/ml-1m/$part.tsv" | cut -f 1-2 >>"$work/all.tsv"; done
  list_items
  for seed in 1 2 3; do
    make_split $seed
    measure pop none pop
    measure ease none ease
    measure "ease unit" none ease --user-exponent 0.5 --reg 5
    measure knn none knn
    measure "svd --pure" none svd --pure
    measure als none als
    measure_private pop ease knn "svd --pure" als
    measure_parties
  done
  # Fewer users to learn from, by the last seed.
  cp "$work/train.tsv" "$work/most.tsv"
  for left_out in 0.5 0.75 0.875; do
    rec-split -q --method hash-user --seed 9 --test-fraction "$left_out" --train "$work/train.tsv" --test "$work/rest.tsv" \
      "$work/most.tsv"
    count_users
    measure pop none pop
    measure als none als
    measure_private pop ease als
  done
}
measure_generated() {
  data=generated
  bench_generate interactions --tastes 64 --header -o "$work/rows.tsv"
  cut -f 1-2 "$work/rows.tsv" >"$work/all.tsv"
  list_items
  make_split 1
  measure pop none pop
  measure ease none ease
  measure als none als
  measure_private pop ease als "als -d 64" "als -d 64 --dp-left-side own"
}
if wanted ml-1m; then measure_ml_1m; fi
if wanted generated && command -v bench_generate >/dev/null; then measure_generated; fi
