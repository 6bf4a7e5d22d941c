# Failing disks, pipes and files; bad input. Need all tools, bash and perl-base.
if(TARGET rec-split AND TARGET rec-embed AND TARGET rec-attend AND TARGET rec-score AND TARGET rec-rank
   AND TARGET rec-eval AND TARGET rec-model)
  foreach(script faults bad_input)
    add_test(NAME ${script}
      COMMAND ${CMAKE_COMMAND} -E env SANITIZE=${REC_SANITIZE} BIN=$<TARGET_FILE_DIR:rec-split> bash ${CMAKE_CURRENT_SOURCE_DIR}/faults/${script}.sh)
  endforeach()
endif()
