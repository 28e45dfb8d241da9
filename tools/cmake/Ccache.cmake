# Compiles through ccache where it is installed and its cache can be written. Named by CMakePresets.json.
block(PROPAGATE CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(ccache ccache NO_CACHE)
  if(ccache AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    execute_process(
      COMMAND sh -c "dir=$(\"$1\" --get-config cache_dir) && mkdir -p \"$dir\" && test -w \"$dir\"" sh ${ccache}
      RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
    if(status EQUAL 0)
      set(CMAKE_C_COMPILER_LAUNCHER ${ccache})
      set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache})
    endif()
  endif()
endblock()
