# trapline_precompile(target...): lets targets start from the compiled form of the headers that most units include.
#
# What is in the list below are the standard library's and our dependencies' headers, which never change while one works; they
# take two thirds of a unit's time. A unit still includes what it uses: the clang preset and clang-tidy do without this.
option(TRAPLINE_PRECOMPILE "Compile the common headers once" ON)

function(trapline_precompile)
  if(NOT TRAPLINE_PRECOMPILE)
    return()
  endif()
  if(NOT TARGET trapline_common_headers)
    file(WRITE ${CMAKE_BINARY_DIR}/common_headers.cpp "")
    add_library(trapline_common_headers OBJECT ${CMAKE_BINARY_DIR}/common_headers.cpp)
    target_link_libraries(trapline_common_headers PRIVATE
      fmt::fmt absl::inlined_vector absl::flat_hash_map trapline_warnings)
    target_precompile_headers(trapline_common_headers PRIVATE
      <algorithm> <array> <bit> <charconv> <cstdint> <cstring> <deque> <filesystem> <functional> <limits> <map> <memory>
      <optional> <set> <span> <stdexcept> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector>
      <absl/container/flat_hash_map.h> <absl/container/inlined_vector.h> <fmt/format.h>)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(trapline_common_headers PRIVATE -fpch-preprocess)  # for ccache, which reads what is preprocessed
  endif()
  foreach(target IN LISTS ARGN)
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
      target_compile_options(${target} PRIVATE -fpch-preprocess)
    endif()
    target_precompile_headers(${target} REUSE_FROM trapline_common_headers)
  endforeach()
endfunction()
