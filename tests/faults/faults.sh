#!/bin/bash
# Every tool on full disks, closed pipes, unreadable files, folders, interrupts.
#   BIN=build tests/faults/faults.sh
. "$(dirname "$0")/common.sh"

# expect NAME STATUS STDERR COMMAND...: the command ends so and says exactly so
# (notes that start with a file's counts aside: all calls are with -q).
expect() {
  local name=$1 status=$2 text=$3
  shift 3
  "$@" > out 2> err
  local got=$?
  if [ "$got" -eq "$status" ] && [ "$(cat err)" = "$text" ]; then
    pass
  else
    flunk "$name" "command:  $*" "status:   $got, expected $status" "stderr:   $(head -c 600 err)" "expected: $text"
  fi
}
# No file may have appeared beside the named ones.
expect_only() {  # NAME FOLDER FILES
  local there
  there=$(ls -A "$2" | tr '\n' ' ')
  if [ "$there" = "$3" ]; then pass; else flunk "$1" "left in the folder: $there" "expected: $3"; fi
}
# Perl ignores signals, as a background job does, until it has become the tool.
until_it_runs() {  # PID
  while [ -e /proc/$1/comm ] && [[ $(cat /proc/$1/comm) != rec-* ]]; do sleep 0.02; done 2> /dev/null
}

for tool in $TOOLS; do
  input=$(input_of $tool)
  call=$(plain $tool "$input")

  expect "$tool: works at all" 0 "" $call -q

  # A full disk, on stdout and as a file; --help too.
  expect "$tool: stdout is full" 1 "rec-$tool: stdout: No space left on device" sh -c "$call -q > /dev/full"
  expect "$tool: --help to a full disk" 1 "rec-$tool: stdout: No space left on device" sh -c "rec-$tool --help > /dev/full"
  expect "$tool: /dev/full as output file" 1 "rec-$tool: /dev/full: No space left on device" $(into $tool "$input" /dev/full) -q
  expect "$tool: stdout is closed" 1 "rec-$tool: stdout: Bad file descriptor" sh -c "$call -q >&-"

  # Closed pipes are quiet, whether SIGPIPE is ignored (Python, cron) or not.
  expect "$tool: | head -1" 0 "" sh -c "$call -q | head -1"
  for how in DEFAULT IGNORE; do
    expect "$tool: closed pipe, SIGPIPE $how" 141 "" with_signal PIPE $how \
      perl -e 'pipe(R, W); close R; open(STDOUT, ">&", W); exec @ARGV' $call -q
  done

  # Inputs that are not there, are folders, or fail while being read.
  expect "$tool: missing input" 1 "rec-$tool: no/such.tsv: No such file or directory" $(plain $tool no/such.tsv)
  mkdir -p folder
  expect "$tool: a folder as input" 1 "rec-$tool: folder: is a directory, expected a file" $(plain $tool folder)
  [ $tool = tune ] ||  # reads its files twice, so none is stdin
    expect "$tool: a folder on stdin" 1 "rec-$tool: stdin: is a directory, expected a file" sh -c "$(plain $tool -) < folder"
  expect "$tool: input that fails while read" 1 "rec-$tool: /proc/self/mem: Input/output error" $(plain $tool /proc/self/mem)
  [ $tool = tune ] || expect "$tool: stdin is closed" 1 "rec-$tool: stdin: Bad file descriptor" sh -c "$(plain $tool -) <&-"
  if unprivileged test -x "$BIN/rec-$tool"; then
    cp "$input" secret
    chmod 000 secret
    expect "$tool: unreadable input" 1 "rec-$tool: secret: Permission denied" unprivileged $(plain $tool secret)
    rm -f secret
    mkdir readonly
    echo old > readonly/old
    chmod 555 readonly
    chmod 666 readonly/old
    expect "$tool: a new file in a read-only folder" 1 "rec-$tool: readonly/new: Permission denied" \
      unprivileged $(into $tool "$input" readonly/new) -q
    expect "$tool: an old file in a read-only folder" 1 "rec-$tool: readonly/old: Permission denied" \
      unprivileged $(into $tool "$input" readonly/old) -q
    [ "$(cat readonly/old)" = old ] && pass || flunk "$tool: the old file stays"
    expect_only "$tool: nothing left in the folder" readonly "old "
    chmod 755 readonly
    rm -rf readonly
  fi

  # Outputs that cannot be.
  expect "$tool: output in a missing folder" 1 "rec-$tool: no/out: No such file or directory" $(into $tool "$input" no/out) -q
  expect "$tool: a folder as output" 1 "rec-$tool: folder: is a directory, expected a file" $(into $tool "$input" folder) -q

  # A limit on file sizes: an error, the old file stays, nothing beside it.
  mkdir -p target
  echo old > target/file
  # (ThreadSanitizer's runtime takes the signal for itself.)
  [ "${SANITIZE:-}" = thread ] ||
    expect "$tool: file size limit" 1 "rec-$tool: target/file: File too large" \
      bash -c "(ulimit -f 0; exec $(into $tool "$input" target/file) -q) 2>&1 | cat >&2; exit \${PIPESTATUS[0]}"
  [ "$(cat target/file)" = old ] && pass || flunk "$tool: file size limit keeps the old file"
  expect_only "$tool: file size limit leaves nothing" target "file "

  # Bad data after good: the old file stays.
  { cat "$input"; echo "only-one-field"; } > bad
  $(into $tool bad target/file) -q 2> err && flunk "$tool: bad data is an error"
  [ "$(cat target/file)" = old ] && [ "$(wc -l < err)" -eq 1 ] && pass || flunk "$tool: bad data keeps the old file" "$(cat err)"
  expect_only "$tool: bad data leaves nothing" target "file "

  # An interrupt while the input still comes; rec-tune takes no pipe, and tests/checks/tune.sh interrupts it.
  for signal in $([ $tool = tune ] || echo INT TERM HUP); do
    mkfifo pipe
    # exec: the kill is to reach the tool, not a shell that waits for it.
    (exec perl -e '$SIG{$ARGV[0]} = "DEFAULT"; shift; exec @ARGV' $signal $(into $tool pipe target/file) -q) 2> err &
    victim=$!
    exec 9<> pipe
    cat "$input" >&9
    until_it_runs $victim
    sleep 0.1
    kill -$signal $victim
    wait $victim 2> /dev/null
    got=$?
    exec 9>&-
    rm -f pipe
    [ "$got" -gt 128 ] && [ "$(cat target/file)" = old ] && [ ! -s err ] && pass ||
      flunk "$tool: SIG$signal keeps the old file" "status $got" "$(cat err)"
    expect_only "$tool: SIG$signal leaves nothing" target "file "
  done
  # The same call, let through, replaces it.
  $(into $tool "$input" target/file) -q && [ "$(cat target/file)" != old ] && pass || flunk "$tool: replaces the old file"
  expect_only "$tool: leaves one file" target "file "
  rm -rf target
