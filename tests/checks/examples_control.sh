#!/bin/bash
# Usage: examples_control.sh TREE BUILD
# Negative control: examples.pl passes what is right and fails what is wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
run() { perl "$1/tests/checks/examples.pl" "$1" "$2" "$folder/$3" | tail -1; }
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
