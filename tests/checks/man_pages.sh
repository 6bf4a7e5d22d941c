#!/bin/bash
# Usage: man_pages.sh TREE BUILD
# Every page names the version of CMakeLists.txt. Every tool has a page without formatting errors, whose options (sections named
# *OPTIONS*), their words (a|b|c), the numbers of their defaults and subcommands are those of --help, neither more nor fewer.
#
# A tool whose subcommands have pages of their own (man/TOOL-SUB.1) has one for each of
# them. Each is compared with the --help of its own subcommand. The page of the tool then
# has the options that all its subcommands share, and none that no subcommand has.
set -euo pipefail
export LC_ALL=C
tree=$1 build=$2 here=$(dirname "${BASH_SOURCE[0]}")
status=0
breach() { echo "$1"; status=1; }

long_options() { { grep -oE -- '--[a-z][a-z0-9-]*' || true; } | sort -u; }
# The lines of --help that declare options: "  -o,--output FILE ...".
declared() { { grep -E '^ {1,8}-' || true; } | sed -E 's/^( *(-[A-Za-z],? ?)?(--[a-z][a-z0-9-]*)?).*/\1/' | long_options; }
subcommands() { awk '/^Subcommands:/ {on=1; next} /^[^ ]/ {on=0} on && /^  ?  ?[a-z]/ {print $1}' <<<"$1"; }
# The page as text, and some of its sections.
text() { MANWIDTH=100 mandoc -Tascii -O width=100 "$1" | sed 's/.\x08//g'; }
section() { awk -v want="$1" '/^[A-Z]/ {on = ($0 ~ want)} on'; }
# The options that a page declares: tags, which are indented less than their text.
in_options() {
  text "$1" | section 'OPTIONS' | { grep -E '^ {2,12}-' || true; } |
    sed -E 's/([^ ])  .*/\1/; s/(, [^-]|[a-z] [a-z]+ ).*//' | long_options
}
# Options that take one of several words, as "--order=time|input".
choices() { { grep -oE -- '--[a-z][a-z0-9-]* [a-z0-9-]+(\|[a-z0-9-]+)+' || true; } | tr ' ' '=' | sort -u; }
# The same of a page, from its tags: the line behind .TP.
page_choices() { awk 'tag {print} {tag = $0 == ".TP"}' "$1" | sed -E 's/\\f[BIRP]|\\:|\\&//g; s/\\-/-/g' | choices; }
# The headings of the options, in their order.
headings() { sed -nE '/^(Arguments|Options|Subcommands):$/d; s/^([A-Z].*):$/\1/p'; }
page_headings() { sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/s/^\.SS //p' "$1"; }
in_synopsis() { text "$1" | section '^SYNOPSIS' | long_options; }
lines_of() { sort -u <<<"$1" | sed '/^$/d'; }
# missing WHO HAVE WANT TEXT: a breach for each line of WANT that HAVE lacks.
missing() {
  local option
  for option in $(comm -13 <(lines_of "$2") <(lines_of "$3")); do breach "$1: $option $4"; done
}
# compare WHO PAGE HELP: the options of the page, and the words they take, are those of the help.
compare() {
  local declared choices
  declared=$(declared <<<"$3") choices=$(choices <<<"$3")
  missing "$1" "$(in_options "$2")" "$declared" "is in --help, not in the page's OPTIONS"
  missing "$1" "$declared" "$(in_options "$2")" "is in the page's OPTIONS, not in --help"
  missing "$1" "$declared" "$(in_synopsis "$2")" "is in the SYNOPSIS, not in --help"
  missing "$1" "$(page_choices "$2")" "$choices" "are the words in --help, not on the page"
  missing "$1" "$choices" "$(page_choices "$2")" "are the words on the page, not in --help"
  [[ $3 == *$'\nSubcommands:'* || $(headings <<<"$3") == "$(page_headings "$2")" ]] ||
    breach "$1: the headings of the options (.SS) are not those of --help: $(headings <<<"$3" | paste -sd, -)"
  local default
  while read -r default; do
    breach "$1: ${default/ /: the default } of --help is not on the page"
  done < <(perl "$here/page_defaults.pl" <(text "$2") <<<"$3")
}

version=$(sed -nE 's/^project\(rec VERSION ([0-9.]+).*/\1/p' "$tree/CMakeLists.txt")
for page in "$tree"/man/*.[1-9]; do
  [[ $(head -1 "$page") == *"\"rec $version\""* ]] || breach "${page##*/}: its first line does not name rec $version"
