#!/bin/bash
# Usage: coprocess.sh
# Tools that a program holds by two pipes and asks one question at a time: what --line-buffered says must be true. Each
# answer is waited for with the pipe held open; without the option there is none. The tools are on PATH.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
status=0
is() {  # WHAT FOUND EXPECTED
  [ "$2" = "$3" ] && return
  printf '%s\nfound:    %q\nexpected: %q\n' "$1" "$2" "$3"
  status=1
}
patience=${PATIENCE:-60}
# Takes over the pipes of the coproc `tool`, which bash closes when it ends: 8 to read from, 9 to write to.
hold() {
  exec 8<&"${tool[0]}" 9>&"${tool[1]}"
  exec {tool[0]}<&- {tool[1]}>&-
  id=$tool_PID
}
# ask TEXT N: writes TEXT to the co-process and reads N lines into `answer`; "silence" where they do not come.
ask() {
  local line
  printf "$1" >&9
  answer=
  for ((at = 0; at < $2; ++at)); do
    IFS= read -r -t "$patience" line <&8 || { answer=silence; return 0; }
    answer+="$line;"
  done
}
finish() {  # WHAT REST: the end of the input, and what is still to come
  local rest
  exec 9>&-
  rest=$(tr '\n' ';' <&8)
  wait "$id" || { echo "$1: status $?"; status=1; }
  is "$1: at the end" "$rest" "$2"
}

printf 'a\ti1\nb\ti1\nc\ti2\n' | rec-embed pop -q -o pop.model -

coproc tool { exec rec-score -q -m pop.model --line-buffered -j 2; }
hold
ask 'a\ti1\n' 1
is "rec-score: one line, one answer" "$answer" $'a\ti1\t1.0986123;'
ask 'b\ti2\nb\ti1\n' 2
is "rec-score: two lines, two answers" "$answer" $'b\ti2\t0.6931472;b\ti1\t1.0986123;'
ask 'c\ti' 0
ask '2\n' 1
is "rec-score: a line in two parts" "$answer" $'c\ti2\t0.6931472;'
finish "rec-score" ""

# The rows of a user are complete when those of the next begin.
coproc tool { exec rec-attend -q -m pop.model --line-buffered -j 1; }
hold
ask 'a\ti1\na\ti2\nb\ti1\n' 2
is "rec-attend: the user before" "$answer" $'a\ti1\t0.6;a\ti2\t0.4;'
ask 'b\ti2\nc\ti2\n' 2
is "rec-attend: the next one" "$answer" $'b\ti1\t0.6;b\ti2\t0.4;'
finish "rec-attend" $'c\ti2\t1;'

coproc tool { exec rec-rank -q -k 1 --line-buffered; }
hold
ask 'a\ti1\t1\na\ti2\t2\n' 0
ask 'b\ti1\t3\n' 1
is "rec-rank: the user before" "$answer" $'a\ti2\t2\t1;'
finish "rec-rank" $'b\ti1\t3\t1;'

# A model that is cut short under the tool: one line, status 1. One that is renamed over leaves it what it has.
rec-model convert -q pop.model -o pop.safetensors
coproc tool { exec rec-score -q -m pop.safetensors --line-buffered -j 2 2> err; }
hold
ask 'a\ti1\n' 1
is "rec-score: mapped" "$answer" $'a\ti1\t1.0986123;'
rec-model convert -q pop.model -o pop.safetensors
ask 'a\ti1\n' 1
is "rec-score: mapped, the file replaced" "$answer" $'a\ti1\t1.0986123;'
exec 9>&-
wait "$id"
coproc tool { exec rec-score -q -m pop.safetensors --line-buffered -j 2 2> err; }
hold
ask 'a\ti1\n' 1
: > pop.safetensors
ask 'b\ti2\n' 1
is "rec-score: mapped, cut short" "$answer" silence
got=0
wait "$id" || got=$?
is "rec-score: mapped, cut short" "$got $(cat err)" \
  "1 rec-score: a file was cut short or written over while it was read; write files beside and rename them, as -o does"

