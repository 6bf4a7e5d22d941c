#!/bin/bash
# Usage: run.sh [BUILD [TABLE]]      (what `make bench` runs)
# Measures speed and peak memory on a generated set: 10M interactions of 136,677
# users and 20,108 items, 13.7M scored and ranked rows. Prints a TSV table, also
# written to TABLE (BUILD/bench.tsv): what, value, unit, the peer it stands beside,
# the peer's value in this same run, value / peer, the target for that ratio or
# value, peak memory. Times are the best of RUNS (3); MB is 10^6 bytes; files are
# in the page cache. Environment: RUNS, THREADS, ROWS, USERS, KEEP=1 (keep the data).
set -euo pipefail
export LC_ALL=C
build=$(realpath "${1:-build}")
table=${2:-$build/bench.tsv}
runs=${RUNS:-3}
threads=${THREADS:-$(nproc)}
users=${USERS:-136677}
rows=${ROWS:-10000000}
export PATH="$build:$PATH"
data=$build/bench-data
mkdir -p "$data"
[[ ${KEEP-} ]] || trap 'rm -rf "$data"' EXIT
say() { echo "bench: $*" >&2; }

# best COMMAND: seconds of the fastest run, and in $memory the peak MiB that the
# tool's own -v reports.
memory=
best() {
  local least= start stop i
  for ((i = 0; i < runs; ++i)); do
    start=${EPOCHREALTIME/./}
    bash -c "$1" 2>"$data/stderr" >/dev/null || { cat "$data/stderr" >&2; say "failed: $1"; exit 1; }
    stop=${EPOCHREALTIME/./}
    if [[ -z $least ]] || (( stop - start < least )); then least=$((stop - start)); fi
  done
  memory=$(sed -nE 's/.* ([0-9.]+) MiB peak memory.*/\1/p' "$data/stderr" | tail -1)
  seconds=$(awk -v us="$least" 'BEGIN {printf "%.6f", us / 1e6}')
}
calc() { awk "BEGIN {printf \"%.4g\", $1}"; }
megabytes() { calc "$(stat -c %s "$1") / 1e6"; }
printf 'what\tvalue\tunit\tpeer\tpeer value\tratio\ttarget\tpeak MiB\n' | tee "$table"
row() {  # WHAT VALUE UNIT PEER PEER_VALUE TARGET MEMORY
  local ratio=
  [[ -z $5 ]] || ratio=$(calc "$2 / $5")
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$ratio" "$6" "$7" | tee -a "$table"
}

say "machine: $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $threads threads, load $(cut -d' ' -f1 /proc/loadavg)"
generate=$build/tests/bench_generate
size="--users $users"
best "$generate interactions $size --rows $rows -o $data/interactions.tsv"
row "generate interactions" "$(calc "$rows / 1e6 / $seconds")" "M rows/s" "" "" "" ""
"$generate" interactions $size --rows "$rows" --shuffled -o "$data/shuffled.tsv"
for what in scored ranked truth; do "$generate" "$what" $size -o "$data/$what.tsv"; done
cut -f1 "$data/truth.tsv" | uniq >"$data/users.tsv"

