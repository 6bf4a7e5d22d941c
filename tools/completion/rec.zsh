#compdef rec-data rec-split rec-embed rec-attend rec-score rec-rank rec-eval rec-model rec-features rec-view rec-tune
# Zsh completion for the rec tools, from what --help lists: subcommands and options with their first words of help, the
# words of options such as --method a|b|c, the columns of --columns, the metrics of rec-eval, else files.

# Help on stdin: options, a line each, as NAME:HELP.
_rec_options() {
  awk 'substr($0, 1, 9) ~ /^ +-/ {
    line = $0; sub(/^ */, "", line)
    if (!match(line, /--[a-z][a-z0-9-]*/)) next
    name = substr(line, RSTART, RLENGTH)
    text = ""
    if (match($0, /   +[^ -]/)) text = substr($0, RSTART)
    if (length($0) <= 26 || text == "") { getline text }
    sub(/^ +/, "", text); gsub(/:/, "\\:", text)
    print name ":" text
  }'
}
# Subcommands, a line each, as NAME:HELP.
_rec_subcommands() {
  awk '/^Subcommands:/ {on=1; next} /^[^ ]/ {on=0}
    on && /^  ? ? ?[a-z]/ && $1 ~ /^[a-z0-9-]+$/ {name=$1; $1=""; sub(/^ /, ""); gsub(/:/, "\\:"); print name ":" $0}'
}

_rec() {
  local tool=$words[1] before=$words[CURRENT-1] sub= help entry i
  local -a subcommands options choices
  help=$("$tool" --help 2>/dev/null) || return 1
  subcommands=(${(f)"$(_rec_subcommands <<<"$help")"})
  for ((i = 2; i < CURRENT; ++i)); do
    if (( ${subcommands[(I)$words[i]:*]} )); then
      sub=$words[i]
      help=$("$tool" "$sub" --help 2>/dev/null)
      break
    fi
  done
  case $before in
    --columns)
      choices=(${(f)"$(tr -s '\n ' ' ' <<<"$help" |
        sed -nE 's/.* --columns MAP [^;]*; columns: ([a-z_]+(, [a-z_]+)*).*/\1/p' | sed 's/, /\n/g')"})
      compset -P '*,'
      compadd -S = -- $choices
      return
      ;;
    --metrics | -m | --require)
      if [[ $tool == *rec-eval ]]; then
        choices=(${(f)"$("$tool" --list-metrics 2>/dev/null | awk 'NR > 1 {sub(/\[@k\]/, "@10", $1); print $1}')"})
        [[ $before == --require ]] || compset -P '*,'
        compadd -- $choices
        return
      fi
      ;;
    -*)
      # The line of the option, compared as a word and never part of a program's text.
      entry=$(option=$before awk 'substr($0, 1, 9) ~ /^ +-/ {
        line = $0
        gsub(/,/, " ", line)
        n = split(line, field, / +/)
        for (i = 1; i < n; ++i) if (field[i] == ENVIRON["option"])
          for (j = i + 1; j <= n; ++j) if (field[j] ~ /^[a-z0-9-]+(\|[a-z0-9-]+)+$/) { print field[j]; exit }
      }' <<<"$help")
      if [[ -n $entry ]]; then
        compadd -- ${(s:|:)entry}
        return
      fi
      ;;
  esac
  if [[ $PREFIX == -* ]]; then
    options=(${(f)"$(_rec_options <<<"$help")"})
    _describe -o option options
  elif (( $#subcommands )) && [[ -z $sub ]]; then
    _describe subcommand subcommands
  else
    _files
  fi
}
_rec "$@"
