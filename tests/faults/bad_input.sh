#!/bin/bash
# Runs every case of bad_input.tsv and compares exit status and stderr exactly.
#   BIN=build tests/faults/bad_input.sh [--table | --redo]
# --table prints the cases; --redo writes what the tools do now to stdout, in the
# form of bad_input.tsv, for a person to read before it replaces the file.
# A case's content is file "in" (printf's %b escapes; "@" is empty, "-" no file); its command
# runs beside the fixture of common.sh and the broken models made below.
table=$(cd "$(dirname "$0")" && pwd)/bad_input.tsv
if [ "${1:-}" = --table ]; then
  grep -v '^#' "$table" | awk -F'\t' '{ printf "%s\n  file     %s\n  command  %s\n  exit %s   %s\n", $1, $2, $3, $4, $5 }'
  exit
fi
. "$(dirname "$0")/common.sh"

perl -e 'print "u\t", "x" x 10_000_000, "\n"' > huge.tsv
head -c 205 als.model > truncated.model
head -c 200 als.safetensors > truncated.safetensors
rec-model quantise -q als.model -o int8.model
scales() {  # FILE NUMBER: the scale of the first item is NUMBER
  awk -F '\t' -v OFS='\t' -v number="$2" '$1 == "item" && !done {$7 = number; done = 1} $1 == "end" {$2 = "-"} {print}' int8.model > "$1"
}
scales negative-scale.model -0.5
scales nan-scale.model nan
scales inf-scale.model 1e999
scales great-scale.model 3e38
sed 's/^tensor\titems.factors.scale.*/tensor\titems.factors.scale\t29/; s/^end.*/end\t-/' int8.model > short-scale.model
head -c 4 als.safetensors > stump.safetensors
perl -pe '$done ||= s/^(item\t[^\t]+\t)[^\t]+/$1x1/; s/^end\t.*/end\t-/' als.model > number.model
perl -0777pe 's/(.)\z/chr(ord($1) ^ 1)/se' als.safetensors > flipped.safetensors
perl -e '$d = q({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}); print pack("Q<", length $d), $d, "abcd"' > foreign.safetensors
perl -e 'print pack("Q<", 1 << 60), "{}"' > absurd.safetensors
perl -0pe 's/^([^\n]*?)(\d+)/$1 . ($2 + 98)/e' als.model > newer.model
perl -0777pe 's/("(?:rec_)?(?:format|version)[^"]*"\s*:\s*"?)(\d+)/$1 . ($2 + 8)/e' als.safetensors > newer.safetensors
printf 'label\tuser\titem\tday\n1\ta\tx\tmon\n0\ta\ty\tsun\n' | rec-embed fm -q -e 1 --context day -o fm.model
array() {  # FILE TYPE SHAPE FORTRAN NUMBERS...: an array of numpy, its numbers as doubles
  perl -e '($type, $shape, $order, @numbers) = @ARGV;
    $head = "{\x27descr\x27: \x27$type\x27, \x27fortran_order\x27: $order, \x27shape\x27: $shape, }\n";
    print "\x93NUMPY\1\0", pack("v", length $head), $head, pack("d<*", @numbers)' "${@:2}" > "$1"
}
array good.npy '<f8' '(2, 2)' False 1 2 3 4
array fortran.npy '<f8' '(2, 2)' True 1 2 3 4
array flat.npy '<f8' '(4,)' False 1 2 3 4
array whole.npy '<i8' '(2, 2)' False 1 2 3 4
array vast.npy '<f8' '(2, 4000000000)' False 1 2 3 4
array nan.npy '<f8' '(2, 2)' False 1 2 3 nan
head -c 100 good.npy > cut.npy
head -c 20 good.npy > stump.npy
printf 'x\ny\n' > ids
printf 'i00\t1\t2\ni01\t2\t1\n' > image.tsv
printf 'a\ti00\na\ti01\nb\ti01\n' | rec-embed als -q -d 2 -e 1 --item-vectors image.tsv -o image.model
: > empty
perl -e 'print map chr($_ * 37 % 256), 0 .. 999' > binary

while IFS=$'\t' read -r name content command status text; do
  case $name in '' | '#'*)
    [ "${1:-}" = --redo ] && printf '%s\n' "$name${content:+	$content}${command:+	$command}${status:+	$status}${text:+	$text}"
    continue ;;
  esac
  rm -f in
  case $content in -) ;; @) : > in ;; *) printf '%b' "$content" > in ;; esac
  bash -c "$command" < /dev/null > out 2> err
  got=$?
  said=$(tr -d '\0' < err)
  if [ "${1:-}" = --redo ]; then
    printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$content" "$command" "$got" "${said:--}"
  elif [ "$got" = "$status" ] && [ "${said:--}" = "$text" ]; then
    pass
  else
    flunk "$name" "command:  $command" "status:   $got, expected $status" "stderr:   ${said:0:800}" "expected: $text"
  fi
done < "$table"
[ "${1:-}" = --redo ] || finish
