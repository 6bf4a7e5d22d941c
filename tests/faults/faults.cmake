# Failing disks, pipes and files; bad input. Need all tools, bash and perl-base.
if(TARGET rec-split AND TARGET rec-embed AND TARGET rec-attend AND TARGET rec-score AND TARGET rec-rank
   AND TARGET rec-eval AND TARGET rec-model)
  foreach(script faults bad_input)
    add_test(NAME ${script}
      COMMAND ${CMAKE_COMMAND} -E env SANITIZE=${REC_SANITIZE} BIN=$<TARGET_FILE_DIR:rec-split> bash ${CMAKE_CURRENT_SOURCE_DIR}/faults/${script}.sh)
  endforeach()
endif()

# Each system call fails in turn, and power is cut behind each; see the sources. Sanitizers stand between
# the tools and the system themselves.
if(TARGET rec-model AND NOT REC_SANITIZE)
  add_library(fault_interposer MODULE faults/interposer.cc)
  target_link_libraries(fault_interposer PRIVATE ${CMAKE_DL_LIBS})
  set_target_properties(fault_interposer PROPERTIES PREFIX "")
  add_library(fault_runs STATIC faults/tool_run.cc)
  target_include_directories(fault_runs PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_options(fault_runs PUBLIC ${REC_LIGHT})
  target_link_libraries(fault_runs PUBLIC rec_flags fmt::fmt)
  rec_precompiled(fault_runs rec_light)
  foreach(program inject_faults power_cut)
    add_executable(${program} faults/${program}.cc)
    target_link_libraries(${program} PRIVATE fault_runs)
    rec_precompiled(${program} rec_light)
  endforeach()
  set(where $<TARGET_FILE:fault_interposer> $<TARGET_FILE_DIR:rec-split>)
  add_test(NAME inject_faults COMMAND inject_faults ${where} sample)
  add_test(NAME inject_faults_all COMMAND inject_faults ${where} all)
  add_test(NAME power_cut COMMAND power_cut ${where})
  set_tests_properties(inject_faults_all PROPERTIES LABELS slow)
endif()
