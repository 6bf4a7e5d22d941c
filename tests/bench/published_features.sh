#!/usr/bin/env bash
# What features bring by published protocols. CiteULike, 10 rows a user in training: knn, svd and
# als by ids alone, and with words or tags of items, the options by the last of the ten rows; content by these alone, the
# options by a tenth of the rows.
# lastfm-cold-users: users without any row, of whom only their friends are known; the options by
# valid.tsv. FilmTrust: mf by ids alone and with the users' trust in others, mean errors over five
# parts of the rows by hash, and those of users of under 5 training rows; the options by a tenth of
# each part's training rows.
#   published_features.sh FOLDER [PART...]   FOLDER holds the four sets as TSV; PART: citeulike,
#                                            cold_users, trust (default: all)
# A TSV line a model and metric. The binaries are on PATH. Tags are those that the same users
# gave: they are no content, and not comparable with words.
source "$(dirname "$0")/protocols.sh"
metrics=recall@50,recall@100,recall@300
printf 'data\tfeatures\tmodel\tmetric\tvalue\n'

# Of the settings on stdin, one a line, the best by recall@100 on training rows that rec-split
# holds out by the OPTIONS.
best() {  # TRAIN OPTIONS...
  rec-split -q "${@:2}" --train "$work/fit.tsv" --test "$work/valid.tsv" "$1"
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

# Options are tried on what the test asks for: the last of the ten items of each user, as the test has the items that
# come after them. For random ones of the ten the best weight of features is lower, and too low for the test.
last=(--method leave-one-out --order input)
vectors() { echo "$work/$1-x.safetensors"; }  # DATA
compare() {  # DATA FEATURES FILE
  local train=$folder/$1/splits/P10.train.tsv model setting
  for model in "knn --neighbours 1000" "svd --dim 256"; do
    # shellcheck disable=SC2086
    measure "$1" none "$model" $model
    setting=$(for w in 1 1.5 2 3 4; do echo "$model --item-features $3 --feature-weight $w"; done | best "$train" "${last[@]}")
    # shellcheck disable=SC2086
    measure "$1" "$2" "$setting" $setting
  done
  # The same features as vectors of 1024 numbers: latent semantic indexing.
  rec-embed content -q -d 1024 --item-features "$3" -o "$(vectors "$1")" "$train"
  setting=$(for w in 1 1.5 2 3; do echo "knn --neighbours 1000 --item-vectors $(vectors "$1") --feature-weight $w"; done |
    best "$train" "${last[@]}")
  # shellcheck disable=SC2086
  measure "$1" "$2" "$setting" $setting
}

compare_als() {  # DATA FEATURES FILE
  local train=$folder/$1/splits/P10.train.tsv plain="als -e 10 --dim 256 --unobserved-weight 0.01" setting r
  setting=$(for r in 0.005 0.01 0.02; do echo "$plain --reg $r"; done | best "$train" "${last[@]}")
  # shellcheck disable=SC2086
  measure "$1" none "$setting" $setting
  setting=$(for r in 0.3 1; do
    for scaling in tfidf none; do
      echo "$plain --reg 0.01 --feature-reg $r --feature-scaling $scaling --item-features $3"
    done
  done | best "$train" "${last[@]}")
  # shellcheck disable=SC2086
  measure "$1" "$2" "$setting" $setting
  setting=$(for r in 0.3 1 3; do echo "$plain --reg 0.01 --feature-reg $r --item-vectors $(vectors "$1")"; done | best "$train" "${last[@]}")
  # shellcheck disable=SC2086
  measure "$1" "$2" "$setting" $setting
}

# By features alone, of both models of users.
compare_content() {  # DATA FEATURES FILE
  local setting w reg
  measure "$1" "$2" "content -d 1024 --item-features $3" content -d 1024 --item-features "$3"
  setting=$(for w in 0.1 0.3 1; do
    for reg in 0.003 0.01; do
      echo "content -d 1024 --item-features $3 --user-model ridge --unobserved-weight $w --reg $reg"
    done
  done | best "$folder/$1/splits/P10.train.tsv" --method hash-row --test-fraction 0.1)
  # shellcheck disable=SC2086
  measure "$1" "$2" "$setting" $setting
}

# Cold users: everyone is a friend of oneself, so that a friend's own rows say what the friend is worth.
cold_users() {
  local from=$folder/lastfm-cold-users part reg r best=0 value setting label
  awk -F'\t' -v OFS='\t' 'NR == 1 { print; next } !($1 in seen) { seen[$1]; print $1, "friend=" $1 } { print }' \
    "$from/users.tsv" >"$work/friends.tsv"
  at() { rec-score -q -m "$work/m.safetensors" --all --top 20 --users "$from/$1.tsv" | rec-eval -q --truth "$from/$1.tsv" -m recall@20,ndcg@20; }
  for reg in 0.005 0.01 0.02 0.04; do
    for r in 1 3; do
      rec-embed als -q -e 10 --reg $reg --feature-reg $r --user-features "$work/friends.tsv" -o "$work/m.safetensors" "$from/train.tsv"
      value=$(at valid | awk '$1 == "ndcg@20" { print $2 }')
      if awk -v a="$value" -v b="$best" 'BEGIN { exit !(a > b) }'; then best=$value setting="--reg $reg --feature-reg $r"; fi
    done
  done
  rec-embed pop -q -o "$work/m.safetensors" "$from/train.tsv"
  at test | in_lines "lastfm-cold-users${tab}none${tab}pop"
  for part in 1 2 3; do
    label="als -e 10 $setting --seed $part"
    # shellcheck disable=SC2086
    rec-embed als -q -e 10 $setting --seed $part --user-features "$work/friends.tsv" -o "$work/m.safetensors" "$from/train.tsv"
    at test | in_lines "lastfm-cold-users${tab}friends${tab}$label --user-features friends.tsv"
  done
}

# Everyone is a friend of oneself, and friends are so both ways.
trust() {
  local from=$folder/filmtrust part dim implicit r setting
  awk -F'\t' -v OFS='\t' 'NR == 1 { print "user", "feature"; next }
    function say(a, b) { if (!((a, b) in seen)) { seen[a, b]; print a, "friend=" b } }
    { say($1, $1); say($2, $2); say($1, $2); say($2, $1) }' "$from/trust.tsv" >"$work/trust.tsv"
  rec-split -q --method folds --folds 5 --train "$work/train%d.tsv" --test "$work/test%d.tsv" "$from/interactions.tsv"
  for part in 1 2 3 4 5; do
    rec-split -q --method hash-row --test-fraction 0.1 --seed 7 --train "$work/fit$part.tsv" \
      --test "$work/valid$part.tsv" "$work/train$part.tsv"
  done
  errors() {  # SEEDS TRAIN TEST OPTIONS...: metric and mean value, of all rows and of users of under 5 rows
    local seed seeds=$1
    shift
    for seed in $(seq "$seeds"); do for part in 1 2 3 4 5; do
      rec-embed mf -q "${@:3}" --seed "$seed" -o "$work/m.safetensors" "$work/$1$part.tsv"
      rec-score -q -m "$work/m.safetensors" --labels "$work/$2$part.tsv" >"$work/scores.tsv"
      rec-eval -q -m rmse,mae "$work/scores.tsv"
      awk -F'\t' 'NR == FNR { ++rows[$1]; next } FNR == 1 || rows[$4] < 5' "$work/$1$part.tsv" "$work/scores.tsv" |
        rec-eval -q -m rmse,mae | sed 's/^\(rmse\|mae\)/\1, under 5 rows/'
    done; done | awk -F'\t' -v OFS='\t' -v n=$((5 * seeds)) '/^(rmse|mae)/ { sum[$1] += $2 / n } END { for (m in sum) print m, sum[m] }' | sort
  }
  best_of() {  # settings on stdin
    while read -r setting; do
      # shellcheck disable=SC2086
      printf '%s\t%s\n' "$(errors 1 fit valid $setting | awk -F'\t' '$1 == "rmse" { print $2 }')" "$setting"
    done | sort -g | head -n 1 | cut -f 2
  }
  for dim in 10 20 40; do
    for implicit in "" "--implicit --implicit-reg 1" "--implicit --implicit-reg 10"; do echo "-d $dim $implicit"; done
  done >"$work/settings"
  setting=$(best_of <"$work/settings")
  # shellcheck disable=SC2086
  errors 3 train test $setting | sed "s|^|filmtrust folds${tab}none${tab}mf $setting --seed 1, 2, 3$tab|"
  setting=$(for r in 1 3 10; do sed "s|\$| --user-features $work/trust.tsv --feature-reg $r|" "$work/settings"; done | best_of)
  # shellcheck disable=SC2086
  errors 3 train test $setting | sed "s|^|filmtrust folds${tab}trust${tab}mf ${setting//$work\//} --seed 1, 2, 3$tab|"
}

citeulike() {
  # The file names each word, with its count in title and abstract.
  awk -F'\t' -v OFS='\t' 'NR == 1 { print "item", "feature", "value"; next } $2 != "" { print $1, "word=" $2, $3 }' \
    "$folder/citeulike-t/items_words.tsv" >"$work/words.tsv"
  compare citeulike-t words "$work/words.tsv"
  compare citeulike-a tags "$folder/citeulike-a/items.tsv"
  compare_als citeulike-t words "$work/words.tsv"
  compare_als citeulike-a tags "$folder/citeulike-a/items.tsv"
  compare_content citeulike-t words "$work/words.tsv"
  compare_content citeulike-a tags "$folder/citeulike-a/items.tsv"
}

(($#)) || set -- citeulike cold_users trust
for part in "$@"; do "$part"; done