# The reader.
input=$data/interactions.tsv
best "wc -l $input"
wc_rate=$(calc "$(megabytes "$input") / $seconds")
best "cat $input | cat"
cat_rate=$(calc "$(megabytes "$input") / $seconds")
"$build/tests/reader_bench" "$input" "$threads" >"$data/reader.tsv"
"$build/tests/reader_bench" "$data/shuffled.tsv" "$threads" >"$data/reader_shuffled.tsv"
rate() { awk -F'\t' -v what="$1" '$1 == what {print $2; exit}' "$2"; }
loaded="interactions loaded, $threads thread$([[ $threads == 1 ]] || echo s)"
row "reader: fields split, number parsed, 1 thread" "$(rate 'fields split, number parsed' "$data/reader.tsv")" MB/s "wc -l" "$wc_rate" ">= 500 MB/s" ""
row "reader: three numbers parsed, 1 thread" "$(rate 'fields split, three numbers parsed' "$data/reader.tsv")" MB/s "cat | cat" "$cat_rate" ">= 500 MB/s" ""
row "reader: $loaded" "$(rate "$loaded" "$data/reader.tsv")" MB/s "wc -l" "$wc_rate" ">= 400 MB/s" ""
row "reader: $loaded, random order" "$(rate "$loaded" "$data/reader_shuffled.tsv")" MB/s "wc -l" "$wc_rate" ">= 400 MB/s" ""
# What CSV and compression cost: the bytes of the table, decoded, beside the library's own tool.
for what in "CSV:csv:tr '\t' ,:" "gzip:tsv.gz:gzip -1:zcat" "zstd:tsv.zst:zstd -q -1:zstdcat"; do
  IFS=: read -r name suffix encode decode <<<"$what"
  file=$data/encoded.$suffix
  bash -c "$encode" <"$input" >"$file"
  peer_rate=
  if [[ $decode ]]; then
    best "$decode $file"
    peer_rate=$(calc "$(megabytes "$input") / $seconds")
  fi
  "$build/tests/reader_bench" "$file" 1 >"$data/reader_encoded.tsv"
  row "reader: $name decoded, 1 thread" "$(rate 'chunks read' "$data/reader_encoded.tsv")" MB/s "$decode" "$peer_rate" ">= 300 MB/s" ""
  rm "$file"
done

# Tables of features: long, and wide with a typed header of two kinds and two numbers.
awk -v OFS='\t' 'BEGIN { print "item", "feature", "value"
  for (i = 0; i < 400000; ++i) for (f = 0; f < 10; ++f) print "item" i, "kind" f % 3 "=c" (i * 7 + f * f * 31) % 5000, (i + f) % 9 + 1 }' >"$data/long.tsv"
awk -v OFS='\t' 'BEGIN { print "item_id:token", "genre:token_seq", "maker:token", "price:float", "year:float"
  for (i = 0; i < 1000000; ++i) print "item" i, "g" i % 20 " g" (i * 3) % 17, "m" i % 900, i % 1000 / 10, 1950 + i % 75 }' >"$data/wide.tsv"
for form in long wide; do
  best "cat $data/$form.tsv | cat"
  cat_rate=$(calc "$(megabytes "$data/$form.tsv") / $seconds")
  best "rec-features stats -v -j $threads $data/$form.tsv"
  row "rec-features stats, a $form table of features" "$(calc "$(megabytes "$data/$form.tsv") / $seconds")" MB/s "cat | cat" "$cat_rate" ">= 300 MB/s" "$memory"
done

# ALS: the flops of the algorithm, F(d) = 4 nnz d^2 + (U + I) d^3 / 3 an epoch, beside
# the SGEMM rate (a rank-k update needs but half of the first term: more than 100 % can be).
sgemm_rate() { "$build/tests/linalg_bench" sgemm | awk -F'\t' '$1 ~ /^sgemm/ && $1 ~ /x2$/ && $3 > best {best = $3} END {print best}'; }
sgemm=$(sgemm_rate)
row "sgemm, best of ours and Eigen, x2" "$sgemm" GFLOP/s "" "" "" ""
items=20108
# als_epoch DIM BLOCK EPOCHS: the fastest in $epoch, the peak in $memory; the model stays.
als_epoch() {
  rec-embed als -v -d "$1" --block "$2" -e "$3" -j "$threads" --log "$data/als.log" -o "$data/model.safetensors" "$input" 2>"$data/stderr"
  memory=$(sed -nE 's/.* ([0-9.]+) MiB peak memory.*/\1/p' "$data/stderr" | tail -1)
  epoch=$(awk -F'\t' 'NR > 1 && (best == "" || $2 < best) {best = $2} END {print best}' "$data/als.log")
}
exact_epoch=
for target in 256:0.8 64:0.6; do
  dim=${target%:*}
  als_epoch "$dim" 0 $((dim == 64 ? 6 : 3))
  row "als exact, d = $dim: F(d) an epoch" "$(calc "(4 * $rows * $dim ^ 2 + ($users + $items) * $dim ^ 3 / 3) / $epoch / 1e9")" GFLOP/s sgemm "$sgemm" ">= ${target#*:} x" "$memory"
  row "als exact, d = $dim: an epoch" "$epoch" s "bytes of the log and the model, MiB" "$(calc "($(stat -c %s "$input") + $(stat -c %s "$data/model.safetensors")) / 1048576")" "" "$memory"
  [[ $dim == 64 ]] || { exact_epoch=$epoch; als_epoch "$dim" 32 3; row "als in blocks of 32, d = $dim: an epoch" "$epoch" s "exact" "$exact_epoch" "see als_blocks.sh" "$memory"; }
