#!/usr/bin/env bash
# New items, known by their features alone: a tenth of the items held out with all their rows,
# by three seeds. For each model ndcg@10 of the held-out rows among all items (all) and among the
# new ones (new), and of a twentieth of the other rows, held out at random, among the old (old); of ease also of both
# kinds of rows together among all items (both).
#   cold_start.sh FOLDER [MODEL...]   FOLDER holds ml-1m, movietweetings and msweb as TSV; MODEL: genre
#                                     (by genre), als, content, neural, ease (default: all)
# SEEDS (1 2 3), SETS (all; such as "ml-1m/genres msweb/words"). A TSV line a seed, model and measure. "by genre": the new items by the share of their
# categories in what the user chose, the mean over an item's categories. The settings of als are
# chosen on another tenth of the items, which is held out of training for it; so are those of ease. neural has two settings
# of --id-dropout, and nothing is chosen. Binaries on PATH.
source "$(dirname "$0")/protocols.sh"
(($#)) || set -- genre als content neural ease
models=" $* "
printf 'data\tfeatures\tseed\tmodel\titems\tndcg@10\n'

words() { # KIND: item and text in, rows of features out; years become decades
  awk -F'\t' -v OFS='\t' -v kind="$1" 'NR > 1 {
    text = tolower($2)
    if (match(text, /\([0-9][0-9][0-9][0-9]\)/)) { print $1, "decade=" substr(text, RSTART + 1, 3) "0"; text = substr(text, 1, RSTART - 1) }
    n = split(text, word, /[^a-z0-9]+/)
    for (i = 1; i <= n; ++i) if (length(word[i]) > 1 && word[i] !~ /^(the|of|and)$/) print $1, kind "=" word[i] }' "$2"
}
ndcg() { rec-eval -q --truth "$1" -m ndcg@10 | awk '$1 == "ndcg@10" { print $2 }'; }
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$data" "$features" "$seed" "$@"; }

split_all() { # ROWS PREFIX SEED: PREFIX.train, .new (rows of new items), .old, and .items, the new items
  rec-split -q --method hash-item --seed "$3" --test-fraction 0.1 --train "$2.most" --test "$2.new" "$1"
  rec-split -q --method hash-row --seed "$3" --test-fraction 0.05 --train "$2.train" --test "$2.old" "$2.most"
  tail -n +2 "$2.new" | cut -f 2 | sort -u >"$2.items"
}
has_new() { awk -F'\t' 'NR == FNR { new[$1]; next } $2 in new { found = 1; exit } END { exit !found }' "$1.items" "$2"; }
among_new() { # PREFIX: candidates on stdin; 0 where none is new
  awk -F'\t' 'NR == FNR { new[$1]; next } $2 in new' "$1.items" - >"$work/candidates.tsv"
  if [[ -s $work/candidates.tsv ]]; then rec-rank -q -k 10 "$work/candidates.tsv" | ndcg "$1.new"; else echo 0; fi
}
train() { rec-embed "${@:2}" -q -o "$work/m.safetensors" "$1.train"; } # PREFIX OPTIONS...
new() { rec-score -q -m "$work/m.safetensors" --all --all-users --exclude "$1.train" --top 100000 | among_new "$1"; }
all() { # 0 where no list has a new item, as by ids alone
  rec-score -q -m "$work/m.safetensors" --all --exclude "$1.train" --users "$1.new" --top 10 >"$work/best.tsv"
  if has_new "$1" "$work/best.tsv"; then ndcg "$1.new" <"$work/best.tsv"; else echo 0; fi
}
old() {
  rec-score -q -m "$work/m.safetensors" --all --exclude "$1.train" --users "$1.old" --top 1000 |
    awk -F'\t' 'NR == FNR { trained[$2]; next } $2 in trained' "$1.train" - | rec-rank -q -k 10 | ndcg "$1.old"
}
both() { # of new and old rows among all items
  { cat "$1.new"; tail -n +2 "$1.old"; } >"$1.both"
  rec-score -q -m "$work/m.safetensors" --all --exclude "$1.train" --users "$1.both" --top 10 | ndcg "$1.both"
}
measure_model() { # PREFIX OPTIONS...
  local name=${*:2}
  train "$@"
  name=${name//--item-features $work\//with }
  row "$name" new "$(new "$1")"
  row "$name" all "$(all "$1")"
  row "$name" old "$(old "$1")"
  [[ $name != ease* ]] || row "$name" both "$(both "$1")"
}
by_genre() { # PREFIX FEATURES
  awk -F'\t' -v OFS='\t' '
    FILENAME == ARGV[1] { of[$1] = of[$1] " " $2; next }
    FILENAME == ARGV[2] { new[$1]; next }
    FNR > 1 { n = split(of[$2], c, " "); for (k = 1; k <= n; ++k) { share[$1, c[k]] += 1 / n; sum[$1] += 1 / n } ; user[$1] }
    END { for (u in user) if (sum[u] > 0) for (i in new) {
      n = split(of[i], c, " "); s = 0; for (k = 1; k <= n; ++k) s += share[u, c[k]]; if (n) print u, i, s / sum[u] / n } }' \
    "$2" "$1.items" "$1.train" | sort -k1,1 -s | among_new "$1"
}
at_least() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= b) }'; }
# Best for the new items of PREFIX, of the settings that are as good for the others as ids alone,
# up to a share of .002: zero rows among the items move the sums' last digits.
best_setting() { # PREFIX FILES...
  local reg use most=0 value floor best=
  train "$1" als --dim 64 -e 10
  floor=$(old "$1" | awk '{ print 0.998 * $1 }')
  for use in all new; do
    for reg in 0.1 0.3 1 3; do
      train "$1" als --dim 64 -e 10 --feature-use $use --feature-reg $reg "${@:2}"
      value=$(new "$1")
      if at_least "$value" "$most" && at_least "$(old "$1")" "$floor"; then
        most=$value best="--feature-use $use --feature-reg $reg"
      fi
    done
  done
  echo "$best"
}
# The --feature-weight that is best for the new items of PREFIX, then the --align that is best for them among all items
# and takes less than a hundredth of both.
best_ease() { # PREFIX FILES...
  local weight align value floor most=0 best=
  for weight in 7 14 28; do
    train "$1" ease --neighbours 4000 --feature-weight $weight "${@:2}"
    value=$(new "$1")
    if ! at_least "$most" "$value"; then most=$value best="--feature-weight $weight"; fi
  done
  weight=$best
  # shellcheck disable=SC2086
  train "$1" ease --neighbours 4000 $weight "${@:2}"
  floor=$(both "$1" | awk '{ print 0.99 * $1 }')
  most=$(all "$1")
  for align in 1 2 4 8 16; do
    # shellcheck disable=SC2086
    train "$1" ease --neighbours 4000 $weight --align $align "${@:2}"
    value=$(all "$1")
    if ! at_least "$most" "$value" && at_least "$(both "$1")" "$floor"; then most=$value best="$weight --align $align"; fi
  done
  echo "$best"
}
run() { # DATA ROWS CATEGORIES NAME FILES...: FILES as options
  data=$1 features=$4
  [[ " ${SETS:-$1/$4} " == *" $1/$4 "* ]] || return 0
  local setting seed rate
  if wants als; then
    split_all "$2" "$work/outer" 1
    split_all "$work/outer.train" "$work/inner" 11
    setting=$(best_setting "$work/inner" "${@:5}")
  fi
  local ease=
  if wants ease; then
    split_all "$2" "$work/outer" 1
    split_all "$work/outer.train" "$work/inner" 11
    ease=$(best_ease "$work/inner" "${@:5}")
  fi
  for seed in ${SEEDS:-1 2 3}; do
    split_all "$2" "$work/outer" "$seed"
    if wants genre; then row "by genre" new "$(by_genre "$work/outer" "$3")"; fi
    if wants als; then
      measure_model "$work/outer" als --dim 64 -e 10
      # shellcheck disable=SC2086
      measure_model "$work/outer" als --dim 64 -e 10 $setting ${*:5}
    fi
    if wants content; then
      measure_model "$work/outer" content "${@:5}"
      measure_model "$work/outer" content --user-model ridge "${@:5}"
    fi
    if wants ease; then
      measure_model "$work/outer" ease --neighbours 4000
      # shellcheck disable=SC2086
      measure_model "$work/outer" ease --neighbours 4000 ${ease%--align*} "${@:5}"
      # shellcheck disable=SC2086
      measure_model "$work/outer" ease --neighbours 4000 $ease "${@:5}"
    fi
    if wants neural; then
      measure_model "$work/outer" neural
      for rate in 0.1 0.3; do measure_model "$work/outer" neural --id-dropout $rate "${@:5}"; done
    fi
  done
}
wants() { [[ $models == *" $1 "* ]]; }

