# trapline_precompile(target...): lets targets start from the compiled form of the headers that most units include;
# trapline_precompile_tests(target...): the same with GoogleTest's.
#
# What is in the list below are the standard library's and our dependencies' headers, which never change while one works; they
# take two thirds of a unit's time. A unit still includes what it uses: the clang preset and clang-tidy do without this.
option(TRAPLINE_PRECOMPILE "Compile the common headers once" ON)

set(trapline_common_headers
  <algorithm> <array> <bit> <charconv> <cstdint> <cstring> <deque> <filesystem> <functional> <limits> <list> <map> <memory>
  <optional> <set> <span> <stdexcept> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector>
  <absl/container/flat_hash_map.h> <absl/container/inlined_vector.h> <fmt/format.h>)

# The library `name` has the compiled form of the headers, for which it USES other libraries; targets start from it.
function(trapline_precompiled name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;HEADERS;TARGETS")
  if(NOT TRAPLINE_PRECOMPILE)
    return()
  endif()
  # For ccache, which reads what is preprocessed.
  set(options $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  if(NOT TARGET ${name})
    file(WRITE ${CMAKE_BINARY_DIR}/${name}.cpp "")
    add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE fmt::fmt absl::inlined_vector absl::flat_hash_map ${arg_USES} trapline_warnings)
    target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
    target_compile_options(${name} PRIVATE ${options})
  endif()
  foreach(target IN LISTS arg_TARGETS)
    target_compile_options(${target} PRIVATE ${options})
    target_precompile_headers(${target} REUSE_FROM ${name})
  endforeach()
endfunction()

function(trapline_precompile)
  trapline_precompiled(trapline_common_headers HEADERS ${trapline_common_headers} TARGETS ${ARGN})
endfunction()

function(trapline_precompile_tests)
  trapline_precompiled(trapline_test_headers USES GTest::gtest GTest::gmock
                       HEADERS ${trapline_common_headers} <gmock/gmock.h> <gtest/gtest.h> TARGETS ${ARGN})
endfunction()
