# Fuzz targets X_fuzz.cc with seeds in corpus/X/. With REC_FUZZ (clang) they are
# libFuzzer programs, built by the target `fuzzers`; always, ctest replays the
# seeds. Run the fuzzers with `make fuzz`.
add_custom_target(fuzzers)
file(GLOB targets CONFIGURE_DEPENDS fuzz/*_fuzz.cc)
foreach(source ${targets})
  get_filename_component(name ${source} NAME_WE)
  string(REPLACE "_fuzz" "" subject ${name})
  if(REC_FUZZ)
    add_executable(${name} ${source})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
  else()
    add_executable(${name}_replay ${source} fuzz/replay_main.cc)
    set(name ${name}_replay)
    add_test(NAME ${name} COMMAND ${name} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${subject})
  endif()
  target_link_libraries(${name} PRIVATE rec_data)
endforeach()
