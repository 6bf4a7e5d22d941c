#!/bin/bash
# Usage: run.sh TREE BUILD
# Opens pages of rec-view in headless Chromium: one of the bundled ratings with the attention of als, and one of hostile
# ids with blocks and heads. Leaves screenshots in BUILD/view-shots. Says so where there is no browser.
set -euo pipefail
export LC_ALL=C
tree=$(realpath "$1") build=$(realpath "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PATH="$build:$PATH"
# Debian's selenium belongs to Debian's Python, which need not be the first in PATH.
for python in python3 /usr/bin/python3; do
  "$python" -c 'import selenium' 2>/dev/null && break
done
open_page() {
  local status=0
  "$python" "$tree/tests/view/browser.py" "$1" "$build/view-shots/$2" || status=$?
  [[ $status != 77 ]] || exit 0
  return $status
}
mkdir "$folder/demo" "$folder/hostile"
bash "$tree/examples/quickstart.sh" "$folder/demo" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
open_page "$folder/demo/page.html" demo
(cd "$folder/hostile" && J=1 bash "$tree/tests/golden/rec-view/page/cmd" >/dev/null 2>&1)
open_page "$folder/hostile/page.html" hostile
