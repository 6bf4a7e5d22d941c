# Sourced by the scripts here: a scratch folder with small tables and models, and
# the count of what passed. Needs bash and perl-base. BIN: the folder of binaries.
set -u
export LC_ALL=C ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
BIN=$(cd "${BIN:?folder of binaries}" && pwd) || exit 1
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/rec-faults-XXXXXX") || exit 1
trap 'chmod -R u+rwx "$SCRATCH"; rm -rf "$SCRATCH"' EXIT
chmod 755 "$SCRATCH"
cd "$SCRATCH" || exit 1
PATH=$BIN:$PATH
passed=0
failed=0

pass() { passed=$((passed + 1)); }
flunk() {  # NAME DETAIL...
  failed=$((failed + 1))
  printf 'FAILED: %s\n' "$1"
  shift
  printf '  %s\n' "$@"
}
finish() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# 40 users, 30 items, times; the same everywhere.
perl -e '
  print "user\titem\tvalue\ttimestamp\n";
  for my $u (1 .. 40) { for my $n (0 .. 9) {
    printf "u%02d\ti%02d\t%d\t%d\n", $u, ($u * 7 + $n * 3) % 30, 1 + ($u + $n) % 5, 1000 + $n * 10 + $u % 10;
  } }' > all.tsv
perl -e '
  print "user\titem\tscore\n";
  for my $u (1 .. 40) { for my $i (0 .. 29) { printf "u%02d\ti%02d\t%.3f\n", $u, $i, (($u * 31 + $i * 17) % 97) / 97; } }' > scores.tsv
cut -f1,2 scores.tsv > candidates.tsv
cut -f1,2 all.tsv > truth.tsv
printf 'u01\ti08\t1\t2000\n' > held_out.tsv  # a pair that all.tsv lacks
perl -e 'for my $i (0 .. 999) { printf "i%03d\tword%d and %d more\n", $i, $i, $i % 7 }' > texts.tsv
rec-embed pop -q -o pop.model all.tsv && rec-embed als -q -d 4 -e 2 -o als.model all.tsv &&
  rec-model convert -q -m als.model -o als.safetensors && rec-rank -q -o ranking.tsv scores.tsv ||
  { echo "FAILED: the fixture could not be made"; exit 1; }

# What each tool does in a plain call that reads FILE and writes to stdout.
TOOLS="data split embed attend score rank eval model features view tune"
plain() {  # TOOL FILE
  case $1 in
    data) echo "rec-data check $2" ;;
    split) echo "rec-split --method none --train - $2" ;;
    embed) echo "rec-embed pop $2" ;;
    attend) echo "rec-attend -m als.model $2" ;;
    score) echo "rec-score -m als.model $2" ;;
    rank) echo "rec-rank -k 3 $2" ;;
    eval) echo "rec-eval --truth truth.tsv $2" ;;
    model) echo "rec-model convert --to text -m $2" ;;
    features) echo "rec-features text $2" ;;
    view) echo "rec-view $2" ;;
    tune) echo "rec-tune --space pop --valid held_out.tsv $2" ;;
  esac
}
input_of() {  # TOOL
  case $1 in
    data | split | embed | tune) echo all.tsv ;;
    attend | score) echo candidates.tsv ;;
    rank) echo scores.tsv ;;
    eval | view) echo ranking.tsv ;;
    model) echo als.safetensors ;;
    features) echo texts.tsv ;;
  esac
}
# The same call, writing to FILE.
into() {  # TOOL INPUT FILE
  case $1 in
    split) echo "rec-split --method none --train $3 $2" ;;
    *) echo "$(plain "$1" "$2") -o $3" ;;
  esac
}
# Runs the rest with SIGPIPE (or another signal) as given: DEFAULT or IGNORE.
with_signal() {  # SIGNAL HOW COMMAND...
  perl -e '$SIG{$ARGV[0]} = $ARGV[1]; splice @ARGV, 0, 2; exec @ARGV or exit 127' "$@"
}
# Runs the rest as a user that may write nowhere, if we are root.
unprivileged() {
  if [ "$(id -u)" -eq 0 ]; then
    perl -e '$( = 65534; $) = "65534 65534"; $< = $> = 65534; exec @ARGV or exit 127' "$@"
  else
    "$@"
  fi
}
