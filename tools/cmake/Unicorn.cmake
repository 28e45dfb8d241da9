# Unicorn::Unicorn, the CPU emulator, 2.1.4 or later. Looked for in this order:
#   1. the prefix in the option TRAPLINE_UNICORN_DIR
#   2. .deps/unicorn in the source tree, where tools/setup puts it
#   3. the system's, through pkg-config
#   4. upstream's sources, fetched and built here
# unicorn_to_install is the shared library that an installed command must bring along: of 1 and 2. The third is the system's, and the
# fourth is linked statically.
set(TRAPLINE_UNICORN_DIR "" CACHE PATH "Prefix of an installed Unicorn, 2.1.4 or later")

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# Sets unicorn_include, unicorn_library and unicorn_version to what lies in these folders, or unicorn_library to "". The
# header states the version, so a prefix needs no .pc file (one that was moved has wrong paths in it).
function(trapline_look_for_unicorn include_dirs library_dirs)
  find_path(include unicorn/unicorn.h PATHS ${include_dirs} NO_DEFAULT_PATH NO_CACHE)
  # The shared library, not the archive: the linker of Debian 12 (binutils 2.40) takes a PUSH from the global offset table, as
  # newer compilers write it, for a CALL, and what it links from the archive calls itself for ever.
  find_library(library NAMES unicorn PATHS ${library_dirs} NO_DEFAULT_PATH NO_CACHE)
  if(NOT include OR NOT library)
    set(unicorn_library "" PARENT_SCOPE)
    return()
  endif()
  set(version "")
  foreach(part MAJOR MINOR PATCH)
    file(STRINGS ${include}/unicorn/unicorn.h line REGEX "^#define UC_API_${part} +[0-9]+")
    string(REGEX REPLACE ".* ([0-9]+).*" "\\1" number "${line}")
    list(APPEND version ${number})
  endforeach()
  list(JOIN version . version)
  set(unicorn_include ${include} PARENT_SCOPE)
  set(unicorn_library ${library} PARENT_SCOPE)
  set(unicorn_version ${version} PARENT_SCOPE)
endfunction()

# Sets `result` to what pkg-config says of Unicorn, or to "". pkg_check_modules would remember the version of the first
# configuration after an upgrade.
function(trapline_ask_pkg_config result question)
  execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} ${question} unicorn
    OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  set(${result} "${answer}" PARENT_SCOPE)
endfunction()

set(unicorn_to_install "")
block(PROPAGATE unicorn_to_install)
  set(unicorn_minimum 2.1.4)
  string(CONCAT unicorn_why
    "before 2.1.4 the program counter is not right whenever a callback runs or a run stops, "
    "before 2.1.2 stores are slow, and before 2.1.0 there is no UC_HOOK_TLB_FILL")

  set(unicorn_library "")
  set(unicorn_places ${TRAPLINE_UNICORN_DIR})
  if(NOT unicorn_places AND EXISTS ${CMAKE_SOURCE_DIR}/.deps/unicorn)
    set(unicorn_places ${CMAKE_SOURCE_DIR}/.deps/unicorn)
  endif()
  if(unicorn_places)
    set(prefixes ${unicorn_places} ${unicorn_places}/usr)
    list(TRANSFORM prefixes APPEND /include OUTPUT_VARIABLE include_dirs)
    set(library_dirs "")
    foreach(lib lib/${CMAKE_LIBRARY_ARCHITECTURE} lib lib64)
      list(TRANSFORM prefixes APPEND /${lib} OUTPUT_VARIABLE dirs)
      list(APPEND library_dirs ${dirs})
    endforeach()
    trapline_look_for_unicorn("${include_dirs}" "${library_dirs}")
    if(NOT unicorn_library)
      message(FATAL_ERROR "No Unicorn in ${unicorn_places}: unicorn/unicorn.h or libunicorn is missing.")
    elseif(unicorn_version VERSION_LESS unicorn_minimum)
      message(FATAL_ERROR
        "Unicorn ${unicorn_version} in ${unicorn_places} is too old, ${unicorn_minimum} is needed: ${unicorn_why}.")
    endif()
    set(unicorn_to_install ${unicorn_library})
  else()
    trapline_ask_pkg_config(system_version --modversion)
    trapline_ask_pkg_config(include_dir --variable=includedir)
    trapline_ask_pkg_config(library_dir --variable=libdir)
    if(system_version AND system_version VERSION_LESS unicorn_minimum)
      message(STATUS
        "Refused the system's Unicorn ${system_version}, ${unicorn_minimum} is needed: ${unicorn_why}.")
    elseif(system_version)
      trapline_look_for_unicorn("${include_dir}" "${library_dir}")
    endif()
  endif()

  if(unicorn_library)
    message(STATUS "Unicorn ${unicorn_version}: ${unicorn_library}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${unicorn_include}/unicorn/unicorn.h)
    add_library(Unicorn::Unicorn UNKNOWN IMPORTED)
    set_target_properties(Unicorn::Unicorn PROPERTIES
      IMPORTED_LOCATION ${unicorn_library}
      INTERFACE_INCLUDE_DIRECTORIES ${unicorn_include}
      INTERFACE_LINK_LIBRARIES "Threads::Threads;m")
  else()
    message(STATUS
      "No Unicorn ${unicorn_minimum} found: fetching its sources (on Debian, tools/setup gets a built one instead)")
    include(FetchContent)
    set(UNICORN_ARCH "x86;ppc" CACHE STRING "Instruction sets that Unicorn is built for")
    FetchContent_Declare(unicorn
      GIT_REPOSITORY https://github.com/unicorn-engine/unicorn
      GIT_TAG ${unicorn_minimum}
      GIT_SHALLOW ON
      SYSTEM)
    FetchContent_MakeAvailable(unicorn)
    add_library(Unicorn::Unicorn INTERFACE IMPORTED)
    target_link_libraries(Unicorn::Unicorn INTERFACE unicorn Threads::Threads)
  endif()
endblock()
