#!/bin/bash
# Usage: quantised.sh BUILD DATA [ITEMS]
# What rec-model quantise saves and costs. First models of ml-1m and gowalla (folders of DATA with train.tsv and
# test.tsv), sasrec with seeds 1, 2 and 3: bytes of the file and ndcg@10 of the held-out items among all items that the
# user does not have, in float32, int8 and bfloat16.
# Then the seconds of rec-score --all --top 100 on a generated als model of ITEMS (1,000,000) items, dim 64: whole runs,
# the three types one after the other in each of 9 rounds, and the median of the rounds' ratios to float32; and
# requests to a process by --follow. The page cache is warm.
set -euo pipefail
build=$(cd "$1" && pwd) data=$(cd "$2" && pwd) items=${3:-1000000}
export PATH=$build:$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
types='float32 int8 bfloat16'
small() {  # NAME: NAME.float32.safetensors in the other types
  for type in int8 bfloat16; do rec-model quantise -q --type $type "$1.float32.safetensors" -o "$1.$type.safetensors"; done
}
printf 'data\tmodel\ttype\tbytes\tndcg@10\n'
measure() {  # SET TRAINER OPTIONS...
  local set=$1 name=$2
  rec-embed "$name" -q "${@:3}" "$data/$set/train.tsv" -o "$name.float32.safetensors"
  small "$name"
  for type in $types; do
    printf '%s\t%s\t%s\t%s\t' "$set" "$name" $type "$(stat -c %s "$name.$type.safetensors")"
    rec-score -q -m "$name.$type.safetensors" --all --top 10 --history "$data/$set/train.tsv" \
      --exclude "$data/$set/train.tsv" --users "$data/$set/test.tsv" | rec-rank -q -k 10 |
      rec-eval -q --truth "$data/$set/test.tsv" -m ndcg@10 | awk -F '\t' '$1 == "ndcg@10" {print $2}'
  done
}
measure ml-1m als -d 64 -e 16 --unobserved-weight 0.3 --reg 0.005
measure ml-1m svd --pure -d 50 --item-exponent 0.25
for seed in 1 2 3; do measure ml-1m sasrec -d 64 -e 20 --seed $seed; done
measure gowalla als -d 64 -e 5 --unobserved-weight 0.01 --reg 0.001
measure gowalla svd --pure -d 64
"$build/tests/request_model" "$items" 136677 64 big.float32.safetensors
small big
cat ./big.*.safetensors > /dev/null
cat > rounds.pl <<'P'
use strict;
use warnings;
use Time::HiRes qw(time);
my ($rounds, $threads, $users) = @ARGV;
my %seconds;
for my $round (0 .. $rounds) {
  for my $type (qw(float32 int8 bfloat16)) {
    my $start = time;
    system("rec-score -q -j $threads -m big.$type.safetensors --all --top 100 users > $type.rows") and die;
    push @{$seconds{$type}}, time - $start if $round > 0;  # the first round is not timed
  }
}
sub median { my @sorted = sort { $a <=> $b } @_; $sorted[@sorted / 2] }
for my $type (qw(float32 int8 bfloat16)) {
  my @ratio = map { $seconds{float32}[$_] / $seconds{$type}[$_] } 0 .. $rounds - 1;
  printf "%d\t%d\t%s\t%.4f\t%.2f\n", $threads, $users, $type, median(@{$seconds{$type}}), median(@ratio);
}
P
printf 'threads\tusers\ttype\tmedian s\ttimes as fast as float32\n'
for threads in 1 2; do
  for users in 1 16 96 97 1024; do
    seq -f 'u%07.0f' 7 "$((6 + users))" > users
    perl rounds.pl 9 $threads $users
  done
done
cat > follow.pl <<'P'
use strict;
use warnings;
use IPC::Open2;
use Time::HiRes qw(time);
my ($requests, $threads) = @ARGV;
my (%from, %to, %seconds, @children);
for my $type (qw(float32 int8 bfloat16)) {
  push @children, open2($from{$type}, $to{$type}, "rec-score -q -j $threads -m big.$type.safetensors --all --top 100 --follow");
  $to{$type}->autoflush(1);
}
# The first ones are not timed.
for my $at (-20 .. $requests - 1) {
  for my $type (qw(float32 int8 bfloat16)) {
    my $start = time;
    printf {$to{$type}} "u%07d\n", $at * 7919 % 130000;
    while (defined(my $line = readline $from{$type})) { last if $line eq "\n" }
    push @{$seconds{$type}}, time - $start if $at >= 0;
  }
}
for my $type (qw(float32 int8 bfloat16)) {
  my @sorted = sort { $a <=> $b } @{$seconds{$type}};
  printf "%d\t%s\t%.4f\t%.4f\n", $threads, $type, $sorted[@sorted / 2], $sorted[int(@sorted * .99)];
}
close $to{$_} for keys %to;
waitpid $_, 0 for @children;
P
printf 'threads\trequest\tmedian s\t99th percentile s\n'
for threads in 1 2; do perl follow.pl 300 $threads; done