done

# Folding in: the library alone, and a run of rec-score from the text of the histories.
"$build/tests/fold_in_bench" "$data/model.safetensors" 50 "$threads" >"$data/fold_in.tsv"
row "fold-in of histories of 50, d = 64" "$(awk -F'\t' 'NR == 2 {print $2}' "$data/fold_in.tsv")" users/s "" "" ">= 50000 users/s" ""
awk -F'\t' -v OFS='\t' 'NR % 200 == 1 {item[n++] = $2}
  END {for (u = 0; u < 50000; ++u) for (i = 0; i < 50; ++i) print "new" u, item[(u * 7919 + i * 131) % n]}' "$input" >"$data/history.tsv"
awk -F'\t' '$1 != last {print last = $1}' "$data/history.tsv" | sed "s/$/\t$(head -1 "$input" | cut -f2)/" >"$data/candidates.tsv"
best "rec-score -v -j $threads -m $data/model.safetensors --history $data/history.tsv $data/candidates.tsv"
row "rec-score --history, 50,000 histories of 50" "$(calc "50000 / $seconds")" users/s "" "" ">= 50000 users/s" "$memory"

# Neighbours: the additions that the product costs, each user's pairs squared.
# (Beside implicit: knn_vs_implicit.sh; beside PyTorch, sasrec: sasrec_vs_torch.sh; both need Python.)
rec-embed knn -v -j "$threads" -o "$data/knn.safetensors" "$input" 2>"$data/stderr"
memory=$(sed -nE 's/.* ([0-9.]+) MiB peak memory.*/\1/p' "$data/stderr" | tail -1)
additions=$(cut -f1 "$input" | uniq -c | awk '{n += $1 * $1} END {print n / 1e9}')
trained=$(sed -nE 's/.*trained in ([0-9.]+) s.*/\1/p' "$data/stderr")
row "knn: 100 nearest of all items" "$trained" s "its additions at 1 a ns and thread" "$(calc "$additions / $threads")" "" "$memory"

# EASE's closed form, n^3 fused multiply-adds counted as in ease_bench.
"$build/tests/ease_bench" "$input" 200 "$threads" >"$data/ease.tsv"
row "ease: Gramian and inverse, $items items" "$(awk -F'\t' '$1 == "gram and inverse" {print $3}' "$data/ease.tsv")" GFLOP/s sgemm "$sgemm" ">= 0.6 x" ""

# The best 100 of all items for all users, beside the product alone.
"$build/tests/catalogue_bench" "$data/model.safetensors" 100 "$threads" >"$data/catalogue.tsv"
column() { awk -F'\t' -v what="$1" -v column="$2" '$1 == what {print $column}' "$data/catalogue.tsv"; }
product=$(awk -F'\t' 'NR > 1 && /alone/ && $3 > best {best = $3} END {print best}' "$data/catalogue.tsv")
row "users x 64 by 64 x items alone, ours" "$(column 'product alone, score_block' 3)" GFLOP/s "Eigen" "$(column 'product alone, Eigen' 3)" "" ""
row "best 100 of all items, selection included" "$(column 'product and selection' 3)" GFLOP/s "the product alone, best" "$product" ">= 0.6 x" ""
row "best 100 of all items, users" "$(column 'product and selection' 2)" users/s "" "" "" ""
best "rec-score -v -m $data/model.safetensors --all --top 100 -j $threads $data/users.tsv"
row "rec-score --all --top 100, output written" "$(calc "$users / $seconds")" users/s "" "" "" "$memory"

