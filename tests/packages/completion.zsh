# Usage: zsh -f completion.zsh TREE LINE
# Types LINE and TAB into a zsh that runs in a terminal of its own, and prints what it showed.
zmodload zsh/zpty
zpty -b shell "zsh -f -i"
zpty -w shell "PS1=; fpath=($1/tools/completion \$fpath); autoload -Uz compinit; compinit -u -D; source $1/tools/completion/rec.zsh 2>/dev/null; compdef _rec rec-embed rec-eval rec-rank; LISTMAX=1000; clear; print be''gin"
local shown= line
# All that comes until the shell has been still for half a second.
read_all() {
  local -i still=0
  while (( still < $1 )); do
    if zpty -r -t shell line; then shown+=$line; still=0; else sleep .05; still+=1; fi
  done
}
read_all 20
[[ $shown == *begin* ]] || { print -r -- "no zsh: $shown"; exit 1 }
shown=
zpty -n -w shell "$2"$'\t\t'
read_all 20
# Without the terminal's escapes, and with what a redrawn line put between.
print -r -- $shown | sed -E $'s/\x1b\\[[0-9;?]*[A-Za-z]//g' | tr -d '\r\a'
