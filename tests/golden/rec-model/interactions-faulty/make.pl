# Usage: perl make.pl [CHANGE...]
# Prints interactions in binary: three rows of the users ann and bob, the items x, y and z. Changes:
# NAME=1,2,3 or NAME:DTYPE=1,2,3 (a tensor), NAME= (left out), meta.KEY=TEXT, shape.NAME=N, offset.NAME=N (its end),
# length=N (of the header, as the file says it).
use strict;
use warnings;

my %pack = (U8 => 'C*', U32 => 'L<*', I32 => 'l<*', I64 => 'q<*', F32 => 'f<*', F64 => 'd<*');
my @tensors = (
    ['users.ids.begin', 'I64', '0,3,6'], ['items.ids.begin', 'I64', '0,1,2,3'], ['timestamp', 'F64', '5,6,7'],
    ['user', 'U32', '0,1,1'], ['item', 'U32', '0,2,1'], ['value', 'F32', '1,2,3'],
    ['users.ids', 'U8', join(',', unpack 'C*', 'annbob')], ['items.ids', 'U8', join(',', unpack 'C*', 'xyz')]);
my %meta = (format => 'rec-interactions', version => 1, checksum => '-', sorted => 'user', header => 'no');
my (%shape, %offset, $length);
for (@ARGV) {
    my ($name, $text) = split /=/, $_, 2;
    if ($name =~ /^meta\.(.*)/)      { $meta{$1} = $text }
    elsif ($name =~ /^shape\.(.*)/)  { $shape{$1} = $text }
    elsif ($name =~ /^offset\.(.*)/) { $offset{$1} = $text }
    elsif ($name eq 'length')        { $length = $text }
    else {
        my ($key, $dtype) = split /:/, $name;
        my ($its) = grep { $_->[0] eq $key } @tensors;
        push @tensors, $its = [$key, 'U32', ''] if !$its;
        @$its[1, 2] = ($dtype // $its->[1], $text);
    }
}
my $data = '';
my @parts = '"__metadata__":{' . join(',', map qq("$_":"$meta{$_}"), sort keys %meta) . '}';
for (@tensors) {
    my ($name, $dtype, $text) = @$_;
    next if $text eq '';
    my @values = split /,/, $text;
    my $from = length $data;
    $data .= pack $pack{$dtype}, @values;
    my ($shape, $end) = ($shape{$name} // scalar @values, $offset{$name} // length $data);
    push @parts, qq("$name":{"dtype":"$dtype","shape":[$shape],"data_offsets":[$from,$end]});
}
my $header = '{' . join(',', @parts) . '}';
$header .= ' ' x (-length($header) % 8);
binmode STDOUT;
print pack('Q<', $length // length $header), $header, $data;
