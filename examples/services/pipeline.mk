# The stages as targets of GNU make: `make -f pipeline.mk LOG=ratings.tsv` builds what is older than what it is made of,
# and goes on behind the last whole stage after a failure. The programs write a file complete or not at all, so that
# no half of one is taken for a stage; .DELETE_ON_ERROR is for those written by the shell.
# Variables: LOG, MODEL (a trainer that keeps users, and its options), GATE, K.
LOG ?= ratings.tsv
MODEL ?= als -d 64
GATE ?= ndcg@10>=0.05
K ?= 10
.DELETE_ON_ERROR:
.SECONDARY:

.PHONY: all
all: recommendations.tsv

train.tsv test.tsv &: $(LOG)
	rec-split -q --method hash-row --test-fraction 0.1 --train train.tsv --test test.tsv $<
model.safetensors: train.tsv
	rec-embed $(MODEL) -q -o $@ $<
candidates.tsv: model.safetensors train.tsv test.tsv
	rec-score -q -m model.safetensors --all --top $(K) --users test.tsv --exclude train.tsv -o $@
# The gate: where GATE does not hold, make ends here, and yesterday's recommendations stay.
metrics.tsv: candidates.tsv test.tsv
	rec-eval -q --truth test.tsv --require '$(GATE)' candidates.tsv >$@
recommendations.tsv: metrics.tsv model.safetensors
	rec-score -q -m model.safetensors --all --all-users --top $(K) --exclude $(LOG) | rec-rank -q -k $(K) -o $@
