#!/usr/bin/perl
# Usage: run.pl [--redo] [--must-fail] [--only REGEX] BUILD [FOLDER]
# Runs the golden cases below FOLDER (default: where this script lies, without
# control/), each with J=1 and J=2 against the same expectations; README.md
# says what a case is. --redo rewrites expectations; --must-fail succeeds only if
# every case fails. Exit status 1 if a case fails.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Getopt::Long;

my ($redo, $must_fail, $only) = (0, 0, '.');
GetOptions('redo' => \$redo, 'must-fail' => \$must_fail, 'only=s' => \$only) && @ARGV or die "see the head of $0\n";
my $build = abs_path($ARGV[0]) // die "no such folder: $ARGV[0]\n";
my $here = dirname(abs_path($0));
my $folder = $ARGV[1] ? abs_path($ARGV[1]) : $here;
my $seconds = 120;  # for one run of a case
my %own = map { $_ => 1 } qw(cmd stdout stderr exit xfail tolerance);

$ENV{PATH} = "$build:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
$ENV{TZ} = 'UTC';

sub slurp {
  my ($path) = @_;
  open my $in, '<:raw', $path or return undef;
  local $/;
  return scalar(<$in>) // '';
}
sub spew {
  my ($path, $text) = @_;
  open my $out, '>:raw', $path or die "$path: $!\n";
  print $out $text;
  close $out or die "$path: $!\n";
}
sub cases {
  my ($path) = @_;
  return $path if -e "$path/cmd";
  my @found;
  for my $entry (sort glob "'$path'/*") {
    push @found, cases($entry) if -d $entry && !($path eq $here && $entry =~ m{/(control|shared)$});
  }
  return @found;
}

# Equal but for numbers that differ by no more than the relative tolerance.
sub close_enough {
  my ($expected, $found, $tolerance) = @_;
  my @a = split /([\s,:]+)/, $expected;
  my @b = split /([\s,:]+)/, $found;
  return 0 if @a != @b;
  my $number = qr/^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
  for my $i (0 .. $#a) {
    next if $a[$i] eq $b[$i];
    return 0 if $a[$i] !~ $number || $b[$i] !~ $number;
    my $size = abs($a[$i]) > 1 ? abs($a[$i]) : 1;
    return 0 if abs($a[$i] - $b[$i]) > $tolerance * $size;
  }
  return 1;
}

sub difference {
  my ($what, $expected, $found) = @_;
  my $temporary = tempdir('rec-golden-XXXXXX', TMPDIR => 1, CLEANUP => 1);
  spew("$temporary/expected", $expected);
  spew("$temporary/found", $found);
  my $text = qx(cd '$temporary' && diff -a -u --label expected/$what --label found/$what expected found | head -40);
  $text .= "\n" if $text !~ /\n\z/;
  return join '', map { "    $_\n" } split /\n/, $text;
}

# One run; the outputs and the exit status (128 + N after signal N).
sub run_once {
  my ($case, $threads) = @_;
  my $top = tempdir('rec-golden-XXXXXX', TMPDIR => 1, CLEANUP => 1);
  my $scratch = "$top/case";
  mkdir $scratch;
  for my $entry (glob "'$case'/*") {
    (my $name = $entry) =~ s{.*/}{};
    system('cp', '-R', $entry, "$scratch/$name") == 0 or die "cannot copy $entry\n" if !$own{$name};
  }
  symlink "$here/shared", "$scratch/shared" if -d "$here/shared";
  my $pid = fork // die "fork: $!\n";
  if ($pid == 0) {
    chdir $scratch or die;
    $ENV{J} = $threads;
    $ENV{HOME} = $scratch;
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', "$top/stdout";
    open STDERR, '>', "$top/stderr";
    exec 'timeout', $seconds, 'bash', "$case/cmd" or exit 127;
  }
  waitpid $pid, 0;
  my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
  my %result = (stdout => slurp("$top/stdout"), stderr => slurp("$top/stderr"), exit => "$status\n");
  $result{stderr} =~ s{\Q$case/cmd\E: line (\d+): }{cmd:$1: }g;
  remove_tree($top);
  return \%result;
}

# Text on what is wrong with the case; empty if nothing is.
sub check {
  my ($case) = @_;
  my $tolerance = slurp("$case/tolerance");
  my $problems = '';
  if ($redo) {
    my $result = run_once($case, 1);
    for my $what (qw(stdout stderr exit)) {
      my $nothing = $what eq 'exit' ? "0\n" : '';
      if ($result->{$what} eq $nothing) { unlink "$case/$what" }
      elsif ($result->{$what} ne (slurp("$case/$what") // '')) { spew("$case/$what", $result->{$what}) }
    }
  }
  for my $threads (1, 2) {
    my $result = run_once($case, $threads);
    for my $what (qw(exit stderr stdout)) {
      my $expected = slurp("$case/$what") // ($what eq 'exit' ? "0\n" : '');
      my $found = $result->{$what};
      next if $expected eq $found;
      next if defined $tolerance && $what eq 'stdout' && close_enough($expected, $found, $tolerance);
      $problems .= "  J=$threads: $what differs\n" . difference($what, $expected, $found);
    }
  }
  return $problems;
}

my @cases = grep { (my $name = $_) =~ s{^\Q$folder\E/?}{}; $name =~ /$only/ } cases($folder);
my ($passed, $failed, $expected_failures) = (0, 0, 0);
chomp(my $workers = qx(nproc 2>/dev/null) || 2);
my @pipes;
for my $worker (0 .. $workers - 1) {  # every worker takes each workers'th case
  pipe(my $read, my $write) or die "pipe: $!\n";
  my $pid = fork // die "fork: $!\n";
  if ($pid == 0) {
    close $read;
    binmode $write;
    for (my $i = $worker; $i < @cases; $i += $workers) {
      my $problems = eval { check($cases[$i]) } // "  $@";
      print $write pack('NN', $i, length $problems), $problems;
    }
    close $write;
    exit 0;
  }
  close $write;
  push @pipes, $read;
}
my %problems_of;
for my $pipe (@pipes) {
  binmode $pipe;
  while (read($pipe, my $head, 8)) {
    my ($i, $length) = unpack 'NN', $head;
    my $text = '';
    read($pipe, $text, $length) if $length;
    $problems_of{$i} = $text;
  }
}
while (wait != -1) { }
for my $i (0 .. $#cases) {
  (my $name = $cases[$i]) =~ s{^\Q$here\E/}{};
  my $problems = $problems_of{$i} // "  the runner died\n";
  my $xfail = slurp("$cases[$i]/xfail");
  if (defined $xfail) {
    $xfail =~ s/\s+/ /g;
    if ($problems eq '') {
      ++$failed;
      print "FAILED $name: passes, though xfail says: $xfail\n" if !$must_fail;
    } else {
      ++$expected_failures;
      print "expected failure $name: $xfail\n";
    }
  } elsif ($problems ne '') {
    ++$failed;
    print "FAILED $name\n$problems" if !$must_fail;
  } else {
    ++$passed;
    print "FAILED $name: passes, and must not\n" if $must_fail;
  }
}
if ($must_fail) {
  print "$failed of ", scalar(@cases), " cases fail, as all must\n";
  exit(@cases && $failed == @cases ? 0 : 1);
}
print "$expected_failures expected failures\n" if $expected_failures;
print "$passed passed, $failed failed\n";
exit($failed || !@cases ? 1 : 0);
