# trapline_layer_headers(NAME folder): lets NAME include the headers of that folder.
#
# trapline_layer(NAME FOLDER dir USES targets... [PRIVATE targets...])
#
# One static library from every .cpp below FOLDER. Headers are included by their path from the top of the tree
# ("isa/access.hpp"), but each layer's include directory is a folder that holds a link to that layer alone, so a layer finds
# the headers of the layers it links and no others: an include against the arrows does not compile.
function(trapline_layer_headers name folder)
  set(root ${CMAKE_BINARY_DIR}/layers/${name})
  get_filename_component(parent ${root}/${folder} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${root}/${folder} SYMBOLIC)
  target_include_directories(${name} PUBLIC ${root})
endfunction()

function(trapline_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER" "USES;PRIVATE")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${arg_FOLDER}/*.cpp)
  add_library(${name} STATIC ${sources})

  trapline_layer_headers(${name} ${arg_FOLDER})
  target_link_libraries(${name} PUBLIC ${arg_USES} PRIVATE ${arg_PRIVATE} trapline_warnings)
endfunction()