done

tools=() commands=()
for binary in "$build"/rec-*; do
  [[ -f $binary && -x $binary ]] && tools+=("${binary##*/}")
done
(( ${#tools[@]} )) || breach "no tools in $build"

for tool in "${tools[@]-}"; do
  [[ -n $tool ]] || continue
  commands+=("$tool")
  page=$tree/man/$tool.1
  if [[ ! -e $page ]]; then
    breach "$tool: no page man/$tool.1"
    continue
  fi
  help=$("$build/$tool" --help)
  own=$(declared <<<"$help")
  subs=$(subcommands "$help")
  has_pages=no
  for sub in $subs; do [[ ! -e $tree/man/$tool-$sub.1 ]] || has_pages=yes; done
  all=$own shared= helps=$help
  for sub in $subs; do
    grep -qw -- "$sub" <<<"$(text "$page" | section '^SYNOPSIS')" || breach "$tool: subcommand $sub is not in the page's SYNOPSIS"
    help_of_sub=$("$build/$tool" "$sub" --help)
    of_sub=$(declared <<<"$help_of_sub")
    helps+=$'\n'$help_of_sub
    all+=$'\n'$of_sub
    shared=$([[ $sub == "${subs%%[[:space:]]*}" ]] && echo "$of_sub" || comm -12 <(echo "$shared") <(echo "$of_sub"))
    [[ $has_pages == yes ]] || continue
    commands+=("$tool-$sub")
    if [[ -e $tree/man/$tool-$sub.1 ]]; then
      compare "$tool-$sub" "$tree/man/$tool-$sub.1" "$help_of_sub"
    else
      breach "$tool: no page man/$tool-$sub.1 for its subcommand"
    fi
  done
  if [[ $has_pages == yes ]]; then
    missing "$tool" "$(in_options "$page")" "$own"$'\n'"$shared" "is in --help of all subcommands, not in the page's OPTIONS"
    missing "$tool" "$all" "$(in_options "$page")"$'\n'"$(in_synopsis "$page")" "is on the page, not in --help of any subcommand"
  else
    compare "$tool" "$page" "$helps"
  fi
done

# The front door names every page.
front=$tree/man/rec.7
[[ ! -e $front ]] || named=$(text "$front" | section '^SEE ALSO')
for page in "$tree"/man/*.[1-8]; do
  [[ -e $page ]] || continue
  name=${page##*/}
  [[ ! -e $front || $page == "$front" ]] || grep -qF "${name%.*}(${name##*.})" <<<"$named" ||
    breach "man/rec.7: SEE ALSO lacks ${name%.*}(${name##*.})"
  for problem in "$(mandoc -Tlint -W warning "$page" 2>&1 | sed "s|^mandoc: $tree/||")" \
                 "$(nroff -ww -man "$page" 2>&1 >/dev/null | sed "s|^[^:]*: *$tree/||")"; do
    [[ -z $problem ]] || breach "$problem"
  done
  if [[ $name == rec-*.1 ]]; then
    printed=$(text "$page")  # not piped into grep -q, which would break the pipe
    headings=(NAME SYNOPSIS DESCRIPTION OPTIONS INPUT OUTPUT 'EXIT STATUS' EXAMPLES LIMITATIONS 'SEE ALSO')
    [[ $name != rec-embed-*.1 ]] || headings+=('WHEN TO TAKE IT' MEMORY)
    for heading in "${headings[@]}"; do
      grep -q "^$heading" <<<"$printed" || breach "man/$name: no section $heading"
    done
    [[ " ${commands[*]-} " == *" ${name%.1} "* ]] || breach "man/$name: no such tool or subcommand"
  fi
done
exit $status
