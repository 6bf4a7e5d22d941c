#!/usr/bin/env bash
# What features of items bring by published protocols (CiteULike, 10 rows a user in training):
# knn and svd by ids alone, and with words or tags; the options by a tenth of the training rows.
#   published_features.sh FOLDER      FOLDER holds citeulike-a and citeulike-t as TSV
# A TSV line a model and metric. The binaries are on PATH. Tags are those that the same users
# gave: they are no content, and not comparable with words.
source "$(dirname "$0")/protocols.sh"
metrics=recall@50,recall@100,recall@300
printf 'data\tfeatures\tmodel\tmetric\tvalue\n'

# Of the settings on stdin, one a line, the best by recall@100 on held-out training rows.
best() {  # TRAIN
  rec-split -q --method hash-row --test-fraction 0.1 --train "$work/fit.tsv" --test "$work/valid.tsv" "$1"
  "$(dirname "$0")/search.sh" -m "$metrics" "$work/fit.tsv" "$work/valid.tsv" >"$work/search.tsv"
  awk -F'\t' -v m=recall@100 '
    NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
    $column[m] > most { most = $column[m]; setting = $1 }
    END { print setting }' "$work/search.tsv"
}
measure() {  # DATA FEATURES LABEL OPTIONS...
  local split=$folder/$1/splits/P10
  local label=${3//$work\//}
  measure_whole "$1 P10$tab$2$tab${label//$folder\//}" "$split.train.tsv" "$split.test.tsv" "$metrics" 300 "${@:4}"
}
compare() {  # DATA FEATURES FILE
  local model setting
  for model in "knn --neighbours 1000" "svd --dim 256"; do
    # shellcheck disable=SC2086
    measure "$1" none "$model" $model
    setting=$(for w in 1 1.5 2 3 4; do echo "$model --item-features $3 --feature-weight $w"; done |
      best "$folder/$1/splits/P10.train.tsv")
    # shellcheck disable=SC2086
    measure "$1" "$2" "$setting" $setting
  done
}

# The file names each word, with its count in title and abstract.
awk -F'\t' -v OFS='\t' 'NR == 1 { print "item", "feature", "value"; next } $2 != "" { print $1, "word=" $2, $3 }' \
  "$folder/citeulike-t/items_words.tsv" >"$work/words.tsv"
compare citeulike-t words "$work/words.tsv"
compare citeulike-a tags "$folder/citeulike-a/items.tsv"
