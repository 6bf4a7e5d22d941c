# What the fuzzers of whole commands share: a scratch folder with small tables and models, runs
# under limits of time and memory, and what is a fault of a run. Needs perl-base and bash.
package Runs;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Temp qw(tempdir);
use Time::HiRes qw(time);
our @EXPORT = qw(begin run faults spew slurp shown pick chance seed_random left finish report);

our $seconds_of_a_run = 20;
our $mebibytes = 1024;
my ($folder, $kept, $until, $runs, $done, $found) = ('', '', undef, 0, 0, 0);
my %seen;
my $state = 1;

# The same numbers on every machine and perl.
sub seed_random { $state = ($_[0] * 2654435761 + 12345) & 0xffffffff }
sub pick {
  $state = ($state * 1664525 + 1013904223) & 0xffffffff;
  return ($state >> 8) % $_[0];
}
sub chance { return pick($_[0]) == 0 }

sub spew {
  my ($path, $text) = @_;
  open my $out, '>:raw', $path or die "$path: $!\n";
  print $out $text;
  close $out or die "$path: $!\n";
}
sub slurp {
  my ($path) = @_;
  open my $in, '<:raw', $path or return '';
  local $/;
  return scalar(<$in>) // '';
}

# begin(BUILD, SECONDS, FINDINGS): the limit on addresses is set anew for this process, so
# it holds for all it starts; a sanitizer's build has none. Leaves us in the scratch folder.
sub begin {
  my ($build, $seconds, $findings) = @_;
  $build = abs_path($build) // die "no such folder: $_[0]\n";
  if (!$ENV{SANITIZE} && !$ENV{RUNS_LIMITED}) {
    $ENV{RUNS_LIMITED} = 1;
    my $kibibytes = 1024 * $mebibytes;
    exec 'bash', '-c', "ulimit -v $kibibytes -c 0 && exec \"\$@\"", 'bash', $^X, $0, @main::arguments or die "bash: $!\n";
  }
  $ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (), "detect_leaks=0:max_allocation_size_mb=$mebibytes:hard_rss_limit_mb=2048:exitcode=99"
    if $ENV{SANITIZE};
  $ENV{UBSAN_OPTIONS} = 'print_stacktrace=1';
  $ENV{PATH} = "$build:$ENV{PATH}";
  $ENV{LC_ALL} = 'C';
  $seconds_of_a_run = 120 if $ENV{SANITIZE};
  $kept = $findings;
  $until = time + $seconds if $seconds;
  $folder = tempdir('rec-fuzz-XXXXXX', TMPDIR => 1, CLEANUP => 1);
  chdir $folder or die "$folder: $!\n";
  mkdir 'out';
  my $rows = join '', map {
    my $u = $_;
    map { sprintf "u%d\ti%d\t%d\t%d\n", $u, ($u * 7 + $_ * 3) % 9, 1 + ($u + $_) % 5, 1700000000 + 86400 * ($_ * 3 + $u) } 0 .. 4
  } 0 .. 7;
  spew('log.tsv', "user\titem\tvalue\ttimestamp\n$rows");
  spew('labelled.tsv', join '', "label\tuser\titem\tday\n", map { ($_ * 7 % 3 ? 1 : 0) . "\tu" . $_ % 5 . "\ti" . $_ % 7 . "\td" . $_ % 2 . "\n" } 1 .. 40);
  spew('truth.tsv', join '', map { "u$_\ti" . ($_ * 7 + 4) % 9 . "\t" . (1 + $_ % 3) . "\n" } 0 .. 7);
  spew('ranking.tsv', join '', map { my $u = $_; map { "u$u\ti$_\t" . (9 - $_) / 4 . "\t" . ($_ + 1) . "\n" } 0 .. 5 } 0 .. 7);
  spew('scores.tsv', join '', map { my $u = $_; map { "u$u\ti$_\t" . (($u * 31 + $_ * 17) % 13) / 8 . "\n" } 0 .. 5 } 0 .. 7);
  spew('candidates.tsv', join '', map { my $u = $_; map { "u$u\ti$_\n" } 0 .. 3 } 0 .. 3, 'new');
  spew('history.tsv', "new\ti0\t5\t1700000000\nnew\ti3\t2\t1700086400\n");
  spew('users.tsv', "user\nu0\nu1\nnew\n");
  spew('items.tsv', join('', map { "i$_\n" } 0 .. 8));
  spew('features.tsv', "item\tfeature\tvalue\n" . join('', map { "i$_\tgenre=" . chr(97 + $_ % 3) . "\t1\n" } 0 .. 8));
  spew('texts.tsv', join('', map { "i$_\tword$_ and " . chr(97 + $_ % 3) . " caf\xc3\xa9\n" } 0 .. 8));
  spew('boosts.tsv', "item\tboost\ni1\t2\ni3\t-1\n");
  spew('pins.tsv', "item\trank\ni4\t1\n");
  spew('counts.tsv', "item\timpressions\tclicks\n" . join('', map { "i$_\t" . (20 + $_) . "\t$_\n" } 0 .. 8));
  spew('predictions.tsv', "label\tprediction\tweight\tuser\n" . join('', map { ($_ * 5 % 3 == 0 ? 1 : 0) . "\t0." . ($_ % 9 + 1) . "\t1\tu" . $_ % 3 . "\n" } 0 .. 20));
  spew('raw.tsv', "user\titem\tvariant\tevent\ttimestamp\n" . join('', map { 'u' . $_ % 7 . "\ti" . $_ % 3 . "\t" . ($_ % 7 % 2 ? 'a' : 'b') . "\t" . ('shown', 'shown', 'clicked', 'bought')[$_ % 4] . "\t" . (1_700_000_000 + int($_ / 2)) . "\n" } 0 .. 40));
  spew('events.tsv', "user\titem\tvariant\timpressions\tclicks\tconversions\n" . join('', map { "u$_\ti1\t" . ($_ % 2 ? 'a' : 'b') . "\t5\t" . $_ % 4 . "\t" . ($_ % 4 ? 1 : 0) . "\n" } 0 .. 20));
  spew('policy.tsv', "user\treward\tpropensity\ttarget\tpredicted\texpected\n" . join('', map { "u" . $_ % 5 . "\t" . $_ % 2 . "\t0.5\t0." . (1 + $_ % 8) . "\t0.4\t0.3\n" } 0 .. 20));
  spew('teams.tsv', "user\titem\tscore\trank\tteam\n" . join('', map { my $u = $_; map { "u$u\ti$_\t1\t" . ($_ + 1) . "\t" . (($u + $_) % 2 ? 'A' : 'B') . "\n" } 0 .. 3 } 0 .. 7));
  spew('run.txt', join('', map { my $u = $_; map { "u$u Q0 i$_ " . ($_ + 1) . ' ' . (9 - $_) . " rec\n" } 0 .. 5 } 0 .. 7));
  spew('qrels.txt', join('', map { "u$_ 0 i" . $_ % 6 . " 1\n" } 0 .. 7));
  for my $train (['als.model', 'als -d 3 -e 1'], ['pop.model', 'pop'], ['sasrec.model', 'sasrec -d 4 --max-len 4 -e 1'], ['knn.model', 'knn'],
                 ['als.safetensors', 'als -d 3 -e 1']) {
    my $said = `rec-embed $train->[1] -q -j 1 -o $train->[0] log.tsv 2>&1`;
    die "the fixture could not be made: rec-embed $train->[1]: $said\n" if $?;
  }
  return $folder;
}

