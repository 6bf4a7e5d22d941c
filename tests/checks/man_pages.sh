#!/bin/bash
# Usage: man_pages.sh TREE BUILD
# Every tool has a page without formatting errors, whose options (sections named
# *OPTIONS*) and subcommands are those of --help, neither more nor fewer.
set -euo pipefail
export LC_ALL=C
tree=$1 build=$2
status=0
breach() { echo "$1"; status=1; }

long_options() { { grep -oE -- '--[a-z][a-z0-9-]*' || true; } | sort -u; }
# The lines of --help that declare options: "  -o,--output FILE ...".
declared() { { grep -E '^ {1,8}-' || true; } | sed -E 's/^( *(-[A-Za-z],? ?)?(--[a-z][a-z0-9-]*)?).*/\1/' | long_options; }
subcommands() { awk '/^Subcommands:/ {on=1; next} /^[^ ]/ {on=0} on && /^  ?  ?[a-z]/ {print $1}' <<<"$1"; }
# The page as text, and some of its sections.
text() { MANWIDTH=100 mandoc -Tascii -O width=100 "$1" | sed 's/.\x08//g'; }
section() { awk -v want="$1" '/^[A-Z]/ {on = ($0 ~ want)} on'; }

tools=()
for binary in "$build"/rec-*; do
  [[ -f $binary && -x $binary ]] && tools+=("${binary##*/}")
done
(( ${#tools[@]} )) || breach "no tools in $build"

for page in "$tree"/man/*.[1-8]; do
  [[ -e $page ]] || continue
  name=${page##*/}
  for problem in "$(mandoc -Tlint -W warning "$page" 2>&1 | sed "s|^mandoc: $tree/||")" \
                 "$(nroff -ww -man "$page" 2>&1 >/dev/null | sed "s|^[^:]*: *$tree/||")"; do
    [[ -z $problem ]] || breach "$problem"
  done
  if [[ $name == rec-*.1 ]]; then
    printed=$(text "$page")  # not piped into grep -q, which would break the pipe
    for heading in NAME SYNOPSIS DESCRIPTION OPTIONS INPUT OUTPUT 'EXIT STATUS' EXAMPLES LIMITATIONS 'SEE ALSO'; do
      grep -q "^$heading" <<<"$printed" || breach "man/$name: no section $heading"
    done
    [[ " ${tools[*]-} " == *" ${name%.1} "* ]] || breach "man/$name: no such tool"
  fi
done

for tool in "${tools[@]-}"; do
  [[ -n $tool ]] || continue
  page=$tree/man/$tool.1
  if [[ ! -e $page ]]; then
    breach "$tool: no page man/$tool.1"
    continue
  fi
  help=$("$build/$tool" --help)
  in_help=$(declared <<<"$help")
  for sub in $(subcommands "$help"); do
    in_help+=$'\n'$("$build/$tool" "$sub" --help | declared)
    grep -qw -- "$sub" <<<"$(text "$page" | section '^SYNOPSIS')" || breach "$tool: subcommand $sub is not in the page's SYNOPSIS"
  done
  in_help=$(sort -u <<<"$in_help" | sed '/^$/d')
  in_page=$(text "$page" | section 'OPTIONS' | { grep -E '^ {2,12}-' || true; } | sed -E 's/([^ ])  .*/\1/; s/(, [^-]|[a-z] [a-z]+ ).*//' | long_options)
  in_synopsis=$(text "$page" | section '^SYNOPSIS' | long_options)
  for option in $(comm -23 <(echo "$in_help") <(echo "$in_page")); do breach "$tool: $option is in --help, not in the page's OPTIONS"; done
  for option in $(comm -13 <(echo "$in_help") <(echo "$in_page")); do breach "$tool: $option is in the page's OPTIONS, not in --help"; done
  for option in $(comm -13 <(echo "$in_help") <(echo "$in_synopsis")); do breach "$tool: $option is in the SYNOPSIS, not in --help"; done
done
exit $status
