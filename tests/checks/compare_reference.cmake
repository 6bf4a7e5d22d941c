# rec-eval against trec_eval and scikit-learn, where Python has them.
find_program(PYTHON3 python3)
if(PYTHON3 AND TARGET rec-eval)
  add_test(NAME compare_reference
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/property/compare_reference.py $<TARGET_FILE:rec-eval>)
  set_tests_properties(compare_reference PROPERTIES LABELS slow SKIP_RETURN_CODE 77)
endif()