# The stages on scored and ranked rows.
runs_before=$runs
runs=1
best "sort -k1,1 -k3,3gr $data/scored.tsv"
sort_rate=$(calc "$(megabytes "$data/scored.tsv") / $seconds")
runs=$runs_before
best "rec-rank -v -k 10 -j $threads $data/scored.tsv"
row "rec-rank -k 10, grouped" "$(calc "$(megabytes "$data/scored.tsv") / $seconds")" MB/s "sort -k1,1 -k3,3gr" "$sort_rate" ">= 300 MB/s, >= 10 x" "$memory"
best "rec-rank -v -k 100 -j $threads $data/scored.tsv"
row "rec-rank -k 100, grouped" "$(calc "$(megabytes "$data/scored.tsv") / $seconds")" MB/s "sort -k1,1 -k3,3gr" "$sort_rate" ">= 300 MB/s, >= 10 x" "$memory"
# Diversity: the list of 10, and the order of all 100, from 100 candidates a user.
for list in 10 100; do
  for method in mmr dpp; do
    best "rec-rank -v -k $list --diversify $method -m $data/model.safetensors -j $threads $data/scored.tsv"
    target=
    [[ $method$list != mmr10 ]] || target=">= 20000 users/s"
    row "rec-rank -k $list --diversify $method, 100 candidates a user, d = 64" "$(calc "$users / $seconds")" users/s "" "" "$target" "$memory"
  done
done
best "rec-eval -v --truth $data/truth.tsv -m ndcg@10,recall@20,precision@10,map@10,mrr@10 -j $threads $data/ranked.tsv"
row "rec-eval, five metrics" "$(calc "$(megabytes "$data/ranked.tsv") / $seconds")" MB/s "wc -l" "$wc_rate" ">= 300 MB/s" "$memory"
ten=ndcg@10,ndcg@20,recall@10,recall@20,precision@10,map@10,map,mrr,hit@10,rprec
best "rec-eval -v --truth $data/truth.tsv -m $ten -j $threads $data/ranked.tsv"
plain=$seconds
row "rec-eval, ten metrics" "$(calc "$(megabytes "$data/ranked.tsv") / $seconds")" MB/s "wc -l" "$wc_rate" ">= 300 MB/s" "$memory"
best "rec-eval -v --truth $data/truth.tsv -m $ten --bootstrap 1000 -j $threads $data/ranked.tsv"
row "rec-eval --bootstrap 1000 of ten metrics, on top" "$(calc "$seconds - $plain")" s "without it" "$plain" "<= 2 s" "$memory"
best "rec-eval -v --truth $data/truth.tsv -m $ten --compare $data/ranked.tsv -j $threads $data/ranked.tsv"
row "rec-eval --compare of ten metrics, two rankings read" "$seconds" s "one, not compared" "$plain" "" "$memory"
awk -F '\t' '{print $1, "Q0", $2, $4, $3, "bench"}' "$data/ranked.tsv" >"$data/run.trec"
awk -F '\t' '{print $1, 0, $2, 1}' "$data/truth.tsv" >"$data/qrels.trec"
best "rec-eval -v --format trec --truth $data/qrels.trec -m $ten -j $threads $data/run.trec"
row "rec-eval --format trec, ten metrics" "$(calc "$(megabytes "$data/run.trec") / $seconds")" MB/s "wc -l" "$wc_rate" ">= 300 MB/s" "$memory"
