#!/bin/bash
# Usage: run.sh TREE BUILD
# Looks at the packages below BUILD/packages as those see them who install them: lintian on the .deb, auditwheel on the
# wheel; then each is installed in an empty root (the .deb in a bare Debian, the .tar.gz in a folder with nothing else, the
# wheel in a new virtual environment) and runs a pipeline, whose bytes must be equal. Prints sizes and start-up times.
# The pages as HTML must have no link to nowhere, and zsh and fish must complete.
set -euo pipefail
export LC_ALL=C
tree=$(realpath "$1") build=$(realpath "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
one() { [[ $# == 1 && -e $1 ]] || { echo "not one file: $*"; exit 1; }; echo "$1"; }
deb=$(one "$build"/packages/*.deb)
tar=$(one "$build"/packages/*.tar.gz)
wheel=$(one "$build"/packages/*.whl)
ran=0
# What has no root here (an unprivileged user, a container without chroot) is said, not passed over.
if (( EUID == 0 )) && chroot / true 2>/dev/null; then root=1; else root=0; fi

# pipeline FOLDER RUN...: a pipeline of the programs, each called through RUN, over FOLDER; its last tables go to stdout.
pipeline() {
  local at=$1
  shift
  cp "$tree/examples/data/movietweetings/interactions.tsv" "$at/in.tsv"
  "$@" rec-split -q --method leave-one-out --test /test.tsv --train /train.tsv /in.tsv
  "$@" rec-embed als -q -d 16 -e 3 -o /als.model /train.tsv
  "$@" rec-embed ease -q -o /ease.model /train.tsv
  "$@" rec-embed sasrec -q -d 16 -e 1 -o /sasrec.model /train.tsv
  local model
  for model in als ease; do "$@" rec-score -q -m /$model.model --all --top 10 -o /$model.tsv /test.tsv; done
  "$@" rec-score -q -m /sasrec.model --all --top 10 --history /train.tsv -o /sasrec.tsv /test.tsv
  "$@" rec-attend -q -m /als.model -o /attend.tsv /test.tsv
  "$@" rec-features text -q -o /words.tsv /items.tsv
  for model in als ease sasrec; do "$@" rec-eval -q --truth /test.tsv /$model.tsv; done
  sha256sum "$at"/{als,ease,sasrec,attend,words}.tsv | sed 's# .*/# #'
}
cp_items() { cp "$tree/examples/data/movietweetings/items_text.tsv" "$1/items.tsv"; }

echo "lintian:"
lintian --fail-on error,warning --tag-display-limit 0 --allow-root "$deb"
auditwheel=$("$tree/.ci/python" wheel)
"$auditwheel" -m auditwheel show "$wheel" | sed -n '/consistent/,/^$/p'

if (( root )); then
  mkdir "$folder/static"
  tar -xzf "$tar" -C "$folder/static" --strip-components=1
  cp_items "$folder/static"
  in_static() { local tool=$1; shift; chroot "$folder/static" "/bin/$tool" "$@"; }
  pipeline "$folder/static" in_static >"$folder/static.out"
  ((++ran))

  sources=(/etc/apt/sources.list.d/debian.sources)  # of this machine, else Debian's own
  [[ -e ${sources[0]} ]] || sources=()
  mmdebstrap --quiet --variant=apt --customize-hook="copy-in $deb /tmp" \
    --customize-hook='chroot "$1" sh -c "apt-get -qq -y --no-install-recommends install /tmp/*.deb" >/dev/null' \
    bookworm "$folder/debian" "${sources[@]}"
  cp_items "$folder/debian"
  in_debian() { chroot "$folder/debian" "$@"; }
  pipeline "$folder/debian" in_debian >"$folder/debian.out"
  cmp "$folder/static.out" "$folder/debian.out"
  for tool in "$build"/static/rec-*; do in_debian "${tool##*/}" --version >/dev/null; done
  ((++ran))
else
  echo "no root here: the .deb and the .tar.gz are not installed"
fi

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --no-index --disable-pip-version-check "$wheel"
mkdir "$folder/wheel"
cp_items "$folder/wheel"
in_wheel() {
  local tool=$1 arguments=()
  shift
  for word; do [[ $word != /* ]] || word=$folder/wheel$word; arguments+=("$word"); done
  "$folder/venv/bin/$tool" "${arguments[@]}"
}
pipeline "$folder/wheel" in_wheel >"$folder/wheel.out"
[[ ! -e $folder/static.out ]] || cmp "$folder/static.out" "$folder/wheel.out"
"$folder/venv/bin/pip" uninstall -q -y rec-tools
left=$(find "$folder/venv" -name 'rec-*')
[[ -z $left ]] || { echo "pip uninstall left: $left"; exit 1; }
((++ran))
tail -5 "$folder/wheel.out"

echo "bytes, and milliseconds of --version (the least of 20):"
ls -l "$deb" "$tar" "$wheel" | awk '{n = split($9, part, "/"); print $5 "\t" part[n]}'
for tool in "$build"/static/rec-*; do
  best=$(for ((i = 0; i < 20; ++i)); do
    start=$(date +%s%N)
    "$tool" --version >/dev/null
    echo $(( ($(date +%s%N) - start) / 1000 ))
  done | sort -n | head -1)
  awk -v size="$(stat -c %s "$tool")" -v name="${tool##*/}" -v us="$best" 'BEGIN {printf "%d\t%s\t%.1f\n", size, name, us / 1000}'
done

cd "$build/html"
links=0
while IFS= read -r link; do
  file=${link%%#*}
  [[ -e $file ]] || { echo "link to nowhere: $link"; exit 1; }
  [[ $link != *'#'* ]] || grep -qF "id=\"${link#*#}\"" "$file" || { echo "link to no section: $link"; exit 1; }
  ((++links))
done < <(for page in *.html; do grep -oE 'href="[^"]+"' "$page" | sed -E "s/href=\"(.*)\"/\1/; s/^#/$page#/"; done | sort -u)
(( links > 500 )) || { echo "$links links alone"; exit 1; }
echo "$links links of the HTML pages lead somewhere"

bash "$tree/tests/packages/completion.sh" "$tree" "$build"
echo "packages installed and run: $ran"
