#!/usr/bin/env bash
# What a knowledge graph adds: AUC on the labelled pairs of lastfm-kg (KGCN's split: each positive with one pair drawn that
# the user does not have, 6:2:2), als with item features out of the graph beside ids alone and popularity.
#   published_graph.sh [-j N] FOLDER        FOLDER has lastfm-kg; the binaries are on PATH
# The models see the positives of train.tsv. Options are chosen by the AUC of valid.tsv (seed 1), of ids and of features
# apart, from the same grid; test.tsv is read with these alone, three seeds.
# TSV on stdout: what, options, seed, AUC on validation, AUC on test.
set -euo pipefail
export LC_ALL=C
threads=0
while getopts j: option; do
  case $option in
    j) threads=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
folder=$(realpath "$1")/lastfm-kg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
awk -F '\t' -v OFS='\t' 'NR == 1 {print "user", "item"; next} $1 == 1 {print $2, $3}' "$folder/train.tsv" > train.tsv
rec-features graph -q "$folder/kg.tsv" -o heads.tsv
rec-features graph -q --both-directions "$folder/kg.tsv" -o both.tsv

train() {  # OPTIONS...: m.safetensors
  rec-embed "$@" -q -j "$threads" -o m.safetensors train.tsv
}
auc() {  # FILE
  rec-score -q -j "$threads" -m m.safetensors --keep "$folder/$1.tsv" |
    rec-eval -q -m auc --columns prediction=score,label=label | awk -F '\t' '$1 == "auc" {printf "%.4f", $2}'
}
search() {  # NAME [OPTIONS...]: of features, or none; sets best
  local dim reg weight
  for dim in 64 128; do for reg in 0.03 0.05 0.08 0.12; do for weight in 0.01 0.02 0.04; do
    train als -d $dim --reg $reg --unobserved-weight $weight "${@:2}"
    printf '%s\t%s\n' "$(auc valid)" "als -d $dim --reg $reg --unobserved-weight $weight ${*:2}"
  done; done; done > "search.$1"
}
printf 'what\toptions\tseed\tvalid\ttest\n'
train pop
printf 'pop\tpop\t-\t%s\t%s\n' "$(auc valid)" "$(auc test)"
search ids
for table in heads both; do
  for feature_reg in 0.1 0.3 1; do search $table.$feature_reg --item-features $table.tsv --feature-reg $feature_reg; done
done
for what in ids graph; do
  if [[ $what == ids ]]; then tables=(search.ids); else tables=(search.heads.* search.both.*); fi
  read -ra options < <(sort -r "${tables[@]}" | sed -n '1s/.*\t//p')
  for seed in 1 2 3; do
    train "${options[@]}" --seed $seed
    printf '%s\t%s\t%s\t%s\t%s\n' $what "${options[*]}" $seed "$(auc valid)" "$(auc test)"
  done
done
