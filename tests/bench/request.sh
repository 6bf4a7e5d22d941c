#!/bin/bash
# Usage: request.sh BUILD [ITEMS]
# One user's best 10 of a catalogue of ITEMS (1,000,000) items, dim 64, generated: seconds of 20 whole runs of rec-score
# and the memory that it has beside the mapped file, at one thread and at all. Then more users at once, in place (up to
# 96) and arranged (from 97 on). Last, 1000 requests to one process by --follow, with both ends of the pipe held open.
# The page cache is warm.
set -euo pipefail
build=$(cd "$1" && pwd) items=${2:-1000000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$build/tests/request_model" "$items" 136677 64 m.safetensors
cat m.safetensors > /dev/null
cat > run.pl <<'P'
use strict;
use warnings;
use Time::HiRes qw(time);
my ($runs, @command) = @ARGV;
my (@seconds, $own);
$own = 0;
for (1 .. $runs) {
  my $start = time;
  my $child = fork // die;
  if (!$child) { open STDOUT, '>', '/dev/null' or die; exec @command or die }
  # The first run is looked at all the time, and not timed.
  while ($_ == 1 && open(my $file, '<', "/proc/$child/status")) {
    my ($anonymous) = join('', <$file>) =~ /RssAnon:\s+(\d+)/;
    last unless defined $anonymous;
    $own = $anonymous if $anonymous > $own;
  }
  waitpid $child, 0;
  die "@command: status $?" if $?;
  push @seconds, time - $start if $_ > 1;
}
@seconds = sort { $a <=> $b } @seconds;
printf "%.3f\t%.3f\t%.1f\n", $seconds[@seconds / 2], $seconds[-1], $own / 1024;
P
printf 'threads\tusers\tmedian s\tgreatest s\town MiB\n'
for threads in 1 "$(nproc)"; do
  for users in 1 8 64 96 97 256; do
    seq -f 'u%07.0f' 7 "$((6 + users))" > users
    printf '%s\t%s\t' "$threads" "$users"
    perl run.pl 21 "$build/rec-score" -q -j "$threads" -m m.safetensors --all --top 10 users
  done
done
cat > follow.pl <<'P'
use strict;
use warnings;
use IPC::Open2;
use Time::HiRes qw(time);
my ($requests, @command) = @ARGV;
my $child = open2(my $from, my $to, @command);
$to->autoflush(1);
my @seconds;
# The first ones are not timed.
for my $at (-20 .. $requests - 1) {
  my $start = time;
  printf {$to} "u%07d\n", $at * 7919 % 130000;
  my $rows = 0;
  while (defined(my $line = <$from>)) {
    last if $line eq "\n";
    ++$rows;
  }
  die "@command: $rows rows" if $rows != 10;
  push @seconds, time - $start if $at >= 0;
}
open my $file, '<', "/proc/$child/status" or die;
my ($own) = join('', <$file>) =~ /RssAnon:\s+(\d+)/;
close $to;
waitpid $child, 0;
die "@command: status $?" if $?;
@seconds = sort { $a <=> $b } @seconds;
printf "%.4f\t%.4f\t%.4f\t%.1f\n", $seconds[@seconds / 2], $seconds[int(@seconds * .99)], $seconds[-1], $own / 1024;
P
printf 'threads\trequest\tmedian s\t99th percentile s\tgreatest s\town MiB\n'
for threads in 1 "$(nproc)"; do
  printf '%s\tfloat32\t' "$threads"
  perl follow.pl 1000 "$build/rec-score" -q -j "$threads" -m m.safetensors --all --top 10 --follow
done
