#!/bin/bash
# Usage: examples_control.sh TREE BUILD
# Negative control: examples.pl passes what is right and fails what is wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
run() { perl "$1/tests/checks/examples.pl" "${@:4}" "$1" "$2" "$folder/$3" | tail -1; }
cat >"$folder/good.md" <<'END'
<!-- $ printf 'a\tb\n' > made -->
```console
$ cat made
a	b
$ seq 9 | \
    head -5
1
...
5
```
<!-- not run: it takes a day -->
```console
$ false
```
END
cat >"$folder/good.1" <<'END'
.\" $ printf 'a\tb\n' > made
.EX
$ printf '%s\en' \-\-x
\-\-x
.EE
END
printf '```console\n$ echo a\nb\n$ exit 3\n$ seq 3\n1\n...\n4\n$ true\n```\n' >"$folder/bad.md"
[[ $(run "$1" "$2" good.md) == "3 passed, 0 failed" ]] || { echo "good.md fails"; exit 1; }
[[ $(run "$1" "$2" good.1) == "2 passed, 0 failed" ]] || { echo "good.1 fails"; exit 1; }
found=$(run "$1" "$2" bad.md || true)
[[ $found == "1 passed, 3 failed" ]] || { echo "bad.md: $found"; exit 1; }

# What needs a program is run only with it, up to the next heading.
cat >"$folder/needs.md" <<'END'
<!-- needs: moon -->
<!-- $ exit 3 -->
```console
$ exit 3
```
## All have this
```console
$ echo a
a
```
END
cat >"$folder/needs.1" <<'END'
.\" needs: moon sun
.\" $ exit 3
.EX
$ exit 3
.EE
.SS All have this
.EX
$ echo a
a
.EE
END
for file in needs.md needs.1; do
  [[ $(run "$1" "$2" $file) == "1 passed, 0 failed" ]] || { echo "$file fails"; exit 1; }
  [[ $(run "$1" "$2" $file --with moon,sun || true) == "1 passed, 2 failed" ]] || { echo "$file --with moon,sun passes"; exit 1; }
done
found=$(perl "$1/tests/checks/examples.pl" --with sun "$1" "$2" "$folder/needs.1")
grep -q 'left out: .*needs.1:1: needs moon$' <<<"$found" || { echo "what is left out is not said"; exit 1; }
# --redo writes what is printed, as roff on a page.
printf '```console\n$ printf "a\\nb\\n"\nold\nolder\n$ echo c\n```\nText\n' >"$folder/redo.md"
printf '.EX\n$ echo \(aq.\-x\(aq\nold\n.EE\n' >"$folder/redo.1"
for file in redo.md redo.1; do
  run "$1" "$2" $file --redo >/dev/null
  [[ $(run "$1" "$2" $file) == ?" passed, 0 failed" ]] || { echo "$file fails behind --redo"; exit 1; }
done
grep -qxF '\&.\-x' "$folder/redo.1" && grep -qx 'Text' "$folder/redo.md" || { cat "$folder"/redo.*; exit 1; }
