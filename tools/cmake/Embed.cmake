# trapline_embed(TARGET template files...)
#
# Adds to TARGET the source file that is `template`, NAME.in, with the text of each file in place of @FILENAME@.
function(trapline_embed target template)
  cmake_path(GET template STEM LAST_ONLY output)
  foreach(file IN LISTS ARGN)
    cmake_path(GET file FILENAME name)
    file(READ ${CMAKE_SOURCE_DIR}/${file} "${name}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${file})
  endforeach()
  configure_file(${CMAKE_SOURCE_DIR}/${template} ${CMAKE_BINARY_DIR}/embedded/${target}/${output} @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/embedded/${target}/${output})
endfunction()