# A reader that goes away ends the tool, quietly.
coproc tool { exec rec-score -q -m pop.model --line-buffered 2> err; }
hold
exec 8<&-
ask_nobody() { printf 'a\ti1\n' >&9 2> /dev/null; }
trap '' PIPE
ask_nobody || true
got=0
wait "$id" || got=$?
trap - PIPE
is "rec-score: the reader has gone" "$got $(cat err)" "141 "
exec 9>&-

# --follow: a user a line, that user's rows and an empty line. Another model in the file's place answers from then on;
# one that cannot be read does not, and says so once.
rec-model convert -q pop.model -o served.safetensors
coproc tool { exec rec-score -q -m served.safetensors --all --top 1 --follow -j 2 2> err; }
hold
ask 'a\n' 2
is "rec-score --follow: one user" "$answer" $'a\ti1\t1.0986123;;'
ask 'b\nnobody\n' 4
is "rec-score --follow: two users" "$answer" $'b\ti1\t1.0986123;;nobody\ti1\t1.0986123;;'
printf 'a\ti2\nb\ti2\nc\ti2\nd\ti2\n' | rec-embed pop -q -o served.safetensors -
ask 'a\n' 2
is "rec-score --follow: another model" "$answer" $'a\ti2\t1.609438;;'
head -c 400 served.safetensors > cut
mv cut served.safetensors
ask 'b\n' 2
is "rec-score --follow: a model cut short" "$answer" $'b\ti2\t1.609438;;'
ask 'c\n' 2
is "rec-score --follow: once more" "$answer" $'c\ti2\t1.609438;;'
is "rec-score --follow: what it said" "$(cat err)" "rec-score: warning: served.safetensors: truncated: the header should \
have 568 bytes, the file has 400; the model before stays in use"
rm served.safetensors
ask 'c\n' 2
is "rec-score --follow: no file" "$answer $(tail -n 1 err)" \
  $'c\ti2\t1.609438;; rec-score: warning: served.safetensors: it is gone; the model before stays in use'
rec-model convert -q pop.model -o served.safetensors
ask 'c\n' 2
is "rec-score --follow: a model again" "$answer" $'c\ti1\t1.0986123;;'
finish "rec-score --follow" ""

# The same bytes in one go, of the items on the lines, and of lines that are skipped.
printf 'a\ti1\na\ti2\nb\ti1\nb\ti3\nc\ti2\nc\ti4\nd\ti1\nd\ti3\nd\ti2\n' > log.tsv
rec-embed als -q -d 2 -o als.safetensors log.tsv
printf 'z\ti1\n' > z.tsv
coproc tool { exec rec-score -q -m als.safetensors --all --top 2 --follow --line-items --bad-lines skip -j 1 2> err; }
hold
ask 'z\ti1\n\na\n' 7
cat <(rec-score -q -m als.safetensors --all --top 2 --history z.tsv --exclude z.tsv <<< z) <(echo; echo) \
  <(rec-score -q -m als.safetensors --all --top 2 <<< a) <(echo) > expected
is "rec-score --follow --line-items" "$answer" "$(tr '\n' ';' < expected)"
finish "rec-score --follow --line-items" ""
printf 'z\ti1\n\na\n' > requests
for threads in 1 2 3; do
  rec-score -q -m als.safetensors --all --top 2 --follow --line-items --bad-lines skip -j "$threads" requests > found
  cmp found expected || status=1
done

# A model cut short in place, and a reader that goes away.
coproc tool { exec rec-score -q -m als.safetensors --all --follow --top 1 2> err; }
hold
ask 'a\n' 2
exec 8<&-
trap '' PIPE
printf 'a\n' >&9 2> /dev/null || true
got=0
wait "$id" || got=$?
trap - PIPE
is "rec-score --follow: the reader has gone" "$got $(cat err)" "141 "
exec 9>&-

# The control: without the option the answer waits for more.
patience=1
coproc tool { exec rec-score -q -m pop.model; }
hold
ask 'a\ti1\n' 1
is "rec-score without the option" "$answer" silence
finish "rec-score without the option" $'a\ti1\t1.0986123;'

exit "$status"
