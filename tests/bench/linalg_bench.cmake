# Rates of linalg's kernels: `linalg_bench [filter]`, TSV on stdout.
add_executable(linalg_bench bench/linalg_bench.cc)
target_link_libraries(linalg_bench PRIVATE rec_linalg Eigen3::Eigen)
rec_precompiled(linalg_bench rec_base)
