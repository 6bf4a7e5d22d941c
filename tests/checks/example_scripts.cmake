# The scripts of examples/, on the bundled data.
add_test(NAME check_example_scripts
  COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/checks/example_scripts.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
