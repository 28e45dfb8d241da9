# trapline_unite(target...): compiles the sources of targets several at a time, as if they were one.
#
# A unit spends more time with what it includes than with itself; together they take a third of the time. What sources keep to
# themselves in nameless namespaces has to differ in name, then, which tests/names_apart.py holds to. The presets debug, clang
# and lint compile each by itself, which is also what says that a source includes what it uses.
option(TRAPLINE_UNITE "Compile several sources at a time" ON)

function(trapline_unite)
  if(NOT TRAPLINE_UNITE)
    return()
  endif()
  foreach(target IN LISTS ARGN)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    # A class that one source has to itself may use what is in its nameless namespace.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endforeach()
endfunction()
