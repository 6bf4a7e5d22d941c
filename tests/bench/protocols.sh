# Sourced by published*.sh and search_*.sh, whose first argument is FOLDER: ml-1m,
# citeulike-a and gowalla as TSV. Defines $folder, $work (removed at exit), the
# published protocols and what is held out of training to search by.
set -euo pipefail
export LC_ALL=C
folder=$1
shift
here=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ncf=$folder/ml-1m/ncf
P10=$folder/citeulike-a/splits/P10
tab=$'\t'

# Each trains with OPTIONS and prints a TSV line a metric: LABEL, metric, value.
in_lines() { awk -v OFS='\t' -v s="$1" '$1 ~ /@/ { print s, $1, $2 }'; }
measure_ncf() {  # LABEL OPTIONS...: each test item of ml-1m/ncf among its 99 negatives
  [[ -s $work/negatives.tsv ]] || { cut -f1,2 "$ncf/test.tsv"; tail -n +2 "$ncf/test_negatives.tsv"; } >"$work/negatives.tsv"
  rec-embed "${@:2}" -q -o "$work/m.safetensors" "$ncf/train.tsv"
  rec-score -q -m "$work/m.safetensors" "$work/negatives.tsv" | rec-rank -q -k 10 |
    rec-eval -q --truth "$ncf/test.tsv" --binary -m hit@10,ndcg@10 | in_lines "ml-1m/ncf$tab$1"
}
measure_whole() {  # LABEL TRAIN TEST METRICS TOP OPTIONS...: against all items but those of training
  rec-embed "${@:6}" -q -o "$work/m.safetensors" "$2"
  rec-score -q -m "$work/m.safetensors" --all --top "$5" --exclude "$2" --users "$3" | rec-rank -q -k "$5" |
    rec-eval -q --truth "$3" -m "$4" | in_lines "$1"
}
measure_citeulike() {  # LABEL OPTIONS...
  measure_whole "citeulike-a P10$tab$1" "$P10.train.tsv" "$P10.test.tsv" recall@50,recall@100,recall@300 300 "${@:2}"
}
measure_gowalla() {  # LABEL OPTIONS...
  measure_whole "gowalla$tab$1" "$folder/gowalla/train.tsv" "$folder/gowalla/test.tsv" recall@20,ndcg@20 20 "${@:2}"
}

# Each reads settings from stdin, as search.sh does.
search_ncf() {  # each user's last training row in time against 99 sampled items; as the split's test, which is last in time
  # train.tsv is not in the order of time: that is in the other split of the set, whose valid.tsv has these rows
  awk -F'\t' -v OFS='\t' -v fit="$work/fit.tsv" -v held="$work/valid.tsv" '
    NR == FNR { last[$1, $2]; next }
    FNR == 1 { print $1, $2 >fit; print $1, $2 >held; next }
    { print $1, $2 >((($1, $2) in last) ? held : fit) }' "$folder/ml-1m/valid.tsv" "$ncf/train.tsv"
  "$here/sampled_negatives.pl" "$work/fit.tsv" "$work/valid.tsv" >"$work/candidates.tsv"
  "$here/search.sh" -c "$work/candidates.tsv" -m hit@10,ndcg@10 "$work/fit.tsv" "$work/valid.tsv"
}
search_citeulike() {  # a tenth of P10's training rows
  rec-split -q --method hash-row --test-fraction 0.1 --train "$work/fit.tsv" --test "$work/valid.tsv" "$P10.train.tsv"
  "$here/search.sh" -m recall@50,recall@100,recall@300 "$work/fit.tsv" "$work/valid.tsv"
}
search_gowalla() { "$here/search.sh" "$folder/gowalla/train_minus_valid.tsv" "$folder/gowalla/valid.tsv"; }  # a random part