categories() { awk -F'\t' -v OFS='\t' 'NR > 1 { print $1, "genre=" $2 }' "$1"; }
categories "$folder/ml-1m/items.tsv" >"$work/genres.tsv"
{ words title "$folder/ml-1m/items_text.tsv"; awk -F'\t' -v OFS='\t' 'NR > 1 { print $1, $2 "=" $3 }' "$folder/ml-1m/kg.tsv"; } >"$work/more.tsv"
run ml-1m "$folder/ml-1m/train.tsv" "$work/genres.tsv" genres --item-features "$work/genres.tsv"
run ml-1m "$folder/ml-1m/train.tsv" "$work/genres.tsv" genres,titles,graph --item-features "$work/genres.tsv" --item-features "$work/more.tsv"
categories "$folder/movietweetings/items.tsv" >"$work/genres.tsv"
words title "$folder/movietweetings/items_text.tsv" >"$work/more.tsv"
rec-split -q --method none --k-core 5 --train "$work/rows.tsv" "$folder/movietweetings/interactions.tsv"
run movietweetings "$work/rows.tsv" "$work/genres.tsv" genres,titles --item-features "$work/genres.tsv" --item-features "$work/more.tsv"
words word "$folder/msweb/items_text.tsv" >"$work/words.tsv"
run msweb "$folder/msweb/train.tsv" "$work/words.tsv" words --item-features "$work/words.tsv"
