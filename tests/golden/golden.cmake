# Golden cases (README.md), and the control that proves that the runner can fail.
set(golden ${CMAKE_CURRENT_SOURCE_DIR}/golden)
add_test(NAME golden COMMAND ${CMAKE_COMMAND} -E env SANITIZE=${REC_SANITIZE} perl ${golden}/run.pl ${CMAKE_BINARY_DIR})
add_test(NAME golden_control COMMAND perl ${golden}/run.pl --must-fail ${CMAKE_BINARY_DIR} ${golden}/control)