done

# Every file that a tool reads beside its input.
for call in "rec-attend -m no.tsv candidates.tsv" "rec-score -m no.tsv candidates.tsv" "rec-eval --truth no.tsv ranking.tsv" \
  "rec-rank --exclude no.tsv scores.tsv" "rec-rank --allow no.tsv scores.tsv" "rec-rank --block no.tsv scores.tsv" \
  "rec-score -m als.model --history no.tsv candidates.tsv" "rec-score -m als.model --all --exclude no.tsv candidates.tsv" \
  "rec-score -m als.model --all --users no.tsv" "rec-embed als -q --valid no.tsv all.tsv" "rec-model info -m no.tsv" \
  "rec-tune -q --valid no.tsv --space pop all.tsv" "rec-model similar -m no.tsv i01"; do
  expect "missing: $call" 1 "${call%% *}: no.tsv: No such file or directory" $call
done

# rec-split: several outputs, all or none.
mkdir target
for part in train valid test; do echo "old $part" > target/$part; done
split="rec-split -q --method leave-one-out --valid target/valid --test target/test"
expect "split: one of three outputs is full" 1 "rec-split: /dev/full: No space left on device" $split --train /dev/full all.tsv
expect "split: one of three cannot be opened" 1 "rec-split: no/train: No such file or directory" $split --train no/train all.tsv
expect "split: one of three would be empty" 1 "rec-split: stdin: the validation part would be empty; if that is right, say --allow-empty" \
  sh -c "head -2 all.tsv | $split --train target/train"
[ "$(cat target/train target/valid target/test | tr '\n' ' ')" = "old train old valid old test " ] && pass || flunk "split: all old files stay"
expect_only "split: nothing left" target "test train valid "

