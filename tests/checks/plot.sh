#!/bin/bash
# Usage: plot.sh TREE
# rec-eval --plot draws what it should, without a display, the same bytes each time;
# without gnuplot it says so and writes nothing. Exit 77 (skipped) where gnuplot is
# not installed.
set -euo pipefail
export LC_ALL=C
cases=$(cd "$1" && pwd)/tests/golden/rec-eval
if ! command -v gnuplot >/dev/null; then
  echo "skipped: no gnuplot"
  exit 77
fi
unset DISPLAY
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
breach() { echo "$1"; exit 1; }
# draws NAME TEXT OPTION...: the picture holds the text, twice the same bytes.
draws() {
  rec-eval -q "${@:3}" -o rows.tsv --plot "$1.svg"
  grep -q '</svg>' "$1.svg" || breach "$1: no whole SVG"
  grep -q -F -- "$2" "$1.svg" || breach "$1: the picture lacks \"$2\""
  mv "$1.svg" first.svg
  rec-eval -q "${@:3}" -j 1 -o rows.tsv --plot "$1.svg"
  cmp -s "$1.svg" first.svg || breach "$1: another picture the second time"
}
draws ranking 'ndcg' --truth "$cases/ranking/truth.tsv" -m ndcg@1,ndcg@2,recall@2 --bootstrap 100 "$cases/ranking/ranking.tsv"
draws experiment 'ctr.ratio[newest]' -m ctr "$cases/ab/events.tsv"
draws predictions 'Calibration' -m auc "$cases/predictions-bootstrap/predictions.tsv"
draws policy 'snips' -m ips,snips "$cases/off-policy/log.tsv"
draws interleaving 'delta_ab' -m delta_ab --clicks "$cases/interleaving/clicks.tsv" "$cases/interleaving/lists.tsv"
# Learning curves, of a log that grows too.
printf 'epoch\tseconds\tobjective\tndcg@10\n1\t0.5\t3\t0.1\n2\t0.5\t2\t0.2\n' >als.log
printf 'epoch\tseconds\tobjective\n1\t0.5\t700\n2\t0.5' >ease.log
draws curves 'ndcg@10, als.log' --learning-curves als.log ease.log
# No name is a command, an escape or an option of gnuplot.
printf 'user\titem\tvariant\timpressions\tclicks\n' >names.tsv
user=0
for name in '`touch pwned`@5' '`touch pwned`@10' "'.system('touch pwned').'@7" '".system("touch pwned")."@8' 'EOD' \
    '@x@9' '\' '$(touch pwned)@3' '%s{/=20 x}'; do
  for try in 1 2 3; do
    printf 'u%d\tx\t%s\t10\t%d\n' "$((++user))" "$name" "$try" >>names.tsv
  done
done
draws names 'touch pwned' -m ctr names.tsv
[[ ! -e pwned ]] || breach "a name of a variant was run"
number=0
for name in '`touch pwned`' "'.system('touch pwned').'" '".system("touch pwned")."' 'EOD' '@x' '\' '$(touch pwned)'; do
  printf 'epoch\tseconds\tobjective\t%s\n1\t1\t2\t3\n' "$name" >"$name.log"
  draws "hostile$((++number))" .log --learning-curves "$name.log"
done
[[ ! -e pwned ]] || breach "a name of a log was run"

mkdir bin
ln -s "$(command -v rec-eval)" bin/
status=0
PATH=$folder/bin rec-eval -q -m ctr --plot no.svg -o no.tsv "$cases/ab/events.tsv" 2>err || status=$?
(( status == 1 )) || breach "without gnuplot: exit status $status"
grep -q '^rec-eval: --plot is drawn by gnuplot' err || breach "without gnuplot: $(cat err)"
[[ ! -e no.svg && ! -e no.tsv ]] || breach "without gnuplot: files were written"
printf '#!/bin/sh\n[ "$1" = --version ] || { echo "line 0: broken" >&2; exit 4; }\n' >bin/gnuplot
chmod +x bin/gnuplot
status=0
PATH=$folder/bin:$PATH rec-eval -q -m ctr --plot no.svg -o no.tsv "$cases/ab/events.tsv" 2>err || status=$?
(( status == 1 )) || breach "a gnuplot that fails: exit status $status"
grep -q 'gnuplot: exit status 4: line 0: broken' err || breach "a gnuplot that fails: $(cat err)"
[[ ! -e no.svg && ! -e no.tsv ]] || breach "a gnuplot that fails: files were written"
