#!/usr/bin/env bash
# Texts into TF-IDF: rec-features text beside scikit-learn's TfidfVectorizer (PyPI), the same texts, one thread each,
# in one run.
#   features_vs_sklearn.sh PYTHON [TABLE]      PYTHON has scikit-learn installed; TABLE: item text, with a header;
#       without one, 88 MB are generated: 80,000 texts of 160 words, 50,000 different ones of Zipf frequency
# Prints what, MB of text a second (wall), the same by CPU seconds, peak MiB. Theirs is fit_transform() alone, from
# texts in memory to a matrix in memory; ours is the whole command, from TSV to rows of features in a pipe that throws
# them away. --apply is the same with a state that is there. The run of the fewest seconds of RUNS (3). The binaries
# are on PATH.
set -euo pipefail
export LC_ALL=C
python=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table=${2-}
if [[ -z $table ]]; then
  table=$work/texts.tsv
  perl -e '
    srand 5;
    my (@words, %seen);
    while (@words < 50000) {
      my $length = 2 + int(-log(1 - rand) * 4);
      my $word = join "", map { substr "etaoinshrdlucmfwypvbgkjqxz", int(26 * rand() ** 1.7), 1 } 1 .. ($length < 12 ? $length : 12);
      push @words, $word unless $seen{$word}++;
    }
    print "item\ttext\n";
    for my $item (1 .. 80000) {
      print "i$item\t", join(" ", map { my $w = $words[50000 ** rand() - 1]; rand() < .1 ? ucfirst $w : $w } 1 .. 160), "\n";
    }' >"$table"
fi
bytes=$(stat -c %s "$table")
printf 'what\tMB/s\tMB/s of CPU\tMiB\n'
measure() {  # WHAT COMMAND...
  local what=$1
  shift
  for ((run = 0; run < ${RUNS:-3}; ++run)); do
    "$python" - "$@" <<'P'
import resource, subprocess, sys, time
begin = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
P
  done | sort -g | head -1 | awk -v what="$what" -v mb="$bytes" '{printf "%s\t%.0f\t%.0f\t%.0f\n", what, mb / 1e6 / $1, mb / 1e6 / $2, $3}'
}
measure 'rec-features text -j 1' rec-features text -q -j 1 --state "$work/state.safetensors" --no-sync "$table"
measure 'rec-features text -j 1, words in pieces of 3 to 5 characters' rec-features text -q -j 1 --characters 3-5 "$table"
measure 'rec-features text -j 1 --apply' rec-features text -q -j 1 --apply "$work/state.safetensors" "$table"
"$python" - "$table" "${RUNS:-3}" "$bytes" <<'P'
import resource, sys, time
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
with open(sys.argv[1], encoding="utf-8") as file:
    texts = [line.rstrip("\n").split("\t")[1] for line in file][1:]
best = (float("inf"), 0)
for _ in range(int(sys.argv[2])):
    begin, cpu = time.monotonic(), time.process_time()
    TfidfVectorizer().fit_transform(texts)
    best = min(best, (time.monotonic() - begin, time.process_time() - cpu))
mb = int(sys.argv[3]) / 1e6
print(f"scikit-learn {sklearn.__version__}, TfidfVectorizer().fit_transform\t{mb / best[0]:.0f}\t{mb / best[1]:.0f}\t"
      f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
P
