# cmake --install, and CPack's Debian package. What is installed finds its own by where it lies, so that its prefix can be moved:
#   bin/trapline, lib/trapline/libunicorn.so.2 (where it is not the system's), share/trapline/{README.md,docs,scenarios},
#   the manual page, what shells need for completion.

# Nothing but the command is installed, and whoever installs has built that.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

install(TARGETS trapline RUNTIME DESTINATION bin)
set(CPACK_TRAPLINE_PROGRAMS ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/trapline)
set(libraries lib/trapline)
if(unicorn_to_install)
  set_target_properties(trapline PROPERTIES INSTALL_RPATH "$ORIGIN/../${libraries}")
  # By the name that it is loaded by, which what it is linked by leads to.
  file(REAL_PATH ${unicorn_to_install} library)
  install(FILES ${library} DESTINATION ${libraries})
  list(APPEND CPACK_TRAPLINE_PROGRAMS ${library})
  cmake_path(GET unicorn_to_install PARENT_PATH folder)
  file(GLOB unicorn_copyright ${folder}/../share/doc/libunicorn2*/copyright ${folder}/../../share/doc/libunicorn2*/copyright)
  if(unicorn_copyright)
    install(FILES ${unicorn_copyright} DESTINATION share/doc/trapline RENAME copyright.unicorn)
  endif()
endif()

# The folders as they lie in the tree, so that the links between them hold.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs ${CMAKE_SOURCE_DIR}/scenarios DESTINATION share/trapline
        PATTERN __pycache__ EXCLUDE)
install(FILES ${CMAKE_SOURCE_DIR}/README.md DESTINATION share/trapline)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION share/doc/trapline RENAME copyright)

# What the command itself says of its command line.
set(texts ${CMAKE_BINARY_DIR}/texts)
install(CODE "
  function(trapline_text file)
    execute_process(COMMAND \"$<TARGET_FILE:trapline>\" \${ARGN} OUTPUT_FILE \"${texts}/\${file}\" COMMAND_ERROR_IS_FATAL ANY)
  endfunction()
  file(MAKE_DIRECTORY \"${texts}\")
  trapline_text(trapline.1 manual)
  trapline_text(trapline completion bash)
  trapline_text(_trapline completion zsh)
  trapline_text(trapline.fish completion fish)")
install(FILES ${texts}/trapline.1 DESTINATION share/man/man1)
install(FILES ${texts}/trapline DESTINATION share/bash-completion/completions)
install(FILES ${texts}/_trapline DESTINATION share/zsh/vendor-completions)
install(FILES ${texts}/trapline.fish DESTINATION share/fish/vendor_completions.d)

# The packages that a section of tools/packages.txt lists, with commas between them.
function(trapline_packages section result)
  file(STRINGS ${CMAKE_SOURCE_DIR}/tools/packages.txt lines)
  set(packages "")
  set(inside OFF)
  foreach(line IN LISTS lines)
    if(line MATCHES "^# ")
      string(COMPARE EQUAL "${line}" "# ${section}" inside)
    elseif(inside AND line MATCHES "^[a-z0-9.+-]+")
      list(APPEND packages ${CMAKE_MATCH_0})
    endif()
  endforeach()
  if(NOT packages)
    message(FATAL_ERROR "tools/packages.txt has no section `${section}`.")
  endif()
  list(JOIN packages ", " text)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME trapline)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Trapline developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "run guest code for x86-64 and PPC64, and see who touches what")
set(CPACK_PACKAGE_DESCRIPTION "\
Trapline runs programs for x86-64 and PPC64 under a model of the CPU's debug unit and of the Linux stack above it, and shows what\n\
happens when they touch a watched address: in scenarios, which are YAML files, and in unmodified Linux programs.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_SOURCE_DIR}/tools/cmake/PackageDepends.cmake)
# Without them it runs programs that are there, and scenarios of such.
trapline_packages("Building guest programs" CPACK_DEBIAN_PACKAGE_RECOMMENDS)
include(CPack)