# rec-embed als and mf: checkpoints, interrupts and resumption. The log is large enough
# that an epoch takes a while.
perl -e 'for my $u (1 .. 3000) { printf "u%04d\ti%03d\n", $u, ($u * 7 + $_ * $_ * 3) % 900 for 1 .. 30 }' > large.tsv
train="rec-embed als -q -d 64"
$train -e 12 large.tsv -o whole.model
mkdir trained
# interrupted SIGNAL SECONDS COMMAND...: ends it so, $got is its status; not before the log $after, if it is set, has an
# epoch. perl: a background job of a shell ignores SIGINT.
after=
interrupted() {
  [ -z "$after" ] || rm -f "$after"
  perl -e '$SIG{INT} = "DEFAULT"; splice @ARGV, 0, 2; exec @ARGV' "$@" 2> err &
  local victim=$!
  until_it_runs $victim
  until [ -z "$after" ] || [ "$(cat "$after" 2> /dev/null | wc -l)" -ge 2 ] || ! kill -0 $victim 2> /dev/null; do sleep 0.05; done
  sleep "$2"
  kill -"$1" $victim 2> /dev/null
  wait $victim 2> /dev/null
  got=$?
}
echo old > trained/model
after=epochs.tsv
interrupted INT 0.2 rec-embed als -q -d 64 -e 100000 --log epochs.tsv --checkpoint trained/ck large.tsv -o trained/model
[ $got = 130 ] && [ "$(wc -l < err)" = 1 ] && grep -q '^rec-embed: interrupted: trained/ck holds epoch [0-9]*, --resume goes on from it$' err && pass ||
  flunk "embed: SIGINT while training" "status $got" "$(cat err)"
[ "$(cat trained/model)" = old ] && pass || flunk "embed: SIGINT while training keeps the old model"
expect_only "embed: SIGINT leaves the checkpoint alone" trained "ck model "
interrupted INT 0.2 rec-embed als -q -d 64 -e 100000 --log epochs.tsv large.tsv -o trained/model
[ $got = 130 ] && grep -q '^rec-embed: interrupted in epoch [0-9]*: nothing written$' err && pass || flunk "embed: SIGINT without a checkpoint" "status $got" "$(cat err)"
expect_only "embed: SIGINT without a checkpoint leaves nothing" trained "ck model "
awk 'NR % 10 == 0' large.tsv > held.tsv
awk 'NR % 10 != 0' large.tsv > rest.tsv
interrupted INT 0.2 rec-embed als -q -d 8 -e 100000 --patience 100000 --log epochs.tsv --valid held.tsv rest.tsv -o trained/best
[ $got = 130 ] && grep -q '^rec-embed: interrupted in epoch [0-9]*: the model is that of epoch [0-9]*, the best so far$' err && pass ||
  flunk "embed: SIGINT with --valid" "status $got" "$(cat err)"
rec-model info trained/best > info 2> err && grep -q '^valid-value' info && pass || flunk "embed: SIGINT with --valid writes the best epoch" "$(cat err)"
rm -f trained/best
awk '{print $0 "\t" 1 + NR % 5}' large.tsv > rated.tsv
interrupted INT 0.2 rec-embed mf -q -d 8 -e 100000 --log epochs.tsv --checkpoint trained/ck rated.tsv -o trained/model
after=
[ $got = 130 ] && grep -q '^rec-embed: interrupted: trained/ck holds epoch [0-9]*, --resume goes on from it$' err && pass ||
  flunk "embed mf: SIGINT while training" "status $got" "$(cat err)"
