#!/usr/bin/env perl
# Usage: sampled_negatives.pl FIT HELD_OUT
# Candidates for the protocol with 99 sampled negatives (He et al. 2017): each row of
# HELD_OUT and behind it 99 items that its user has in neither file, TSV. Drawn by a
# generator of its own, so that every perl draws the same.
use strict;
use warnings;

my ($fit, $held_out) = @ARGV;
my (%has, %item, @held);
for my $file ($fit, $held_out) {
  open my $in, '<', $file or die "$file: $!\n";
  while (<$in>) {
    chomp;
    my ($u, $i) = split /\t/;
    next if $u eq 'user';
    $has{$u}{$i} = 1;
    $item{$i} = 1;
    push @held, [$u, $i] if $file eq $held_out;
  }
}
my @items = sort keys %item;
my $state = 20240101;
my $next = sub { $state = ($state * 1103515245 + 12345) % 2147483648; return ($state >> 8) % scalar(@items); };
for my $pair (@held) {
  my ($u, $i) = @$pair;
  print "$u\t$i\n";
  my %drawn;
  while (keys %drawn < 99) {
    my $n = $items[$next->()];
    next if $has{$u}{$n} || $drawn{$n}++;
    print "$u\t$n\n";
  }
}
