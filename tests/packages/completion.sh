#!/bin/bash
# Usage: completion.sh TREE BUILD
# The completion of fish, and of a zsh that runs in a terminal of its own.
set -uo pipefail
export LC_ALL=C
tree=$(realpath "$1")
export PATH="$(realpath "$2"):$PATH"
cd "$tree" || exit 1
status=0
expect() {  # SHELL LINE WANTED: WANTED words are among the completions of LINE
  local shell=$1 line=$2 found word
  shift 2
  if [[ $shell == fish ]]; then
    found=$(fish --no-config -c "source tools/completion/rec.fish; complete -C '$line'" 2>&1 | cut -f1)
  else
    found=$(zsh -f tests/packages/completion.zsh "$tree" "$line" 2>&1)
  fi
  for word; do
    [[ $found == *"$word"* ]] && continue
    echo "$shell does not complete \"$line\" to $word, but to:"
    head -20 <<<"$found"
    status=1
  done
}
for shell in fish zsh; do
  expect $shell 'rec-embed ' als sasrec bert4rec
  expect $shell 'rec-embed als --feature-' --feature-reg --feature-scaling
  expect $shell 'rec-rank --header ' always auto never
  expect $shell 'rec-rank --columns user=a,it' user=a,item=
  expect $shell 'rec-eval --metrics ndcg@10,map_m' ndcg@10,map_min@10
  expect $shell 'rec-rank LICEN' LICENSE
done
# Nothing of the line becomes part of a program.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for word in '--a/;1e touch pwned;s/a' '--$(touch pwned)' '--`touch pwned`' '--x;touch pwned'; do
  (cd "$scratch" && fish --no-config -c "source $tree/tools/completion/rec.fish; complete -C \$argv[1]" -- "rec-rank $word " >/dev/null 2>&1)
  (cd "$scratch" && zsh -f "$tree/tests/packages/completion.zsh" "$tree" "rec-rank '$word' " >/dev/null 2>&1)
  [[ ! -e $scratch/pwned ]] || { echo "completion behind $word ran a command"; rm "$scratch/pwned"; status=1; }
done
(( status )) || echo "fish and zsh complete"
exit $status
