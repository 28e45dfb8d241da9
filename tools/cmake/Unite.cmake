# trapline_unite(target...): compiles the sources of targets several at a time, as if they were one.
#
# A unit spends more time with what it includes than with itself; together they take a third of the time. What sources keep to
# themselves in nameless namespaces has to differ in name, then, which tests/names_apart.py holds to. The presets debug, clang
# and lint compile each by itself, which is also what says that a source includes what it uses.
option(TRAPLINE_UNITE "Compile several sources at a time" ON)

# CMake's own way (UNITY_BUILD) names the sources by where the checkout is, so that ccache has nothing of another one; here
# they are named from the build folder. A source with definitions of its own is compiled alone.
set(trapline_united_at_once 8)

function(trapline_unite)
  if(NOT TRAPLINE_UNITE)
    return()
  endif()
  foreach(target IN LISTS ARGN)
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "^${CMAKE_SOURCE_DIR}/.*\\.cpp$")
    set(folder ${CMAKE_BINARY_DIR}/united/${target})
    set(number 0)
    set(text)
    set(count 0)
    foreach(source IN LISTS sources)
      get_source_file_property(alone ${source} TARGET_DIRECTORY ${target} COMPILE_DEFINITIONS)
      if(alone)
        continue()
      endif()
      set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES HEADER_FILE_ONLY ON)
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${folder} OUTPUT_VARIABLE relative)
      string(APPEND text "#include \"${relative}\"\n")
      math(EXPR count "${count} + 1")
      if(count EQUAL trapline_united_at_once)
        trapline_add_united(${target} ${folder}/${number}.cpp "${text}")
        math(EXPR number "${number} + 1")
        set(text)
        set(count 0)
      endif()
    endforeach()
    if(text)
      trapline_add_united(${target} ${folder}/${number}.cpp "${text}")
    endif()
    # A class that one source has to itself may use what is in its nameless namespace.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endforeach()
endfunction()

function(trapline_add_united target file text)
  file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
  target_sources(${target} PRIVATE ${file})
endfunction()
