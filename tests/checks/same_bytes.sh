#!/bin/bash
# Usage: same_bytes.sh INTERACTIONS      (the binaries are on PATH)
# Runs every tool on real data in ways that must not change a byte: -j 1, 2 and 3,
# file and pipe, text and binary model, grouped and shuffled rows (compared after
# sorting), a partition of the users and the whole. Closing line: N passed, N failed.
set -euo pipefail
export LC_ALL=C
interactions=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
passed=0 failed=0
# same NAME A B: files A and B hold the same bytes.
same() {
  if cmp -s "$2" "$3"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "$1: $2 and $3 differ" >&2
  fi
}
# threads NAME COMMAND: COMMAND, which holds $J, prints the same for 1, 2 and 3.
threads() {
  local J
  for J in 1 2 3; do eval "$2" > "$1.j$J"; done
  same "$1 -j 1, -j 2" "$1.j1" "$1.j2"
  same "$1 -j 1, -j 3" "$1.j1" "$1.j3"
}
# shuffled FILE: its rows below the header in another order, the same each time.
shuffled() { head -n 1 "$1"; tail -n +2 "$1" | awk '{ printf "%d\t%s\n", (NR * 7919) % 104729, $0 }' | sort -k1,1n -s | cut -f2-; }

split='--method leave-one-out --k-core 3'
threads rec-data "rec-data check -j \$J --test '$interactions' '$interactions'"
threads rec-split "rec-split -q -j \$J $split --train train.\$J --test test.\$J '$interactions'; cat train.\$J test.\$J"
cp train.1 train.tsv && cp test.1 test.tsv
shuffled train.tsv > train.shuffled.tsv

als='rec-embed als -q -d 20 -e 4 --confidence log'
threads rec-embed "$als -j \$J train.tsv"
threads rec-embed-pipe "cat train.tsv | $als -j \$J"
same 'rec-embed, file and pipe' rec-embed.j1 rec-embed-pipe.j1
threads rec-embed-pop "rec-embed pop -j \$J train.tsv"
$als train.shuffled.tsv > rec-embed.shuffled
same 'rec-embed, rows in another order' rec-embed.j1 rec-embed.shuffled
threads rec-embed-ease "rec-embed ease -q --neighbours 20 -j \$J train.tsv"
threads rec-embed-svd "rec-embed svd -q -d 8 --graph-filter 0.3 --sharpen 1 --neighbours 20 -j \$J train.tsv"
neural='rec-embed neural -q -d 16 --batch 500 --dropout 0.1 --adversarial 0.1'
threads rec-embed-neural "$neural --loss sampled-softmax,bce --attention additive --predictor mlp --layers 16 --negatives 20 -e 2 -j \$J train.tsv"
$neural --loss sampled-softmax,bce --attention additive --predictor mlp --layers 16 --negatives 20 -e 2 train.shuffled.tsv > neural.shuffled
same 'rec-embed neural, rows in another order' rec-embed-neural.j1 neural.shuffled
# The softmax over all items takes long: on a part of the rows.
head -n 1500 train.tsv > part.tsv
softmax="$neural --loss softmax --attention multi-head"
threads neural-softmax "$softmax -e 4 -j \$J part.tsv"
for e in 2 4; do $softmax -e $e --checkpoint ck --resume part.tsv > neural.resumed; done
same 'rec-embed neural, with a checkpoint' neural-softmax.j1 neural.resumed
threads rec-attend-neural "rec-attend -q -m rec-embed-neural.j1 --all --top 5 -j \$J test.tsv"
threads rec-score-neural "rec-score -q -m rec-embed-neural.j1 --all --top 5 --attention additive -j \$J test.tsv"
threads rec-embed-valid "rec-embed als -q -d 8 -e 3 --valid test.tsv -j \$J train.tsv"

cp rec-embed.j1 als.model
threads rec-features-text "rec-features text -q -j \$J --ngrams 2 --min-count 2 --state text.\$J '${interactions%/*}/items_text.tsv'; cat text.\$J"
rec-features text -q "${interactions%/*}/items_text.tsv" > words.tsv
threads rec-features-numbers "rec-features numbers -q -j \$J --bins 9 --column value --columns item=item,value=value --state numbers.\$J '$interactions'; cat numbers.\$J"
threads rec-features-graph "rec-features graph -q -j \$J --friends --columns user=user,friend=item --both-directions --hops 2 --decay 0.3 --top 20 '$interactions'"
threads rec-features-pagerank "rec-features graph -q -j \$J --friends --columns user=user,friend=item --both-directions --pagerank '$interactions'"
threads rec-features-join "rec-features join -q -j \$J --prefix a --duplicates first '${interactions%/*}/items.tsv' words.tsv"
threads rec-features-reduce "rec-features reduce -q -j \$J -d 4 --state reduce.\$J '${interactions%/*}/items.tsv'; cat reduce.\$J"
threads rec-model "rec-model convert -m als.model --to safetensors -j \$J"
cp rec-model.j1 als.safetensors
threads rec-model-back "rec-model convert -m als.safetensors -j \$J"
same 'rec-model, there and back' als.model rec-model-back.j1

