#!/usr/bin/env bash
# Searches settings of rec-embed on validation data: each line of stdin is a
# subcommand and its options ("ease --reg 200"; # begins a comment).
#   search.sh [-c CANDIDATES] [-m METRICS] FIT VALID < SETTINGS
# Ranks VALID's users over all items but those of FIT or, with -c, within those
# candidates, and prints a TSV line a setting: setting, seconds to train, peak MiB, a
# value a metric, their sum. METRICS as for rec-eval; default recall@20,ndcg@20. The
# binaries are on PATH. Never give it a test file.
set -euo pipefail
export LC_ALL=C
candidates= metrics=recall@20,ndcg@20
while getopts c:m: option; do
  case $option in
    c) candidates=$OPTARG ;;
    m) metrics=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
fit=$1 valid=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
top=$(tr , '\n' <<<"$metrics" | sed 's/.*@//' | sort -n | tail -1)

printf 'setting\tseconds\tMiB\t%s\tsum\n' "$(tr , '\t' <<<"$metrics")"
while read -r line; do
  line=${line%%#*}
  [[ $line =~ [^[:space:]] ]] || continue
  read -ra setting <<<"$line"
  rec-embed "${setting[@]}" -v -o "$work/m.safetensors" "$fit" 2>"$work/stderr" || { cat "$work/stderr" >&2; exit 1; }
  cost=$(sed -nE 's/.*, ([0-9.]+) s, ([0-9.]+) MiB peak memory.*/\1\t\2/p' "$work/stderr" | tail -1)
  if [[ $candidates ]]; then
    rec-score -q -m "$work/m.safetensors" "$candidates"
  else
    rec-score -q -m "$work/m.safetensors" --all --top "$top" --exclude "$fit" --users "$valid"
  fi | rec-rank -q -k "$top" | rec-eval -q --truth "$valid" --binary -m "$metrics" |
    awk -F'\t' -v setting="${setting[*]}	$cost" '$1 ~ /@/ {line = line "\t" $2; sum += $2} END {print setting line "\t" sum}'
done