# SIGKILL at any time, in the middle of a write too: what is there is whole.
rm -f trained/*
for delay in 0.05 0.1 0.15 0.2 0.25 0.3 0.35; do
  interrupted KILL $delay $train -e 12 --checkpoint trained/ck --resume large.tsv -o trained/model
  [ ! -e trained/ck ] || rec-model info trained/ck > info 2> err || { flunk "embed: SIGKILL leaves half a checkpoint" "$(cat err)"; break; }
done
pass
$train -e 12 --checkpoint trained/ck --resume large.tsv -o trained/model
cmp -s trained/model whole.model && pass || flunk "embed: killed seven times and resumed, another model"
rm -f trained/*
# A full disk while the checkpoint is written: an error, the old one stays.
$train -e 2 --checkpoint trained/ck large.tsv -o trained/model
cksum trained/ck > before
expect "embed: a full disk for the checkpoint" 1 "rec-embed: /dev/full: No space left on device" \
  $train --checkpoint /dev/full large.tsv -o trained/new
[ "${SANITIZE:-}" = thread ] ||
  expect "embed: a size limit for the checkpoint" 1 "rec-embed: trained/ck: File too large" \
    bash -c "(ulimit -f 1; exec $train --checkpoint trained/ck --resume large.tsv -o trained/new) 2>&1 | cat >&2; exit \${PIPESTATUS[0]}"
cksum trained/ck | cmp -s - before && pass || flunk "embed: a failed checkpoint replaced the old one"
expect_only "embed: a failed checkpoint leaves nothing" trained "ck model "
expect "embed: a full disk for the log" 1 "rec-embed: /dev/full: No space left on device" \
  $train --log /dev/full large.tsv -o trained/new
expect "embed: a file in the place of the folder of events" 1 "rec-embed: trained/ck/events: Not a directory" \
  $train --tensorboard trained/ck/events large.tsv -o trained/new
expect "embed: a checkpoint in a missing folder" 1 "rec-embed: no/ck: No such file or directory" $train --checkpoint no/ck large.tsv -o trained/new
rm -rf trained

# What cannot be said on stderr changes nothing: neither status nor output.
for tool in $TOOLS; do
  input=$(input_of $tool)
  $(plain $tool $input) -v > plain.out 2> /dev/null
  for sink in '2> /dev/full' '2>&-'; do
    eval "$(plain $tool $input) -v > said.out $sink"
    got=$?
    [ $got = 0 ] && cmp -s plain.out said.out && pass || flunk "$tool: notes into nowhere ($sink)" "status $got"
    eval "$(plain $tool no-such-file) $sink > /dev/null"
    got=$?
    [ $got = 1 ] && pass || flunk "$tool: an error into nowhere ($sink)" "status $got"
  done
done

# An output that is open already is written to, not replaced.
echo precious > log
rec-rank -q -k 1 scores.tsv -o /dev/stdout >> log
[ "$(head -1 log)" = precious ] && [ "$(wc -l < log)" = 42 ] && pass || flunk "rank: -o /dev/stdout appends where stdout does" "$(head -3 log)"
{ echo before; rec-rank -q -k 1 scores.tsv -o /dev/fd/3 >&2; echo after; } > log 3>&1
[ "$(sed -n '1p;$p' log | tr '\n' ' ')" = "before after " ] && [ "$(wc -l < log)" = 43 ] && pass ||
  flunk "rank: -o /dev/fd/3 writes where that is open" "$(head -3 log)"

# Outputs that are no plain file. A link to no file yet stays, and the file is made.
rec-rank -q -k 1 scores.tsv > expected
mkdir place
ln -s ../place/new place/link
expect "rank: a link to no file yet" 0 "" rec-rank -q -k 1 scores.tsv -o place/link
[ -L place/link ] && cmp -s place/new expected && pass || flunk "rank: a link to no file yet" "$(ls -l place)"
expect_only "rank: a link to no file yet leaves nothing" place "link new "
mkfifo place/fifo
cat place/fifo > got &
expect "rank: a FIFO as output" 0 "" rec-rank -q -k 1 scores.tsv -o place/fifo
wait $!
[ -p place/fifo ] && cmp -s got expected && pass || flunk "rank: a FIFO as output" "$(head -3 got)"
# Setuid and setgid bits of an old file go; its owner stays, if we may give files away.
echo old > place/old
[ "$(id -u)" -eq 0 ] && chown 65534:65534 place/old
before=$(stat -c '%u:%g' place/old)
chmod 6755 place/old
expect "rank: a setuid file" 0 "" rec-rank -q -k 1 scores.tsv -o place/old
[ "$(stat -c '%a %u:%g' place/old)" = "755 $before" ] && pass || flunk "rank: a setuid file" "$(stat -c '%a %u:%g' place/old)"
rm -rf place

# Far more rows than there are items, and than memory could hold.
echo u01 > one
expect "score: a huge --top" 0 "" sh -c "rec-score -q -j 1 -m als.model --all --top 1000000000 one > /dev/null"

finish
