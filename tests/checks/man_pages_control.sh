#!/bin/bash
# Usage: man_pages_control.sh MAN_PAGES_SH
# Negative control: man_pages.sh passes pages that agree with --help and finds those that
# do not, an option that only the page of another subcommand has among them.
set -euo pipefail
check=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/build" "$folder/man"
echo 'project(rec VERSION 1.2.3 LANGUAGES CXX)' >"$folder/CMakeLists.txt"
cat >"$folder/build/rec-x" <<'END_TOOL'
#!/bin/bash
case $1 in
  one) printf 'One.\n\nOptions:\n  -h, --help   Help\n      --depth N  Depth\n' ;;
  two) printf 'Two.\n\nOptions:\n  -h, --help   Help\n      --depth N  Depth\n      --width N  Width (default 3)\n      --how up|down  How\n' ;;
  *) printf 'X.\n\nOptions:\n      --version   Version\n\nSubcommands:\n  one   One\n  two   Two\n' ;;
esac
END_TOOL
chmod +x "$folder/build/rec-x"
page() {  # NAME OPTION...
  local name=$1 option
  shift
  {
    printf '.TH %s 1 2026-01-01 "rec 1.2.3" "rec manual"\n.SH NAME\n%s \\- a page\n' "${name^^}" "$name"
    printf '.SH SYNOPSIS\n\\fBrec\\-x\\fR one|two\n.SH DESCRIPTION\nText.\n.SH OPTIONS\n'
    for option in "$@"; do printf '.TP\n\\fB%s\\fR\nText of it; default 3.\n' "${option//-/\\-}"; done
    for heading in INPUT OUTPUT 'EXIT STATUS' EXAMPLES LIMITATIONS 'SEE ALSO'; do printf '.SH %s\nText.\n' "$heading"; done
  } >"$folder/man/$name.1"
}
good() {
  rm -f "$folder"/man/*
  page rec-x --version --help --depth
  page rec-x-one --help --depth
  page rec-x-two --help --depth --width '--how up|down'
}
# expect TEXT: the check fails with a line that holds TEXT.
expect() {
  local found
  if found=$(bash "$check" "$folder" "$folder/build"); then echo "not found: $1"; exit 1; fi
  [[ $found == *"$1"* ]] || { printf 'expected: %s\nfound: %s\n' "$1" "$found"; exit 1; }
}
good
bash "$check" "$folder" "$folder/build" || { echo "good pages fail"; exit 1; }
page rec-x-two --help --depth '--how up|down'
expect "rec-x-two: --width is in --help, not in the page's OPTIONS"
good
page rec-x-one --help --depth --width
expect "rec-x-one: --width is in the page's OPTIONS, not in --help"
good
page rec-x --version --help
expect "rec-x: --depth is in --help of all subcommands, not in the page's OPTIONS"
good
page rec-x --version --help --depth --height
expect "rec-x: --height is on the page, not in --help of any subcommand"
good
page rec-x-two --help --depth --width '--how up|left'
expect "rec-x-two: --how=up|down are the words in --help, not on the page"
good
sed -i 's/default 3/default 30/' "$folder/man/rec-x-two.1"
expect "rec-x-two: --width: the default 3 of --help is not on the page"
good
sed -i 's/rec 1.2.3/rec 1.2.2/' "$folder/man/rec-x-one.1"
expect "rec-x-one.1: its first line does not name rec 1.2.3"
good
rm "$folder/man/rec-x-two.1"
expect "rec-x: no page man/rec-x-two.1 for its subcommand"
good
page rec-x-three --help
expect "man/rec-x-three.1: no such tool or subcommand"
good
printf '.TH REC 7 2026-01-01 "rec" "rec manual"\n.SH NAME\nrec \\- a page\n.SH SEE ALSO\n.BR rec-x (1) ,\n.BR rec-x-one (1)\n' >"$folder/man/rec.7"
expect "man/rec.7: SEE ALSO lacks rec-x-two(1)"
good
sed -i '/LIMITATIONS/d' "$folder/man/rec-x-one.1"
expect "man/rec-x-one.1: no section LIMITATIONS"
good
sed -i '/^\.SH OPTIONS/a .SS Odd' "$folder/man/rec-x-one.1"
expect "rec-x-one: the headings of the options (.SS) are not those of --help"
