# Whether intervals hold and tests reject as often as they say; see coverage.cc.
add_executable(coverage bench/coverage.cc)
target_link_libraries(coverage PRIVATE rec_eval)
rec_precompiled(coverage rec_base)
add_test(NAME coverage COMMAND coverage 2000)
add_test(NAME coverage_long COMMAND coverage 20000)
set_tests_properties(coverage_long PROPERTIES LABELS slow)
