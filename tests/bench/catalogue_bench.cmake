# What `make bench` runs for the fused catalogue; see tests/bench/run.sh.
add_executable(catalogue_bench bench/catalogue_bench.cc)
target_link_libraries(catalogue_bench PRIVATE rec_score Eigen3::Eigen)
rec_precompiled(catalogue_bench rec_base)
