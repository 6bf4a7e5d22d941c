# What run.sh runs (`make bench`); linalg_bench takes a filter: `linalg_bench sgemm`.
rec_bench(bench_generate rec_cli)
rec_bench(reader_bench rec_data)
rec_bench(linalg_bench rec_linalg Eigen3::Eigen)
rec_bench(ease_bench rec_data)
rec_bench(fold_in_bench rec_models_inference)
rec_bench(catalogue_bench rec_score Eigen3::Eigen)
rec_bench(request_model rec_data)

# The tools on a machine of as many cores as -j says (cores.sh): virtual_cores.cc stands in for base/parallel_for.cc, which
# the linker then leaves in its archive.
foreach(tool embed score rank eval)
  add_executable(rec-${tool}-virtual EXCLUDE_FROM_ALL $<TARGET_OBJECTS:rec-${tool}> bench/virtual_cores.cc)
  get_target_property(libraries rec-${tool} LINK_LIBRARIES)
  target_link_libraries(rec-${tool}-virtual PRIVATE ${libraries})
  set_target_properties(rec-${tool}-virtual PROPERTIES OUTPUT_NAME rec-${tool} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/virtual)
  rec_precompiled(rec-${tool}-virtual rec_base)
  add_dependencies(benches rec-${tool}-virtual)
endforeach()
