# What `make bench` runs beside linalg_bench; see tests/bench/run.sh.
add_executable(bench_generate bench/generate.cc)
target_link_libraries(bench_generate PRIVATE rec_cli)
rec_precompiled(bench_generate rec_base)
add_executable(reader_bench bench/reader_bench.cc)
target_link_libraries(reader_bench PRIVATE rec_data)
rec_precompiled(reader_bench rec_base)
