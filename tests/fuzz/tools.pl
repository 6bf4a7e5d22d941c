#!/usr/bin/perl
# Usage: tools.pl [--count N] [--seconds S] [--seed N] [--findings FOLDER] [--only REGEX] BUILD
# Runs the tools themselves on models of every type, checkpoints and tables that were changed: fields,
# lines and bytes, with the checksum of a model made to fit or left out. A run may end with 0, 1 or 2
# and, if not 0, one line on stderr and no output; within 1 GiB and 20 seconds.
# --count (300) runs or --seconds, whichever ends first. Exit status 1 for a finding.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Getopt::Long;
use lib dirname(abs_path($0));
our @arguments = @ARGV;
use Runs;

my ($count, $seconds, $seed, $only, $findings) = (0, 0, 1, '.', '');
GetOptions('count=i' => \$count, 'seconds=f' => \$seconds, 'seed=i' => \$seed, 'only=s' => \$only, 'findings=s' => \$findings)
  && @ARGV == 1 or die "see the head of $0\n";
$count ||= $seconds ? 1e9 : 300;
begin($ARGV[0], $seconds, $findings && abs_path($findings) // $findings);

my %trainers = (
  pop => 'pop', recent => 'pop --half-life 1000000', categories => 'pop --item-features features.tsv', als => 'als -d 3 -e 1', ease => 'ease', svd => 'svd -d 2',
  mf => 'mf -d 2 -e 1', knn => 'knn', users => 'knn --by user', pool => 'attention-pool -d 3 -e 1', query => 'attention-pool -d 3 -e 1 --query candidate',
  neural => 'neural -d 3 -e 1', mlp => 'neural -d 3 -e 1 --attention dot --predictor mlp --loss bce', sasrec => 'sasrec -d 4 --max-len 4 -e 1',
  bert4rec => 'bert4rec -d 4 --max-len 4 -e 1 --positions rope',
);
my %resumes = (als => 'als -d 3 -e 2', mf => 'mf -d 2 -e 2', neural => 'neural -d 3 -e 2', sasrec => 'sasrec -d 4 --max-len 4 -e 2', pool => 'attention-pool -d 3 -e 2');
my (%model, %checkpoint);
for my $name (sort keys %trainers) {
  my $run = run('rec-embed', split(' ', $trainers{$name}), qw(-q -j 1 log.tsv));
  die "rec-embed $trainers{$name}: $run->{err}" if $run->{status} || $run->{signal};
  $model{$name} = $run->{out};
}
for my $name (sort keys %resumes) {
  unlink 'checkpoint';
  my $run = run('rec-embed', split(' ', $resumes{$name} =~ s/-e 2/-e 1/r), qw(-q -j 1 --checkpoint checkpoint -o out/model log.tsv));
  die "rec-embed $resumes{$name} --checkpoint: $run->{err}" if $run->{status} || $run->{signal};
  $checkpoint{$name} = run(qw(rec-model convert -q --to text -m checkpoint))->{out};
  die "the checkpoint of $name cannot be converted\n" if $checkpoint{$name} !~ /^rec-model\t/;
}

my @hostile = ('', ' ', 'nan', '-1', '-0', '0', '1', '2', '3', '64', '1e9', '65536', '2147483648', '4294967295', '4294967296', '18446744073709551615',
  '18446744073709551616', '-9223372036854775808', 'inf', '-inf', '1e308', '1e-320', '1e38', '3.5e38', '0x10', ' 1', '+1', '1.5', "\e[31m", "\xff\xfe", 'a"b', '"', "\0",
  "\r", '#', 'user', 'items.factors', 'users.history', 'transformer', 'als', 'history', 'linear', 'mlp', 'multi-head', 'attention-pool', 'x' x 3000, "\xef\xbb\xbf", 'i1', 'u1');

sub changed {
  my ($text, $separator) = @_;
  my @lines = split /(?<=\n)/, $text;
  for (1 .. 1 + pick(4)) {
    last if !@lines;
    my $at = pick(scalar @lines);
    # Half of the changes of a model: its head.
    if ($text =~ /^rec-model\t/ && chance(2)) {
      my $head = grep { /^(rec-model|meta|tensor|sparse)\t/ } @lines;
      $at = pick($head) if $head;
    }
    my $what = pick(10);
    if ($what < 6) {
      my @fields = split /(?<!\n)$separator/, $lines[$at], -1;
      my $field = pick(scalar @fields);
      my $end = $fields[$field] =~ /(\n)$/ ? "\n" : '';
      $fields[$field] = $hostile[pick(scalar @hostile)] . $end;
      $lines[$at] = join $separator, @fields;
    } elsif ($what == 6) {
      splice @lines, $at, 1;
    } elsif ($what == 7) {
      splice @lines, $at, 0, $lines[pick(scalar @lines)];
    } elsif ($what == 8) {
      my $other = pick(scalar @lines);
      @lines[$at, $other] = @lines[$other, $at];
    } elsif (length $lines[$at]) {
      substr($lines[$at], pick(length $lines[$at]), 1) = chance(2) ? chr pick(256) : '';
    }
  }
  my $made = join '', @lines;
  $made = substr $made, 0, pick(1 + length $made) if chance(40);
  return $made;
}

sub changed_model {
  my ($text) = @_;
  return changed($text, "\t") if chance(10);
  $text =~ s/end\t[^\n]*\n\z//;
  return changed($text, "\t") . "end\t-\n";
}

my @of_model = (
  'rec-model info -m F', 'rec-model convert --to text -m F -o out/model', 'rec-model convert --to safetensors -m F -o out/model',
  'rec-model similar -m F i1 i3', 'rec-model similar -m F --function dot --top 3 i0',
  'rec-score -m F candidates.tsv', 'rec-score -m F --history history.tsv candidates.tsv', 'rec-score -m F --all --top 3 --history history.tsv users.tsv',
  'rec-score -m F --labels log.tsv', 'rec-score -m F --all --attention dot --exclude log.tsv users.tsv',
  'rec-score -m F --predictor mlp candidates.tsv', 'rec-score -m F --predictor exp candidates.tsv', 'rec-score -m F --predictor neighbours --fallback zero candidates.tsv',
  'rec-attend -m F candidates.tsv', 'rec-attend -m F --all users.tsv', 'rec-attend -m F --over history --history history.tsv candidates.tsv',
  'rec-attend -m F --over history --by-head --history history.tsv candidates.tsv', 'rec-attend -m F --function multi-head --fallback popular candidates.tsv',
  'rec-rank -m F --diversify mmr scores.tsv', 'rec-rank -m F --diversify dpp scores.tsv', 'rec-rank -m F --dedup cosine>=0.9 scores.tsv',
  'rec-embed als -d 3 -e 1 --init F -o out/model log.tsv', 'rec-embed als --init F --half-epoch user log.tsv', 'rec-embed als --init F --half-epoch item log.tsv',
  'rec-features text --apply F texts.tsv', 'rec-features numbers --apply F log.tsv', 'rec-model join -m F --users rows -o out/model', 'rec-model join -m F --items rows -o out/model',
);
my %of_table = (
  'log.tsv' => ['rec-features graph --friends --columns user=user,friend=item F', 'rec-features numbers --column value --columns item=item,value=value F',
    'rec-data check F', 'rec-data check --json --test F log.tsv', 'rec-data check --bad-lines skip --valid log.tsv F',
    'rec-split --method hash-row --train out/a --test out/b F', 'rec-split --method time --train out/a --valid out/c --test out/b F',
    'rec-split --method leave-one-out --train out/a --test out/b F', 'rec-split --method user-time --k-core 2 --train out/a --test out/b F',
    'rec-embed pop F', 'rec-embed als -d 3 -e 1 F', 'rec-embed als -d 3 -e 1 --confidence log --half-life 1000 F', 'rec-embed als -d 3 -e 1 --valid F log.tsv', 'rec-embed ease F', 'rec-embed svd -d 2 F', 'rec-embed mf -d 2 -e 1 F',
    'rec-embed knn F', 'rec-embed knn --similarity bm25 F', 'rec-embed sasrec -d 4 --max-len 4 -e 1 F', 'rec-embed attention-pool -d 3 -e 1 F', 'rec-embed neural -d 3 -e 1 F',
    'rec-tune --valid truth.tsv --space pop F', 'rec-tune --valid F --models pop,svd --trials 2 log.tsv',
    'rec-embed bert4rec -d 4 --max-len 4 -e 1 F', 'rec-score -m als.model --history F candidates.tsv', 'rec-score -m sasrec.model --all --exclude F --history F users.tsv',
    'rec-rank --exclude F scores.tsv', 'rec-rank --calibrate genre --features features.tsv --history F scores.tsv', 'rec-eval -m novelty,coverage --truth truth.tsv --train F ranking.tsv'],
  'board.tsv' => ['rec-tune --valid truth.tsv --space pop --trials 1 --leaderboard F -o out/model log.tsv'],
  'candidates.tsv' => ['rec-score -m als.model F', 'rec-attend -m als.model F', 'rec-attend -m als.model --grouped F', 'rec-attend -m als.model --ungrouped --keep F'],
  'texts.tsv' => ['rec-features text F', 'rec-features text --characters 2-3 F', 'rec-features text --ngrams 2 --min-count 2 F', 'rec-features text --stop-words F texts.tsv'],
  'users.tsv' => ['rec-score -m als.model --all F', 'rec-attend -m knn.model --all F'],
  'scores.tsv' => ['rec-rank F', 'rec-rank --grouped F', 'rec-rank --format trec F', 'rec-rank --bad-lines skip F', 'rec-rank --blend rrf F ranking.tsv', 'rec-rank --explore epsilon=0.3 F'],
  'ranking.tsv' => ['rec-eval --truth truth.tsv F', 'rec-eval --truth truth.tsv --compare F --permutations 100 --bootstrap 100 ranking.tsv', 'rec-eval --truth truth.tsv --per-user F', 'rec-eval --truth truth.tsv --json F',
    'rec-view F', 'rec-view --compare F --history log.tsv ranking.tsv', 'rec-rank --interleave F ranking.tsv', 'rec-eval --truth truth.tsv --by users.tsv:user F'],
  'truth.tsv' => ['rec-eval --truth F ranking.tsv', 'rec-eval -m delta_ab --clicks F teams.tsv', 'rec-eval -m err,bpref,rbp --truth F ranking.tsv'],
  'features.tsv' => ['rec-rank --features F --cap genre=1 scores.tsv', 'rec-rank --features F --diversify mmr --similarity jaccard:genre scores.tsv', 'rec-rank --features F --exposure genre --report out/report scores.tsv',
    'rec-eval -m diversity --features F --truth truth.tsv ranking.tsv', 'rec-embed pop --item-features F --category genre log.tsv', 'rec-features join F', 'rec-features stats F'],
  'boosts.tsv' => ['rec-rank --boost F scores.tsv', 'rec-rank --titles F scores.tsv'], 'pins.tsv' => ['rec-rank --pin F scores.tsv'], 'counts.tsv' => ['rec-rank --explore thompson --draws 20 --counts F scores.tsv'],
  'items.tsv' => ['rec-rank --allow F scores.tsv', 'rec-rank --block F scores.tsv', 'rec-eval -m coverage,gini --items F --truth truth.tsv ranking.tsv'],
  'predictions.tsv' => ['rec-eval -m auc,gauc,logloss,rmse,ece F', 'rec-eval -m auc --bootstrap 100 F', 'rec-eval -m r2,fcp --calibration-table out/curve F'],
  'events.tsv' => ['rec-eval -m ctr,cr F', 'rec-eval -m ctr --ab F', 'rec-eval -m cvr --ab --bootstrap 100 F'],
  'raw.tsv' => ['rec-eval --events F', 'rec-eval --events -m ctr,cr,cvr --mixed-users keep --bots drop --max-per-user 3 --bootstrap 100 --event-table out/counts F'], 'policy.tsv' => ['rec-eval -m ips,snips,dr F', 'rec-eval -m ips --clip 2 --bootstrap 100 F'],
  'teams.tsv' => ['rec-eval -m delta_ab --clicks truth.tsv F'], 'run.txt' => ['rec-eval --format trec --truth qrels.txt F', 'rec-eval --format trec -m all_trec --truth qrels.txt F'],
  'qrels.txt' => ['rec-eval --format trec --truth F run.txt', 'rec-eval --format trec -m official --truth F run.txt'],
);
run(qw(rec-tune -q -j 1 --valid truth.tsv --space pop --trials 1 --leaderboard board.tsv log.tsv));
my @tables = sort keys %of_table;
my @models = sort keys %model;
my @checkpoints = sort keys %checkpoint;
spew('rows', run('rec-embed', 'als', '-q', '-j', '1', '--init', 'als.model', '--half-epoch', 'user', 'log.tsv')->{out});

seed_random($seed);
for (my $done = 0; $done < $count && left(); ++$done) {
  my ($command, $numbers) = ('', 0);
  my $kind = pick(8);
  my $file = 'F';
  if ($kind < 4) {
    $command = $of_model[pick(scalar @of_model)];
    spew($file, changed_model($model{$models[pick(scalar @models)]}));
    $numbers = $command =~ /^rec-(score|attend|model similar)/ && $command !~ /--labels/;
    if ($command =~ /join/ && chance(2)) {
      spew($file, $model{als});
      spew('rows', changed(slurp('rows'), "\t"));
    }
    if (chance(4)) {  # the other encoding, where the model can be read at all
      my $other = run(qw(rec-model convert -q --to safetensors -m F));
      if ($other->{status} == 0) {
        substr($other->{out}, pick(length $other->{out}), 1) = chr pick(256) if chance(4);
        spew($file, $other->{out});
      }
    }
  } elsif ($kind == 4) {
    my $name = $checkpoints[pick(scalar @checkpoints)];
    $name = chance(8) ? $checkpoints[pick(scalar @checkpoints)] : $name;
    $command = "rec-embed $resumes{$name} --checkpoint F --resume -o out/model log.tsv";
    spew($file, changed_model($checkpoint{$name}));
  } else {
    my $table = $tables[pick(scalar @tables)];
    my $commands = $of_table{$table};
    $command = $commands->[pick(scalar @$commands)];
    my $text = changed(slurp($table), $table =~ /txt$/ ? ' ' : "\t");
    spew($file, $text);
    $numbers = 0;
  }
  next if $command !~ /$only/;
  my $run = run((map { /^F$/ ? $file : /^F:/ ? s/F/$file/r : $_ } split ' ', $command), '-q', '-j', chance(16) ? '2' : '1');
  my @faults = faults($run);
  if ($numbers && !@faults) {
    push @faults, 'a value that is not finite on stdout' if $run->{out} =~ /^[^\t\n]*\t[^\t\n]*\t(?:[^\t\n]*\t)*-?(?:nan|inf)(?:\t|$)/m;
  }
  for my $fault (@faults) {
    (my $kept = "$command $fault") =~ s/\d+//g;
    report($kept, $run, $fault, $file);
  }
  spew('rows', run('rec-embed', 'als', '-q', '-j', '1', '--init', 'als.model', '--half-epoch', 'user', 'log.tsv')->{out}) if $command =~ /join/;
  unlink 'F';
}
exit(finish('tools') ? 0 : 1);
