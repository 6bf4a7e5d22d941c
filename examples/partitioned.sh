#!/bin/bash
# Trains als in parts, with GNU parallel: each half epoch is a map job over parts of
# the users (items), whose rows are put together into the next model.
#   examples/partitioned.sh LOG FOLDER [PARTS [EPOCHS [OPTION...]]]
# LOG: interactions; FOLDER gets als.safetensors, the same vectors as
# `rec-embed als -e EPOCHS OPTION... LOG` gives, for any number of PARTS. OPTION:
# options of rec-embed als. Exit status 3: GNU parallel is missing. The rec tools are
# looked for on the PATH.
set -euo pipefail
export LC_ALL=C
if (($# < 2)); then
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
  exit 2
fi
log=$(realpath "$1") folder=$2 parts=${3:-2} epochs=${4:-4}
shift $(($# < 4 ? $# : 4))
parallel --version 2>/dev/null | grep -q GNU || { echo "partitioned.sh: GNU parallel is missing (Debian: apt install parallel)" >&2; exit 3; }
mkdir -p "$folder"
cd "$folder"
rm -f user.part.* item.part.*

# Parts that hold all rows of their users, and parts that hold all of their items.
rows() { awk -F '\t' 'NR > 1 || $1 != "user" || $2 != "item"' "$log"; }
part() { awk -F '\t' -v column="$1" -v parts="$parts" -v name="$2.part." '
  $column != last {last = $column; n++}
  {print > (name n % parts)}'; }
rows | sort -t "$(printf '\t')" -k1,1 | part 1 user
rows | sort -t "$(printf '\t')" -k2,2 | part 2 item

# The start: a random vector for each item. It needs their ids alone (and, under a
# confidence or half-life, columns of value and timestamp).
rows | awk -F '\t' -v OFS='\t' '{$1 = "-"; print}' | sort -u -t "$(printf '\t')" -k2,2 | rec-embed als -q "$@" -e 0 -o als.safetensors
for ((epoch = 1; epoch <= epochs; ++epoch)); do
  for side in user item; do
    parallel -k -q rec-embed als -q -j 1 "$@" --init als.safetensors --half-epoch $side ::: $side.part.* > $side.rows
    rec-model join --force -m als.safetensors --${side}s $side.rows -o als.safetensors
  done
done
rm -f user.part.* item.part.* user.rows item.rows
