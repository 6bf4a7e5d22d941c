#!/usr/bin/env bash
# What privacy costs in processor seconds: ease and als on ml-1m with it and without, in turn.
#   privacy_speed.sh FOLDER [OLDER]      FOLDER holds ml-1m as TSV; OLDER: a folder with rec-embed of an older build
# A TSV line for each run: build, model, privacy, weights that are kept of each item, user and system seconds, MiB. Five
# rounds. Ease without privacy has rows of unit norm, too. Private ease keeps 4000 weights of each item where it is not
# told, ease 200; so both numbers are measured with both. Binaries on PATH.
set -euo pipefail
export LC_ALL=C
folder=$1
older=${2-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cut -f 1-2 "$folder/ml-1m/train.tsv" >"$work/all.tsv"
for part in valid test; do tail -n +2 "$folder/ml-1m/$part.tsv" | cut -f 1-2 >>"$work/all.tsv"; done
{ echo item; tail -n +2 "$work/all.tsv" | cut -f 2 | sort -u; } >"$work/items.tsv"
printf 'build\tmodel\tprivacy\tneighbours\tuser s\tsystem s\tMiB\n'
measure() {  # BUILD PROGRAM MODEL PRIVACY NEIGHBOURS OPTIONS...
  command time -f '%U %S %M' -o "$work/seconds" "$2" "$3" -q "${@:6}" -o "$work/m.safetensors" "$work/all.tsv"
  awk -v OFS='\t' -v run="$1	$3	$4	$5" '{ print run, $1, $2, sprintf("%.0f", $3 / 1024) }' "$work/seconds"
}
for round in 1 2 3 4 5; do
  for build in now ${older:+older}; do
    program=rec-embed
    [[ $build == now ]] || program=$older/rec-embed
    private=(--dp-epsilon 3 --items "$work/items.tsv")
    for kept in 200 4000; do
      measure "$build" "$program" ease none "$kept" --user-exponent 0.5 --reg 5 --neighbours "$kept"
      measure "$build" "$program" ease 'epsilon 3' "$kept" "${private[@]}" --neighbours "$kept"
    done
    measure "$build" "$program" als none - -d 32 -e 2
    measure "$build" "$program" als 'epsilon 3' - -d 32 -e 2 "${private[@]}"
    measure "$build" "$program" als 'epsilon 3, own' - -d 32 -e 2 "${private[@]}" --dp-left-side own
  done
done
