#!/bin/bash
# Usage: socket.sh MODEL SOCKET [OPTION...]
# Recommendations over a Unix socket, by socat: a client writes a user a line and reads that user's rows, ended by an
# empty line. OPTIONs are those of rec-score (default: --top 10). Each connection has a rec-score of its own, which maps
# the model: the pages are shared, and a model that is renamed over the old one is taken without a restart.
#
#   socket.sh als.safetensors /run/rec/score.sock --top 10 --exclude train.tsv &
#   printf 'ann\n' | socat -t 5 - UNIX-CONNECT:/run/rec/score.sock
set -euo pipefail
(( $# >= 2 )) || { echo "usage: socket.sh MODEL SOCKET [OPTION...]" >&2; exit 2; }
# socat splits its EXEC at blanks and more, so that the words go through the environment.
export REC_MODEL=$1 REC_OPTIONS=
socket=$2
shift 2
(( $# )) || set -- --top 10
quote="'\\''"  # for the sh of socat, which knows no other quotes than these
for word; do REC_OPTIONS+=" '${word//"'"/"$quote"}'"; done
exec socat "UNIX-LISTEN:${socket//[,:!]/\\&},fork,unlink-early,mode=660" \
  'SYSTEM:eval "exec rec-score -q -m \"\$REC_MODEL\" --all --follow $REC_OPTIONS"'
