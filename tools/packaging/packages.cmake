# Packages of what `make static` and `make deb` built: a .deb with the programs that use Debian's libraries, and a .tar.gz
# with those that use none. cpack reads this file again, once for each.
if(DEFINED CPACK_GENERATOR)
  if(CPACK_GENERATOR STREQUAL "DEB")
    set(CPACK_INSTALL_CMAKE_PROJECTS "${CPACK_BUILD};rec;programs;/" "${CPACK_BUILD};rec;pages;/" "${CPACK_BUILD};rec;debian;/")
    set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  else()
    set(CPACK_INSTALL_CMAKE_PROJECTS "${CPACK_BUILD};rec;static;/" "${CPACK_BUILD};rec;pages;/")
  endif()
  return()
endif()

set(CPACK_BUILD ${CMAKE_BINARY_DIR})
set(CPACK_PACKAGE_NAME rec-tools) # rec is a command of sox
set(packager "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>") # as Debian's own tools are told
if(packager STREQUAL " <>")
  set(packager "nobody <nobody@nowhere.invalid>")
endif()
set(CPACK_PACKAGE_CONTACT "${packager}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "attention-based recommendation at the command line")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_FILE})
set(CPACK_STRIP_FILES ON)

set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)
string(TOLOWER "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" system)
set(CPACK_PACKAGE_FILE_NAME ${CPACK_PACKAGE_NAME}-${PROJECT_VERSION}-${system})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS gnuplot-nox)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Small programs that read and write tables of text: they train models
from what people chose (rec-embed), compute how a user's attention falls on
the items of a catalogue (rec-attend), score (rec-score), rank (rec-rank)
and measure (rec-eval). Others split, check and describe data, convert
models, and show recommendations as a page. rec(7) is the place to begin.")

# What Debian wants beside: who wrote it, what changed, all pages compressed.
find_program(GZIP gzip)
if(GZIP)
  string(TIMESTAMP REC_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.in ${CMAKE_BINARY_DIR}/debian/changelog @ONLY)
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${REC_DOC} COMPONENT debian EXCLUDE_FROM_ALL)
  install(FILES ${CMAKE_BINARY_DIR}/debian/changelog DESTINATION ${REC_DOC} COMPONENT debian EXCLUDE_FROM_ALL)
  install(CODE "
    if(\"\$ENV{DESTDIR}\" STREQUAL \"\")
      message(FATAL_ERROR \"this part is for cpack alone\")
    endif()
    set(root \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
    file(GLOB texts \"\${root}/share/man/man*/*.[157]\" \"\${root}/${REC_DOC}/changelog\")
    execute_process(COMMAND ${GZIP} -9nf \${texts} COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE \"\${root}/${REC_DOC}/LICENSE\")
    file(RENAME \"\${root}/share/zsh/site-functions\" \"\${root}/share/zsh/vendor-completions\")"
    COMPONENT debian EXCLUDE_FROM_ALL)
endif()
include(CPack)
