# The scripts of examples/domains, on data whose truth is known.
add_test(NAME check_domain_scripts
  COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/checks/domain_scripts.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
