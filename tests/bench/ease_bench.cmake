# What `make bench` runs for ease; see tests/bench/run.sh.
add_executable(ease_bench bench/ease_bench.cc)
target_link_libraries(ease_bench PRIVATE rec_data)
rec_precompiled(ease_bench rec_base)
