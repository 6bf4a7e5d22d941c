# rec-features against scikit-learn; rec-eval against trec_eval, scikit-learn, scipy, statsmodels, ranx and obp, where Python
# has them.
find_program(PYTHON3 python3)
if(PYTHON3 AND TARGET rec-eval)
  foreach(comparison obp reference significance statistics)
    add_test(NAME compare_${comparison}
      COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/property/compare_${comparison}.py $<TARGET_FILE:rec-eval>)
    set_tests_properties(compare_${comparison} PROPERTIES LABELS slow SKIP_RETURN_CODE 77)
  endforeach()
endif()
if(PYTHON3 AND TARGET rec-features)
  add_test(NAME compare_features
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/property/compare_features.py $<TARGET_FILE:rec-features>)
  set_tests_properties(compare_features PROPERTIES LABELS slow SKIP_RETURN_CODE 77)
endif()