# Whether there is time, or no limit.
sub left { return !defined $until || time < $until }

# run(COMMAND...): { command, status, signal, out, err, made }: what it left in out/.
sub run {
  my @command = @_;
  ++$runs;
  unlink glob 'out/* out/.*';
  my $child = fork // die "fork: $!\n";
  if ($child == 0) {
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', 'stdout';
    open STDERR, '>', 'stderr';
    alarm $seconds_of_a_run;
    exec { $command[0] } @command or print STDERR "$command[0]: $!\n";
    exit 127;
  }
  waitpid $child, 0;
  ++$done if $? == 0;
  return {command => \@command, status => $? >> 8, signal => $? & 127, out => slurp('stdout'), err => slurp('stderr'),
          made => [map { s{^out/}{}r } grep { -f } glob 'out/* out/.*']};
}

# What is wrong with a run, in words; nothing if all is well. Options: numbers => 1: no field
# of stdout is nan or inf.
sub faults {
  my ($run, %options) = @_;
  my ($status, $err) = ($run->{status}, $run->{err});
  return "no end after $seconds_of_a_run s" if $run->{signal} == 14;
  my @faults;
  push @faults, "killed by signal $run->{signal}" if $run->{signal};
  push @faults, 'a report of a sanitizer' if $err =~ /Sanitizer|runtime error:/;
  push @faults, "exit status $status" if !$run->{signal} && $status > 2;
  push @faults, 'a control byte on stderr' if $err =~ /[\x00-\x08\x09\x0b-\x1f\x7f]/;
  push @faults, 'no UTF-8 on stderr' if !utf8::decode(my $copy = $err);
  if ($status && !@faults) {
    my $lines = () = $err =~ /\n/g;
    push @faults, "$lines lines on stderr" if $lines != 1;
    push @faults, 'an output in spite of the error: ' . join ' ', @{$run->{made}} if @{$run->{made}};
  }
  push @faults, "\"$1\" on stdout" if $options{numbers} && $run->{out} =~ /(?:^|\t)(-?(?:nan|inf))(?:\t|\n|$)/m;
  return @faults;
}

# A command as a person can type it.
sub shown {
  return join ' ', map {
    my $word = $_;
    if ($word =~ /[^\x20-\x7e]/) {
      $word =~ s/([\\'])/\\$1/g;
      $word =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
      length $word > 200 ? '"<' . length($word) . ' bytes>"' : "\$'$word'";
    } elsif (length $word > 200) {
      '"<' . length($word) . ' bytes>"';
    } else {
      $word =~ /^[\w.,:=\/+-]+$/ ? $word : "'" . $word =~ s/'/'\\''/gr . "'";
    }
  } @_;
}

# Says a finding, once for each `kind`, and keeps `files` of it.
sub report {
  my ($kind, $run, $fault, @files) = @_;
  return if $seen{$kind}++;
  ++$found;
  print "FINDING $fault\n  command  ", shown(@{$run->{command}}), "\n  exit     $run->{status}\n  stderr   ",
    substr($run->{err}, 0, 1500) =~ s/([^\x20-\x7e\n])/sprintf '\\x%02x', ord $1/ger =~ s/\n(?=.)/\n           /gr, "\n";
  for my $file (@files) {
    next if !$kept;
    mkdir $kept;
    my $name = "$kept/$found-" . ($file =~ s{.*/}{}r);
    spew($name, slurp($file));
    print "  file     $name\n";
  }
}

sub finish {
  my ($name) = @_;
  print "$name: $runs runs, $done of them done and the others refused, $found findings\n";
  chdir '/';
  return $found == 0 && $runs > 0;
}

1;
