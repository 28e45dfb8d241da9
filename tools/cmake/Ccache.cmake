# Compiles through ccache where it is installed and its cache can be written. Named by CMakePresets.json.
block(PROPAGATE CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(ccache ccache NO_CACHE)
  if(ccache AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    execute_process(
      COMMAND sh -c "dir=$(\"$1\" --get-config cache_dir) && mkdir -p \"$dir\" && test -w \"$dir\"" sh ${ccache}
      RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
    if(status EQUAL 0)
      # Without that sloppiness ccache passes by whatever uses a precompiled header (its manual, "Precompiled headers"; the
      # sources have no __TIME__). Paths below the tree are relative, so that one checkout uses what another has compiled.
      # It goes by the compiler's own list of what a unit includes (depend mode), and need not preprocess what it has not.
      set(launcher env CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
          CCACHE_NOHASHDIR=1 ${ccache})
      set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
      set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
    endif()
  endif()
endblock()
