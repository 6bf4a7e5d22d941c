#!/bin/bash
# Usage: includes.sh TREE
# The include rule: rooms of lib/ see only rooms below them.
#   base < io, linalg < data < models, rank, metrics < score, rerank, eval < train < tools
#   data < features, view < tools
#   data < privacy < train
#   in models: common < sgd < each family < inference, and no family sees another
# cli sees base and io; CLI11 is seen by cli/command.cc alone; models, privacy, metrics and linalg never reach io, not
# even through another room's header; a loader of TSV is a *_tsv.cc; no two headers define a type of one name, which the
# linker would take for one; a header opens with a comment and has #pragma once; CMakeLists.txt lists what includes Eigen.
# Prints each breach as FILE:LINE: text; exit status 1 if there are any.
set -euo pipefail
export LC_ALL=C
cd "$1"

below_models="base linalg data"
declare -A may=(
  [base]="base"
  [io]="base io"
  [linalg]="base linalg"
  [cli]="base io cli"
  [data]="base io linalg data"
  [models/common]="$below_models models/common"
  [models/sgd]="$below_models models/common models/sgd"
)
for family in als linear knn mf popularity content; do may[models/$family]="$below_models models/common models/$family"; done
for family in fm two_tower attention_pool transformer; do
  may[models/$family]="$below_models models/common models/sgd models/$family"
done
models=$(printf 'models/%s ' common sgd als linear knn mf popularity content fm two_tower attention_pool transformer inference)
may+=(
  [models/inference]="$below_models $models"
  [metrics]="base linalg data metrics"
  [rank]="base io linalg data rank"
  [score]="base io linalg data $models score"
  [rerank]="base io linalg data $models rank rerank"
  [eval]="base io linalg data metrics eval"
  [train]="base io linalg data privacy $models metrics score train"
  [features]="base io linalg data features"
  [view]="base io linalg data view"
  [privacy]="base linalg data privacy"
  [search]="base io linalg data search"
  [tools]="base io linalg data $models metrics rank score rerank eval train features privacy view search cli"
)

status=0
breach() { echo "$1"; status=1; }

# Files that read tables though they are no *_tsv.cc, each for a reason:
#   groups    is the reader of grouped tables itself
#   artefact  reads model files, whose text encoding is a table
readers='^lib/data/(groups|artefact)[a-z_]*\.(h|cc)$'

named='["<]([^">]*)[">]'
declare -A room_of includes_of
files=$(find lib tools -name '*.h' -o -name '*.cc' | sort)
for file in $files; do
  case $file in
    lib/*/*) room=${file#lib/}; room=${room%/*} ;;
    tools/*) room=tools ;;
  esac
  room_of[$file]=$room
  if [[ -z ${may[$room]-} ]]; then
    breach "$file:1: no such room: $room"
    continue
  fi
  includes_of[$file]=""
  while IFS=: read -r line text; do
    [[ $text =~ $named ]] || continue
    path=${BASH_REMATCH[1]}
    case $path in
      CLI/*)
        [[ $file == lib/cli/command.cc ]] || breach "$file:$line: only cli/command.cc may include CLI11"
        continue ;;
    esac
    [[ $text == *'"'* ]] || continue
    other=${path%/*}
    if [[ $path == */* && -n ${may[$other]-} ]]; then
      [[ " ${may[$room]} " == *" $other "* ]] || breach "$file:$line: $room may not include $path"
      [[ -e lib/$path ]] && includes_of[$file]+=" lib/$path"
      if [[ $room == data && $file == *.cc && $file != *_tsv.cc && ! $file =~ $readers &&
            $path =~ ^io/(table|input|line_cursor)\.h$ ]]; then
        breach "$file:$line: reads TSV but is not named *_tsv.cc"
      fi
    elif [[ $path != */* || ( ${file##*/} != *.cc && $room != tools ) ]]; then
      # A quoted include names its room, so that one can tell where it is from; a
      # part of a tool names the tool's folder.
      [[ -e lib/$room/$path || -e $room/$path ]] && breach "$file:$line: write the include with its room: $room/$path"
    fi
  done < <(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' "$file")
  if [[ $file == *.h ]]; then
    [[ $(head -c 3 "$file") == "// " ]] || breach "$file:1: a header opens with a comment that says what it is"
    # Highway's *-inl.h are included once a vector target.
    [[ $file == *-inl.h ]] || grep -qx '#pragma once' "$file" || breach "$file:1: no #pragma once"
  fi
done

# What a room reaches through the headers of others.
reaches_io() {  # FILE; prints the way to io, if there is one
  local -a queue=("$1")
  local -A from=([$1]="")
  local file next
  while (( ${#queue[@]} )); do
    file=${queue[0]}
    queue=("${queue[@]:1}")
    for next in ${includes_of[$file]-}; do
      [[ -n ${from[$next]+x} ]] && continue
      from[$next]=$file
      if [[ ${room_of[$next]-} == io ]]; then
        local way=$next
        while [[ -n ${from[$next]} ]]; do next=${from[$next]}; way="$next > $way"; done
        echo "$way"
        return
      fi
      queue+=("$next")
    done
  done
}
for file in $files; do
  case ${room_of[$file]} in
    linalg | models/* | privacy | metrics)
      way=$(reaches_io "$file")
      [[ -z $way ]] || breach "$file:1: ${room_of[$file]} may not reach io: $way"
      ;;
  esac
done
declare -A defined
while IFS=: read -r file line type; do
  [[ $file == *-inl.h ]] && continue  # a namespace for each vector target
  type=$(sed -E 's/^(struct|enum class|class) +([A-Za-z_0-9]+).*/\2/' <<<"$type")
  [[ -z ${defined[$type]-} ]] || breach "$file:$line: $type is the name of a type of ${defined[$type]}, too"
  defined[$type]=$file
done < <(grep -HnE '^(struct|class|enum class) [A-Za-z_0-9]+ *([:{]|final)' $(grep '\.h$' <<<"$files"))
# Eigen's units are compiled in their own way.
listed=" $(sed -n 's/^set(with_eigen \(.*\))$/\1/p' CMakeLists.txt 2>/dev/null || true) "
for file in $(grep -rl '^#include <Eigen' lib || true); do
  unit=${file#lib/}
  [[ $listed == *" ${unit%.cc} "* ]] || breach "$file:1: includes Eigen: with_eigen of CMakeLists.txt lacks it"
done
exit $status
