# What `make bench` runs for fold-in; see tests/bench/run.sh.
add_executable(fold_in_bench bench/fold_in_bench.cc)
target_link_libraries(fold_in_bench PRIVATE rec_models_inference)
rec_precompiled(fold_in_bench rec_base)