# Candidates: for each test user some items, its own among them; two strangers.
{ head -n 1 test.tsv | cut -f1,2
  tail -n +2 test.tsv | awk -F '\t' -v OFS='\t' '{ item[NR] = $2; user[NR] = $1 }
    END { for (n = 1; n <= NR; n++) for (k = 0; k < 25; k++) print user[n], item[(n + k * k) % NR + 1]
          print "stranger", item[1]; print "stranger", "no such item" }'
} | awk '!seen[$0]++' > candidates.tsv
shuffled candidates.tsv > candidates.shuffled.tsv
for model in als.model als.safetensors; do
  threads "rec-attend.$model" "rec-attend -q -m $model -t 0.3 -j \$J candidates.tsv"
  threads "rec-score.$model" "rec-score -q -m $model -j \$J 'rec-attend.$model.j1'"
  threads "rec-attend-all.$model" "rec-attend -q -m $model --all --top 20 --exclude train.tsv -j \$J test.tsv"
  threads "rec-score-all.$model" "rec-score -q -m $model --all --top 20 --attention dot --history train.tsv -j \$J test.tsv"
  threads "rec-attend-history.$model" "rec-attend -q -m $model --over history --history train.tsv --top 5 -j \$J test.tsv"
done
for stage in rec-attend rec-score rec-attend-all rec-score-all rec-attend-history; do
  same "$stage, text and binary model" "$stage.als.model.j1" "$stage.als.safetensors.j1"
done
rec-attend -q -m als.model -t 0.3 candidates.shuffled.tsv | sort > attend.shuffled
sort rec-attend.als.model.j1 > attend.sorted
same 'rec-attend, shuffled candidates' attend.sorted attend.shuffled
shuffled rec-score.als.model.j1 > scores.shuffled.tsv
rec-score -q -m als.model <(shuffled rec-attend.als.model.j1) | sort > score.shuffled
sort rec-score.als.model.j1 > score.sorted
same 'rec-score, shuffled rows' score.sorted score.shuffled

cp rec-score.als.model.j1 scores.tsv
threads rec-rank "rec-rank -q -k 10 --exclude train.tsv -j \$J scores.tsv"
threads rec-rank-pipe "cat scores.tsv | rec-rank -q -k 10 --exclude train.tsv -j \$J"
same 'rec-rank, file and pipe' rec-rank.j1 rec-rank-pipe.j1
rec-rank -q -k 10 --exclude train.tsv scores.shuffled.tsv | sort > rank.shuffled
sort rec-rank.j1 > rank.sorted
same 'rec-rank, shuffled rows' rank.sorted rank.shuffled
threads rec-eval "rec-eval -q --truth test.tsv -m ndcg@10,map,recall@5 -j \$J rec-rank.j1"
rec-eval -q --truth <(shuffled test.tsv) -m ndcg@10,map,recall@5 <(shuffled rec-rank.j1) > eval.shuffled
same 'rec-eval, shuffled rows' rec-eval.j1 eval.shuffled

# Re-ranking, exploration and blending.
features="${interactions%/*}/items.tsv"
rank='rec-rank -q -k 10'
threads rerank-mmr "$rank --diversify mmr -m als.safetensors --cap feature=3 --features '$features' -j \$J scores.tsv"
threads rerank-dpp "$rank --diversify dpp -m als.safetensors --dedup 'cosine>=0.9' -j \$J scores.tsv"
threads rerank-calibrate "$rank --calibrate feature --history train.tsv --features '$features' -j \$J scores.tsv"
threads rerank-exposure "$rank --exposure feature --features '$features' --report report.\$J -j \$J scores.tsv; cat report.\$J"
threads explore-epsilon "$rank --explore epsilon=0.2 -j \$J scores.tsv"
rec-score -q -m rec-embed-pop.j1 candidates.tsv > pop.scores.tsv
threads blend "$rank --blend rrf -j \$J scores.tsv pop.scores.tsv"
threads interleave "$rank --interleave --seed 5 -j \$J scores.tsv pop.scores.tsv"
$rank --explore epsilon=0.2 scores.shuffled.tsv | sort > explore.shuffled
sort explore-epsilon.j1 > explore.sorted
same 'rec-rank --explore, shuffled rows' explore.sorted explore.shuffled
$rank --interleave --seed 5 scores.shuffled.tsv <(shuffled pop.scores.tsv) | sort > interleave.shuffled
sort interleave.j1 > interleave.sorted
same 'rec-rank --interleave, shuffled rows' interleave.sorted interleave.shuffled

# A partition of the users gives the bytes of the whole.
tail -n +2 test.tsv | cut -f1 > users.txt
rec-score -q -m als.safetensors --all --top 20 users.txt > whole
split -n l/7 users.txt part.
for part in part.??; do rec-score -q -m als.safetensors --all --top 20 "$part"; done > parts
same 'rec-score --all, a partition of the users' whole parts
tail -n +2 scores.tsv > rows
awk -F '\t' '{ file = "rows." (length($1) + substr($1, length($1))) % 3; print > file }' rows
for what in '--explore epsilon=0.2 --seed 9' '--diversify mmr -m als.safetensors'; do
  $rank $what rows | sort > whole
  for part in rows.?; do $rank $what "$part"; done | sort > parts
  same "rec-rank $what, a partition of the users" whole parts
done

echo "$passed passed, $failed failed"
((failed == 0))
