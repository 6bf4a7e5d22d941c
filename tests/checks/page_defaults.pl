#!/usr/bin/perl
# Usage: page_defaults.pl PAGE_TEXT <HELP
# The numbers in "(default ...)" of --help that the entry of the option on the page (as text) lacks: lines
# "OPTION NUMBER". An option that the page has no entry of is left to other checks.
use strict;
use warnings;

# The name by which both sides know an option: the long one, else the letter.
sub name_of {
  my ($tag) = @_;
  return $1 if $tag =~ /^(?:-\w,? *)?(--[a-z][a-z0-9-]*)/;
  return $tag =~ /^(-\w)\b/ ? $1 : undef;
}

# Option => all text of its entry: from its tag, indented by 1 to 12, to the next or a heading.
sub entries {
  my ($text) = @_;
  my (%entry, $name);
  for my $line (split /\n/, $text) {
    if ($line =~ /^ {1,12}(-\S.*)/ && defined name_of($1)) {$name = name_of($1)}
    elsif ($line =~ /^\S/) {undef $name}
    $entry{$name} .= " $line" if defined $name;
  }
  s/(?<=\d),(?=\d{3})//g, s/\s+/ /g for values %entry;
  return %entry;
}

open my $in, '<', $ARGV[0] or die "$ARGV[0]: $!\n";
my %page = entries(join '', <$in>);
my %help = entries(join '', <STDIN>);
for my $option (sort keys %help) {
  next unless exists $page{$option};
  while ($help{$option} =~ /\(default:? ([^)]*)\)/g) {
    for my $number ($1 =~ /(?<![-\w.])(\d+(?:\.\d+)?(?:e-\d+)?)/g) {
      print "$option $number\n" unless $page{$option} =~ /(?<![\d.])\Q$number\E(?!\d)/;
    }
  }
}
