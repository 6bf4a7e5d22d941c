#!/bin/bash
# Usage: control.sh BUILD
# The fuzzers of whole commands notice faults: a rec-rank that has one is put in place of the real
# one, and options.pl and tools.pl must say so, in these words.
set -u
build=$(cd "$1" && pwd) || exit 1
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
for tool in rec-data rec-split rec-embed rec-attend rec-score rec-eval rec-model rec-features rec-view rec-tune; do ln -s "$build/$tool" "$folder/$tool"; done
cat > "$folder/rec-rank" <<END
#!/bin/bash
case " \$* " in
  *" --pool"*[!0-9]*" "* | *" F "*)
    case \$FAULT in
      crash) kill -SEGV \$\$ ;;
      status) exit 3 ;;
      escape) printf 'rec-rank: \\e[31m\\n' >&2; exit 1 ;;
      silence) exit 1 ;;
      lines) printf 'rec-rank: a\\nrec-rank: b\\n' >&2; exit 1 ;;
      partial) echo half > out/table; echo 'rec-rank: an error' >&2; exit 1 ;;
      sanitizer) echo 'x.cc:1:1: runtime error: planted' >&2; exit 1 ;;
      ignored) [[ " \$* " == *" --pool x "* ]] || exit 0 ;;
    esac ;;
esac
exec "$build/rec-rank" "\$@"
END
chmod +x "$folder/rec-rank"
failed=0
see() {  # FAULT WORDS COMMAND...
  local fault=$1 words=$2 said
  shift 2
  said=$(FAULT=$fault "$@" 2>&1)
  if [ $? -ne 1 ] || ! grep -q -e "$words" <<< "$said"; then
    printf 'NOT NOTICED by %s: %s\n%s\n' "$2" "$fault" "$said"
    failed=1
  fi
}
options=(perl "$here/options.pl" --only '^rec-rank$' --option '^--pool$' --count 40 "$folder")
tools=(perl "$here/tools.pl" --only '^rec-rank.* F' --count 400 "$folder")
see crash 'killed by signal 11' "${options[@]}"
see status 'exit status 3' "${options[@]}"
see escape 'a control byte on stderr' "${options[@]}"
see silence '0 lines on stderr' "${options[@]}"
see lines '2 lines on stderr' "${options[@]}"
see partial 'an output in spite of the error: table' "${options[@]}"
see sanitizer 'a report of a sanitizer' "${options[@]}"
see ignored 'taken, though it should be refused' perl "$here/options.pl" --only '^rec-rank$' --option '^--pool$' "$folder"
see crash 'killed by signal 11' "${tools[@]}"
see escape 'a control byte on stderr' "${tools[@]}"
[ "$failed" -eq 0 ] && echo "all faults are noticed"
