#!/usr/bin/perl
# Usage: options.pl [--count N] [--seconds S] [--seed N] [--only REGEX] [--option REGEX]
#        [--findings FOLDER] BUILD
# Tries every option that the --help of every tool and subcommand names, with values that are
# empty, negative, huge, no number, of a wrong spelling, or out of the range that the
# tool itself says. A run may end with 0, 1 or 2 and, if not 0, one line on stderr and no output. A
# number that the range does not hold must be refused as such, and no spelling but the plain one be taken.
# --count: so many of the tries; default: all; in an order drawn with --seed. --only: of the
# commands that match, --option: and of the options. Exit status 1 for a finding.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Getopt::Long;
use lib dirname(abs_path($0));
our @arguments = @ARGV;
use Runs;

my ($count, $seconds, $seed, $only, $flags, $findings) = (0, 0, 1, '.', '.', '');
GetOptions('count=i' => \$count, 'seconds=f' => \$seconds, 'seed=i' => \$seed, 'only=s' => \$only, 'option=s' => \$flags, 'findings=s' => \$findings)
  && @ARGV == 1 or die "see the head of $0\n";
begin($ARGV[0], $seconds, $findings && abs_path($findings) // $findings);

# Plain calls that succeed, one or more for a command; an option is tried with each.
my %plain = (
  'rec-data check' => ['-o out/table log.tsv', '--valid truth.tsv --test truth.tsv -o out/table log.tsv'],
  'rec-split' => ['--method hash-row --train out/train --test out/test log.tsv', '--method time --train out/train --valid out/valid --test out/test log.tsv',
                  '--method leave-k-out --leave 1 --train out/train --test out/test log.tsv'],
  'rec-embed als' => ['-d 3 -e 1 -o out/model log.tsv', '-d 3 -e 2 --valid truth.tsv --confidence log --half-life 10d -o out/model log.tsv'],
  'rec-embed sasrec' => ['-d 4 --max-len 4 -e 1 -o out/model log.tsv'],
  'rec-embed bert4rec' => ['-d 4 --max-len 4 -e 1 -o out/model log.tsv'],
  'rec-embed attention-pool' => ['-d 4 -e 1 -o out/model log.tsv', '-d 4 -e 1 --query candidate -o out/model log.tsv'],
  'rec-embed neural' => ['-d 4 -e 1 -o out/model log.tsv', '-d 4 -e 1 --attention dot --predictor mlp --loss bce -o out/model log.tsv'],
  'rec-embed mf' => ['-d 3 -e 1 -o out/model log.tsv'],
  'rec-embed fm' => ['-d 3 -e 1 --context day -o out/model labelled.tsv', '-d 4 -e 2 --context day --layers 4 --valid labelled.tsv -o out/model labelled.tsv'],
  'rec-embed svd' => ['-d 3 -o out/model log.tsv'],
  'rec-embed knn' => ['-o out/model log.tsv', '--similarity bm25 -o out/model log.tsv', '--similarity rp3beta -o out/model log.tsv'],
  'rec-embed pop' => ['-o out/model log.tsv', '--half-life 10d -o out/model log.tsv'],
  'rec-attend' => ['-m als.model -o out/table candidates.tsv', '-m als.model --all -o out/table users.tsv',
                   '-m sasrec.model --over history --history history.tsv -o out/table candidates.tsv'],
  'rec-score' => ['-m als.model -o out/table candidates.tsv', '-m als.model --all --attention dot -o out/table users.tsv'],
  'rec-rank' => ['-o out/table scores.tsv', '--diversify mmr -m als.model -o out/table scores.tsv',
                 '--explore thompson --counts counts.tsv --draws 10 -o out/table scores.tsv', '--blend rrf -o out/table scores.tsv ranking.tsv',
                 '--calibrate genre --features features.tsv --history log.tsv -o out/table scores.tsv',
                 '--format trec -o out/table scores.tsv'],
  'rec-eval' => ['--truth truth.tsv -o out/table ranking.tsv', '-m auc,ece -o out/table predictions.tsv', '-m ctr --ab -o out/table events.tsv', '--events --ab -o out/table raw.tsv',
                 '-m ips -o out/table policy.tsv', '-m delta_ab --clicks truth.tsv -o out/table teams.tsv',
                 '--truth truth.tsv --compare scores.tsv --permutations 100 --bootstrap 100 -o out/table ranking.tsv'],
  'rec-features text' => ['-o out/table texts.tsv', '--apply text.model -o out/table texts.tsv'],
  'rec-features numbers' => ['--column number --columns item=user,number=value -o out/table log.tsv', '--bins 3 --column number --columns item=item,number=value -o out/table log.tsv'],
  'rec-features graph' => ['--columns head=user,relation=value,tail=item -o out/table log.tsv', '--friends --pagerank --columns user=user,friend=item -o out/table log.tsv'],
  'rec-features join' => ['-o out/table features.tsv', '--prefix a --allow items.tsv --duplicates first -o out/table features.tsv'],
  'rec-features reduce' => ['-d 2 -o out/table features.tsv', '--method projection -o out/table features.tsv'],
  'rec-features stats' => ['-o out/table features.tsv'],
  'rec-view' => ['--history log.tsv -o out/page ranking.tsv'],
  'rec-tune' => ['--valid truth.tsv --trials 2 --space pop -o out/model log.tsv', '--valid truth.tsv --trials 3 --models pop,knn -o out/model log.tsv'],
  'rec-model info' => ['-m als.model -o out/table'],
  'rec-model convert' => ['-m als.model -o out/table'],
  'rec-model similar' => ['-m als.model -o out/table i1'],
  'rec-model join' => ['-m als.model --users users.rows -o out/table'],
);

# [flag, value, help] of the options, and the subcommands, that a --help names.
sub help_of {
  my ($command) = @_;
  my $run = run(split(' ', $command), '--help');
  die "$command --help: exit status $run->{status}\n" if $run->{status} || $run->{signal};
  my (@options, @commands, $section);
  for my $line (split /\n/, $run->{out}) {
    $section = $1 if $line =~ /^(\S.*):$/;
    next if !defined $section;
    push @commands, $1 if $section eq 'Subcommands' && $line =~ /^  (\S+)  /;
    if ($line =~ /^ {2,6}(?:-\w, )?(?:(--[\w-]+)|(-\w))(?: (\S+))?(?:  |$)/) {
      push @options, [$1 // $2, $3 // '', $line];
    } elsif (@options) {
      $options[-1][2] .= $line;
    }
  }
  return (\@options, \@commands);
}

my @spellings = ('', ' ', 'nan', 'inf', '-inf', 'NaN', '0x10', ' 1', '1 ', '+1', '1,5', 'abc', "\e[31m", "1\t", "1\n", '--', '1e999', '1_0', "\xd9\xa1");
my @numbers = qw(-1 -0 0 1 2 -1e9 1.5 1e9 2147483648 4294967296 9007199254740993 18446744073709551615 18446744073709551616 99999999999999999999999 1e308 1e-320
                 -9223372036854775808);
my @texts = ('.', '/', 'out', '/nonexistent/file', 'log.tsv', 'als.model', 'user=1', 'user=1,user=2', 'a=b', 'x' x 5000, "\xff\xfe", '%s%n', '$(touch out/owned)', '=', ',', ':', '|');

my @tries;  # [command, plain, option, values...]
my %repeatable;  # by command and flag
my ($tried_options) = (0);
sub collect {
  my ($command) = @_;
  my ($options, $commands) = help_of($command);
  collect("$command $_") for @$commands;
  return if @$commands || $command !~ /$only/;
  my $plain = $plain{$command} // ['-o out/model log.tsv'];
  die "$command --help names no option\n" if @$options < 4;
  for my $option (@$options) {
    my ($flag, $value, $help) = @$option;
    $repeatable{"$command $flag"} = 1 if $help =~ /repeat/;
    next if $flag !~ /$flags/ || $flag eq '--help' || $flag eq '--version' || $flag eq '--list-metrics';
    ++$tried_options;
    for my $call (@$plain) {
      push @tries, map { [$command, $call, $flag, $value, $_] } $value eq '' ? ('flag', 'flag=x', 'misspelt') : ('words', 'range', 'twice', 'misspelt');
      push @tries, map { [$command, $call, $flag, $value, 'value', $_] } @spellings, @numbers, @texts if $value ne '';
      push @tries, map { [$command, $call, $flag, $value, 'value', $_] } split /\|/, $value if $value =~ /^[a-z0-9-]+\|/;
    }
  }
}
spew('users.rows', run('rec-embed', 'als', '-q', '-j', '1', '--init', 'als.model', '--half-epoch', 'user', 'log.tsv')->{out});
run('rec-features', 'text', '-q', '-j', '1', '--state', 'text.model', 'texts.tsv');
collect($_) for qw(rec-data rec-split rec-embed rec-attend rec-score rec-rank rec-eval rec-model rec-features rec-view rec-tune);
# A plain call that fails tests nothing.
for my $command (sort keys %plain) {
  next if $command !~ /$only/;
  for my $call (@{$plain{$command}}) {
    my $run = run(split(' ', $command), '-q', '-j', '1', split ' ', $call);
    die "$command $call: exit status $run->{status}: $run->{err}" if $run->{status} || $run->{signal};
  }
}

sub call {
  my ($command, $plain, @more) = @_;
  my @plain = split ' ', $plain;
  # In place of what the plain call says of the same option.
  for my $at (reverse 0 .. $#plain - 1) {
    splice @plain, $at, 2 if grep { $plain[$at] eq $_ } map { s/=.*//sr } @more;
  }
  my @common = $command eq 'rec-split' ? ('-q', '-j', '1') : ('-q', '-j', '1');
  @common = grep { my $c = $_; !grep { /^(-q|--quiet)/ && $c eq '-q' } @more } @common;
  @common = grep { !/^(-j|1)$/ } @common if grep { /^(-j|--threads)/ } @more;
  return run(split(' ', $command), @more, @common, @plain);
}

# The range that a tool says for an option, as (least, most, least is open, most is open), or nothing.
sub range_of {
  my ($err) = @_;
  return if $err !~ /expected an? (whole )?number(.*?), found/;
  my ($whole, $text) = ($1 ? 1 : 0, $2);
  my $n = qr/(-?[\d.]+(?:e[-+]?\d+)?)/;
  return {whole => $whole, least => $1, most => $2} if $text =~ /from $n to $n/;
  return {whole => $whole, least => $1, above => 1, most => $2, below => 1} if $text =~ /above $n and below $n/;
  return {whole => $whole, least => $1, most => $2, below => 1} if $text =~ /(?:from|at least) $n(?: and|,)? below $n/;
  return {whole => $whole, least => $1} if $text =~ /at least $n|from $n/;
  return {whole => $whole, least => $1, above => 1} if $text =~ /above $n/;
  return {whole => $whole, most => $1} if $text =~ /at most $n/;
  return {whole => $whole};
}

sub try {
  my ($command, $plain, $flag, $value, $kind, $text) = @{$_[0]};
  my $judge = sub {
    my ($run, $must) = @_;
    my @faults = faults($run);
    push @faults, 'taken, though it should be refused' if $must && !@faults && $run->{status} != 2;
    report("$command $flag $_", $run, $_) for @faults;
  };
  my $long = $flag =~ /^--/;
  if ($kind eq 'flag') {
    $judge->(call($command, $plain, $flag));
  } elsif ($kind eq 'flag=x') {
    $judge->(call($command, $plain, "$flag=x"), 1) if $long;
  } elsif ($kind eq 'misspelt') {
    $judge->(call($command, $plain, $value eq '' ? "${flag}x" : "${flag}x=1"), 1) if $long;
    $judge->(call($command, $plain, uc $flag), 1) if $long;
  } elsif ($kind eq 'words') {
    return if $value !~ /^[a-z0-9-]+\|/;
    for my $wrong ('', 'x', uc((split /\|/, $value)[0]), substr((split /\|/, $value)[0], 0, 2), ' ' . (split /\|/, $value)[0], $value) {
      next if grep { $_ eq $wrong } split /\|/, $value;
      $judge->(call($command, $plain, $long ? "$flag=$wrong" : ($flag, $wrong)), 1);
    }
  } elsif ($kind eq 'twice') {
    my $twice = $value =~ /^([a-z0-9-]+)\|/ ? $1 : '1';
    $judge->(call($command, $plain, $flag, $twice, $flag, $twice), !$repeatable{"$command $flag"});
  } elsif ($kind eq 'range') {
    my $first = call($command, $plain, $flag, 'x');
    $judge->($first);
    my $range = range_of($first->{err}) // return;
    for my $wrong ('', 'nan', 'inf', '-inf', '0x10', ' 1', '1 ', '+1', 'abc', '1e999', "1\t", "1\n", $range->{whole} ? ('1.5', '99999999999999999999999') : ()) {
      $judge->(call($command, $plain, $long ? "$flag=$wrong" : ($flag, $wrong)), 1);
    }
    my @outside;
    push @outside, $range->{above} ? $range->{least} : $range->{whole} ? $range->{least} - 1 : $range->{least} - 1e-6 if defined $range->{least};
    push @outside, -1e12 if defined $range->{least};
    push @outside, $range->{below} ? $range->{most} : $range->{whole} ? $range->{most} + 1 : $range->{most} + 1e-6 if defined $range->{most};
    push @outside, 1e15 if defined $range->{most};
    for my $number (@outside) {
      $judge->(call($command, $plain, $long ? "$flag=$number" : ($flag, $number)), 1);
    }
    for my $edge ($range->{above} ? () : $range->{least} // (), $range->{below} ? () : $range->{most} // ()) {
      next if $edge > 1e6;
      my $run = call($command, $plain, $long ? "$flag=$edge" : ($flag, $edge));
      $judge->($run);
      report("$command $flag edge", $run, "$edge is refused, though the range holds it") if $run->{err} =~ /\Q$flag\E: expected an? (?:whole )?number/;
    }
  } else {
    $judge->(call($command, $plain, $long ? "$flag=$text" : ($flag, $text)));
    $judge->(call($command, $plain, $flag, $text)) if $long && $text =~ /^-/;
  }
}

seed_random($seed);
for my $at (0 .. $#tries) {
  my $other = $at + pick(@tries - $at);
  @tries[$at, $other] = @tries[$other, $at];
}
splice @tries, $count if $count && $count < @tries;
for (@tries) {
  last if !left();
  try($_);
}
printf "%d options, %d tries\n", $tried_options, scalar @tries;
exit(finish('options') ? 0 : 1);
