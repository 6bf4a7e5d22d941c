#!/bin/bash
# Usage: html.sh TREE FOLDER
# Writes the man pages as HTML below FOLDER, each name(1) of a page there a link to it; index.html is rec(7).
set -euo pipefail
export LC_ALL=C
tree=$1 folder=$2
rm -rf "$folder"
mkdir -p "$folder"
cp "$tree/tools/packaging/man.css" "$folder/"
names=$(cd "$tree/man" && printf '%s\n' *.[157] | sed 's/\.[157]$//' | paste -sd'|')
for page in "$tree"/man/*.[157]; do
  to=$folder/${page##*/}.html
  mandoc -T html -O style=man.css,toc "$page" |
    sed -E "s#<b>($names)</b>\(([157])\)#<a href=\"\1.\2.html\"><b>\1</b>(\2)</a>#g" >"$to"
done
cp "$folder/rec.7.html" "$folder/index.html"
