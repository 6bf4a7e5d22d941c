#!/bin/bash
# Usage: includes_control.sh SCRIPT
# Negative control: on a tree with one breach of each kind, includes.sh names
# each of them and nothing else, and fails; on the tree without them it passes.
set -euo pipefail
script=$(realpath "$1")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"
mkdir -p lib/{base,io,linalg,data,models/{common,als,mf,inference},metrics,rank,score,rerank,cli} tools

header() { printf '// A header.\n#pragma once\n%s\n' "${2-}" >"$1"; }
header lib/base/error.h
header lib/io/table.h '#include "base/error.h"'
header lib/data/table_user.h '#include "io/table.h"'
header lib/data/plain.h '#include "base/error.h"'
header lib/models/als/als.h '#include "data/plain.h"'
header lib/cli/options.h '#include "base/error.h"'
printf '#include <CLI/CLI.hpp>\n' >lib/cli/command.cc
printf '#include "io/table.h"\n' >lib/data/plain_tsv.cc
printf '#include "cli/options.h"\n#include "models/als/als.h"\n' >tools/rec_x.cc
printf '#include <Eigen/Core>\n' >lib/linalg/dense.cc
printf 'set(with_eigen linalg/dense)\n' >CMakeLists.txt
bash "$script" . || { echo "includes.sh fails on a good tree"; exit 1; }

printf '#include "io/table.h"\n' >lib/base/up.cc                # upwards
printf '#include "io/table.h"\n' >lib/linalg/sideways.cc        # sideways
printf '#include "models/als/als.h"\n' >lib/rank/neighbour.cc       # between rooms of one floor
printf '#include "data/plain.h"\n' >lib/cli/data.cc             # cli sees base and io only
printf '#include <CLI/CLI.hpp>\n' >lib/score/cli11.cc           # CLI11
printf '#include "models/als/als.h"\n' >lib/models/mf/family.cc   # of another family
printf '#include "models/inference/model.h"\n' >lib/models/common/up.cc
printf '#include "data/table_user.h"\n' >lib/metrics/through.cc  # io through another room
printf '#include "io/table.h"\n' >lib/data/loader.cc            # not *_tsv.cc
printf '#pragma once\n' >lib/data/bare.h                        # no opening comment
printf '// A header.\n' >lib/data/unguarded.h                   # no pragma
printf '#include <Eigen/Core>\n' >lib/linalg/unlisted.cc         # Eigen, unknown to CMakeLists.txt
header lib/data/twin.h 'struct Twin {};'
header lib/io/twin.h 'enum class Twin { kOne };'               # one name, two types
header lib/attic/x.h 2>/dev/null || { mkdir lib/attic; header lib/attic/x.h; }  # no such room
cat >expected <<'END'
lib/attic/x.h:1: no such room: attic
lib/base/up.cc:1: base may not include io/table.h
lib/cli/data.cc:1: cli may not include data/plain.h
lib/data/bare.h:1: a header opens with a comment that says what it is
lib/data/loader.cc:1: reads TSV but is not named *_tsv.cc
lib/data/unguarded.h:1: no #pragma once
lib/io/twin.h:3: Twin is the name of a type of lib/data/twin.h, too
lib/linalg/sideways.cc:1: linalg may not include io/table.h
lib/linalg/sideways.cc:1: linalg may not reach io: lib/linalg/sideways.cc > lib/io/table.h
lib/linalg/unlisted.cc:1: includes Eigen: with_eigen of CMakeLists.txt lacks it
lib/metrics/through.cc:1: metrics may not reach io: lib/metrics/through.cc > lib/data/table_user.h > lib/io/table.h
lib/models/common/up.cc:1: models/common may not include models/inference/model.h
lib/models/mf/family.cc:1: models/mf may not include models/als/als.h
lib/rank/neighbour.cc:1: rank may not include models/als/als.h
lib/score/cli11.cc:1: only cli/command.cc may include CLI11
END
if bash "$script" . >found; then
  echo "includes.sh passes a bad tree"
  exit 1
fi
diff expected <(LC_ALL=C sort found)
