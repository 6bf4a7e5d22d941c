# Checks of the tree itself; see CONTRIBUTING.md.
set(checks ${CMAKE_CURRENT_SOURCE_DIR}/checks)
add_test(NAME check_includes COMMAND bash ${checks}/includes.sh ${CMAKE_SOURCE_DIR})
add_test(NAME check_includes_control COMMAND bash ${checks}/includes_control.sh ${checks}/includes.sh)
add_test(NAME check_tree COMMAND bash ${checks}/tree.sh ${CMAKE_SOURCE_DIR})
add_test(NAME check_tree_control COMMAND bash ${checks}/tree_control.sh ${checks}/tree.sh)
add_test(NAME check_format COMMAND bash ${checks}/format.sh ${CMAKE_SOURCE_DIR})
add_test(NAME check_format_control COMMAND bash ${checks}/format_control.sh ${checks}/format.sh)
add_test(NAME check_man_pages COMMAND bash ${checks}/man_pages.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
add_test(NAME check_man_pages_control COMMAND bash ${checks}/man_pages_control.sh ${checks}/man_pages.sh)

add_test(NAME check_completion COMMAND bash ${checks}/completion.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/man/*.[1-8]
     ${CMAKE_SOURCE_DIR}/examples/*.md)
if(pages)
  add_test(NAME check_examples COMMAND perl ${checks}/examples.pl ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR} ${pages})
endif()
add_test(NAME check_examples_control COMMAND bash ${checks}/examples_control.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
# Same bytes for every -j, encoding and order, on the bundled data.
add_test(NAME check_same_bytes
  COMMAND bash ${checks}/same_bytes.sh ${CMAKE_SOURCE_DIR}/examples/data/movietweetings/interactions.tsv)
set_tests_properties(check_same_bytes PROPERTIES ENVIRONMENT "PATH=${CMAKE_BINARY_DIR}:$ENV{PATH}")
# Pictures, where gnuplot is installed.
add_test(NAME check_plot COMMAND bash ${checks}/plot.sh ${CMAKE_SOURCE_DIR})
set_tests_properties(check_plot PROPERTIES ENVIRONMENT "PATH=${CMAKE_BINARY_DIR}:$ENV{PATH}" SKIP_RETURN_CODE 77)
# What people see on a terminal.
find_program(PYTHON3 python3)
if(PYTHON3)
  add_test(NAME check_terminal COMMAND ${PYTHON3} ${checks}/terminal.py ${CMAKE_BINARY_DIR})
  # The page of rec-view; `make check-view` opens it in a browser.
  add_test(NAME check_view_page COMMAND ${PYTHON3} ${checks}/view_page.py ${CMAKE_BINARY_DIR})
endif()
# als in parts; `make check-spark` runs the loops with GNU parallel and Spark.
add_test(NAME check_partitions COMMAND bash ${checks}/partitions.sh ${CMAKE_SOURCE_DIR})
set_tests_properties(check_partitions PROPERTIES ENVIRONMENT "PATH=${CMAKE_BINARY_DIR}:$ENV{PATH}")
# The memory that the pages say.
add_test(NAME check_memory COMMAND bash ${checks}/memory.sh)
set_tests_properties(check_memory PROPERTIES
  ENVIRONMENT "PATH=${CMAKE_BINARY_DIR}:$ENV{PATH};SANITIZE=${REC_SANITIZE}" SKIP_RETURN_CODE 77)
# Tools that another program asks, one question at a time.
add_test(NAME check_coprocess COMMAND bash ${checks}/coprocess.sh)
set_tests_properties(check_coprocess PROPERTIES ENVIRONMENT "PATH=${CMAKE_BINARY_DIR}:$ENV{PATH}")
# Searches of rec-tune that are killed, or have little time.
add_test(NAME check_tune COMMAND bash ${checks}/tune.sh ${CMAKE_SOURCE_DIR})
set_tests_properties(check_tune PROPERTIES ENVIRONMENT "PATH=${CMAKE_BINARY_DIR}:$ENV{PATH}")
