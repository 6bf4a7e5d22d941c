# Bash completion for the rec tools, from what --help lists: subcommands, options, the words of options such as
# --method a|b|c, the columns of --columns, the metrics of rec-eval, else files.

# The words of help lines on stdin: options, or the first column below "Subcommands:".
_rec_options() { grep -E '^ {1,8}-' | grep -oE -- '^ *(-[A-Za-z], ?)? *--[a-z][a-z0-9-]*' | grep -oE -- '--[a-z0-9-]+'; }
_rec_subcommands() { awk '/^Subcommands:/ {on=1; next} /^[^ ]/ {on=0} on && /^  ? ? ?[a-z]/ && $1 ~ /^[a-z0-9-]+$/ {print $1}'; }
# The columns that the --columns of the help on stdin names, each with its =.
_rec_columns() {
  tr -s '\n ' ' ' | sed -nE 's/.* --columns MAP [^;]*; columns: ([a-z_]+(, [a-z_]+)*).*/\1/p' | sed 's/, /=\n/g; s/$/=/'
}

_rec() {
  local tool=$1 word=$2 before=$3 sub= help subcommands words= list= i
  COMPREPLY=()
  help=$("$tool" --help 2>/dev/null) || return
  subcommands=$(_rec_subcommands <<<"$help")
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ $'\n'$subcommands$'\n' == *$'\n'"${COMP_WORDS[i]}"$'\n'* ]]; then
      sub=${COMP_WORDS[i]}
      help=$("$tool" "$sub" --help 2>/dev/null)
      break
    fi
  done
  case $before in
    --columns) words=$(_rec_columns <<<"$help") list=1 ;;
    --metrics | -m | --require)
      [[ $tool != *rec-eval ]] || words=$("$tool" --list-metrics 2>/dev/null | awk 'NR > 1 {sub(/\[@k\]/, "@10", $1); print $1}')
      [[ $before == --require ]] || list=1
      ;;
    *)
      # Only what looks like an option becomes part of sed's program.
      if [[ $before =~ ^--?[A-Za-z0-9][A-Za-z0-9-]*$ ]]; then
        words=$(sed -nE "s/^ {1,8}(-[A-Za-z], ?)?(.*, ?)?(-[A-Za-z])?$before(,? ?--[a-z-]+)? ([a-z0-9-]+(\\|[a-z0-9-]+)+).*/\\5/p" <<<"$help" | head -1 | tr '|' '\n')
      fi
      ;;
  esac
  if [[ -n $words ]]; then
    # Of a list with commas the last word is completed. Words that end in = or may go on take no space.
    local front=
    [[ -z $list || $word != *,* ]] || front=${word%,*},
    mapfile -t COMPREPLY < <(compgen -P "$front" -W "$words" -- "${word#"$front"}")
    [[ -z $list ]] || compopt -o nospace 2>/dev/null
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_rec_options <<<"$help")" -- "$word")
  elif [[ -n $subcommands && -z $sub ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$subcommands" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -o filenames -F _rec rec-data rec-split rec-embed rec-attend rec-score rec-rank rec-eval rec-model rec-features rec-view rec-tune
