#!/bin/bash
# Usage: completion.sh TREE BUILD
# tools/completion/rec.bash completes every long option of every tool's --help, the
# subcommands, the words of an option, columns, metrics, and files.
set -uo pipefail
export LC_ALL=C
export PATH="$(realpath "$2"):$PATH"
build=$(realpath "$2")
source "$1/tools/completion/rec.bash"
status=0
# complete WORD...: what the last word (it may be empty) completes to.
complete_words() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  _rec "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
  (( ${#COMPREPLY[@]} == 0 )) || printf '%s\n' "${COMPREPLY[@]}" | sort -u
}
expect() {  # WANTED WORD...
  local wanted=$1 found
  shift
  found=$(complete_words "$@")
  [[ $found == "$wanted" ]] && return
  echo "completion of \"$*\":"
  diff <(echo "$wanted") <(echo "$found")
  status=1
}
options_of() { "$@" --help | grep -E '^ {1,8}-' | grep -oE -- '^ *(-[A-Za-z],)? *--[a-z][a-z0-9-]*' | grep -oE -- '--[a-z0-9-]+' | sort -u; }

tools=0
for binary in "$build"/rec-*; do
  tool=${binary##*/}
  [[ -x $binary && -f $binary ]] || continue
  ((++tools))
  complete -p "$tool" >/dev/null 2>&1 || { echo "$tool has no completion"; status=1; }
  expect "$(options_of "$tool")" "$tool" --
  for sub in $("$tool" --help | awk '/^Subcommands:/ {on=1; next} on && /^  ? ? ?[a-z]/ {print $1}'); do
    expect "$(options_of "$tool" "$sub")" "$tool" "$sub" --
    expect "$sub" "$tool" "$sub"
  done
done
(( tools > 0 )) || { echo "no tools in $build"; status=1; }
cd "$1" || exit 1
expect LICENSE rec-rank LICEN
expect $'always\nauto' rec-rank --header a
expect user=a,item= rec-rank --columns user=a,it
expect $'ndcg@10,map@10\nndcg@10,map_min@10' rec-eval --metrics ndcg@10,map
expect $'mrr@10' rec-eval --require mrr
# The word before the cursor is no part of a program: sed's commands, the shell's.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
for word in '--a/;1e touch pwned;s/a' '-x$/p;e touch pwned' '--header|.*/x/;w pwned' '--$(touch pwned)' '--`touch pwned`'; do
  complete_words rec-rank "$word" '' >/dev/null 2>&1
  complete_words rec-rank "$word" '$(touch pwned)' >/dev/null 2>&1
  complete_words rec-rank "$word" -- >/dev/null 2>&1
  [[ ! -e pwned ]] || { echo "completion behind \"$word\" ran a command"; rm -f pwned; status=1; }
done
exit $status
