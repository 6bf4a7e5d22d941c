# Bash completion for the rec tools: options and subcommands as --help lists
# them, the words of options such as --method a|b|c, else files.
_rec() {
  local tool=$1 word=$2 before=$3 sub= help options i
  COMPREPLY=()
  help=$("$tool" --help 2>/dev/null) || return
  local subcommands
  subcommands=$(awk '/^Subcommands:/ {on=1; next} /^[^ ]/ {on=0} on && /^  ? ? ?[a-z]/ && $1 ~ /^[a-z0-9-]+$/ {print $1}' <<<"$help")
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ $'\n'$subcommands$'\n' == *$'\n'"${COMP_WORDS[i]}"$'\n'* ]]; then
      sub=${COMP_WORDS[i]}
      help=$("$tool" "$sub" --help 2>/dev/null)
      break
    fi
  done
  # Only what looks like an option becomes part of sed's program.
  if [[ $before =~ ^--?[A-Za-z0-9][A-Za-z0-9-]*$ ]]; then  # the option's words, if it has any: "--method a|b|c"
    options=$(sed -nE "s/^ {1,8}(-[A-Za-z], ?)?(.*, ?)?(-[A-Za-z])?$before(,? ?--[a-z-]+)? ([a-z0-9-]+(\\|[a-z0-9-]+)+).*/\\5/p" <<<"$help" | head -1 | tr '|' '\n')
    if [[ -n $options ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
      return
    fi
  fi
  if [[ $word == -* ]]; then
    options=$(grep -E '^ {1,8}-' <<<"$help" | grep -oE -- '^ *(-[A-Za-z], ?)? *--[a-z][a-z0-9-]*' | grep -oE -- '--[a-z0-9-]+')
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ -n $subcommands && -z $sub ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$subcommands" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -o filenames -F _rec rec-data rec-split rec-embed rec-attend rec-score rec-rank rec-eval rec-model rec-features rec-view
