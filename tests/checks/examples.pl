#!/usr/bin/perl
# Usage: examples.pl [--with NAME,...] [--redo] TREE BUILD FILE...
# Runs the examples of README.md and man pages and compares what they print.
# --with: programs such as sqlite3 that are here beside those of `make check`; see "needs" below.
# --redo: writes what the commands print into the file, in place of what stands there.
#
# An example is a session: lines "$ command" (a command goes on in the next line
# after a backslash), then what it prints on stdout. A line "..." stands for any
# number of lines; "2>&1" in the command shows stderr too. A command must exit
# with 0 ("; echo $?" shows another status). What is run:
#   Markdown   ```console fences; all of them. Hidden commands, such as those
#              that make the input: <!-- $ command -->, one or more lines.
#   man pages  .EX/.EE blocks that hold a line "$ command"; all of them. Hidden
#              commands: .\" $ command
# The sessions of one file run in order in one scratch folder that links to the
# tree's examples/, with the tools on PATH. A Markdown session under
# <!-- not run: reason --> (man: .\" not run: reason) is left out. What follows
# <!-- needs: NAME... --> (man: .\" needs: NAME...), up to the next heading, is left out
# unless --with has every NAME; a line says so.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);

my (%with, $redo);
while (@ARGV && $ARGV[0] =~ /^--/) {
  my $flag = shift;
  if ($flag eq '--redo') { $redo = 1 }
  elsif ($flag eq '--with') { $with{$_} = 1 for split /,/, shift }
  else { die "examples.pl: no option $flag\n" }
}
my ($tree, $build, @files) = @ARGV;
$_ = abs_path($_) for $tree, $build;
$ENV{PATH} = "$build:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
my ($passed, $failed) = (0, 0);

# A line of roff as it is printed.
sub unescaped {
  my ($line) = @_;
  $line =~ s/^\\&//;
  $line =~ s/\\-/-/g;
  $line =~ s/\\f[BIRP]|\\f\(..|\\&//g;
  $line =~ s/\\\(ti/~/g;
  $line =~ s/\\\(ha/^/g;
  $line =~ s/\\\(aq/'/g;
  $line =~ s/\\\(dq/"/g;
  $line =~ s/\\t/\t/g;
  $line =~ s/\\[e\\]|\\\(rs/\\/g;
  return $line;
}

# The same the other way: a line that was printed, as roff.
sub escaped {
  my ($line) = @_;
  $line =~ s/\\/\\e/g;
  $line =~ s/-/\\-/g;
  $line =~ s/~/\\(ti/g;
  $line =~ s/\^/\\(ha/g;
  $line =~ s/'/\\(aq/g;
  $line =~ s/^\./\\&./;
  return $line;
}

# A file's sessions: [line number, command, expected output or undef, index of the line behind the command].
sub sessions {
  my ($file) = @_;
  open my $in, '<', $file or die "$file: $!\n";
  my @lines = <$in>;
  chomp @lines;
  my $man = $file =~ /\.[1-8]$/;
  my (@steps, $inside, $hidden, $skip, $current, $lacks);
  my $i = 0;
  while ($i < @lines) {
    my $number = $i + 1;
    my $line = $lines[$i++];
    if (!$inside && $line =~ ($man ? qr/^\.\\" needs: (.+)/ : qr/^<!-- needs: (.+?) *-->/)) {
      my @missing = grep { !$with{$_} } split ' ', $1;
      $lacks = @missing ? join(', ', @missing) : undef;
      print "left out: $file:$number: needs $lacks\n" if $lacks;
      next;
    }
    undef $lacks if !$inside && $line =~ ($man ? qr/^\.S[HS]/ : qr/^#/);
    if ($man) {
      if ($line =~ /^\.\\" not run/) { $skip = 1; next }
      if ($line =~ /^\.\\" \$ (.*)/) { push @steps, [$number, $1, undef] if !$lacks; next }
      if ($line =~ /^\.EX/) { $inside = 1; undef $current; next }
      if ($line =~ /^\.EE/) { $inside = 0; $skip = 0; next }
      next if !$inside;
      $line = unescaped($line);
    } elsif ($hidden || $line =~ /^<!-- \$ /) {
      $hidden = $line !~ /-->\s*$/;
      push @steps, [$number, $1, undef] if !$lacks && $line =~ /^(?:<!-- )?\$ (.*?)(?: *-->)?\s*$/;
      next;
    } else {
      if ($line =~ /^<!-- not run/) { $skip = 1; next }
      if (!$inside && $line =~ /^```console/) { $inside = 1; undef $current; next }
      if ($inside && $line =~ /^```/) { $inside = 0; $skip = 0; next }
      next if !$inside;
    }
    next if $skip || $lacks;
    if ($line =~ /^\$ (.*)/) {
      my $command = $1;
      while ($command =~ /\\$/ && $i < @lines) {
        my $more = $lines[$i++];
        $more = unescaped($more) if $man;
        $more =~ s/^> //;
        $command .= "\n$more";
      }
      $current = [$number, $command, [], $i];
      push @steps, $current;
    } elsif ($current) {
      push @{$current->[2]}, $line;
    }
  }
  return @steps;
}

sub matches {
  my ($expected, $found) = @_;
  my $pattern = join '', map { $_ eq '...' ? '(?:.*\n)*?' : quotemeta($_) . '[ ]*\n' } @$expected;
  return $found =~ /\A$pattern\z/;
}

sub rewrite {
  my ($file, @changes) = @_;
  open my $in, '<', $file or die "$file: $!\n";
  my @lines = <$in>;
  my $man = $file =~ /\.[1-8]$/;
  for my $change (reverse @changes) {
    my ($first, $count, $new) = @$change;
    splice @lines, $first, $count, map { ($man ? escaped($_) : $_) . "\n" } @$new;
  }
  open my $out, '>', $file or die "$file: $!\n";
  print $out @lines;
  close $out or die "$file: $!\n";
  printf "%s: %d written anew\n", $file, scalar @changes;
}

for my $file (@files) {
  (my $name = abs_path($file)) =~ s/^\Q$tree\E\///;
  my @steps = sessions($file);
  my $folder = tempdir('rec-examples-XXXXXX', TMPDIR => 1, CLEANUP => 1);
  symlink "$tree/examples", "$folder/examples";
  my @changes;  # [index of the first line, lines there, lines to stand there]
  for my $step (@steps) {
    my ($line, $command, $expected, $behind) = @$step;
    open my $script, '>', "$folder/.command" or die $!;
    print $script "cd '$folder'\n$command\n";
    close $script;
    my $found = qx(bash -o pipefail '$folder/.command' 2>'$folder/.stderr' </dev/null);
    my $status = $? >> 8;
    if ($redo && $status == 0 && $expected && !matches($expected, $found)) {
      push @changes, [$behind, scalar @$expected, [split /\n/, $found, -1]];
      pop @{$changes[-1][2]};
    } elsif ($status != 0 || ($expected && !matches($expected, $found))) {
      ++$failed;
      print "FAILED $name:$line: \$ $command\n";
      print "  exit status $status\n" if $status;
      if ($expected) {
        print "  expected:\n", map { "    $_\n" } @$expected;
        print "  found:\n", map { "    $_\n" } split /\n/, $found;
      }
      open my $errors, '<', "$folder/.stderr";
      print "  stderr: $_" while <$errors>;
    } else {
      ++$passed;
    }
  }
  rewrite($file, @changes) if @changes;
}
chdir '/';
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
