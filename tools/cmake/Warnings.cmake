# The flags of our own code: every warning is an error, on both compilers.
add_library(trapline_warnings INTERFACE)
target_compile_options(trapline_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast -Wcast-align -Wformat=2 -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # Of gcc 12's own std::stable_sort(); and, where sources are compiled together (Unite.cmake), of one's local names that
  # another one has for itself. The preset clang, which compiles each alone, has the latter.
  target_compile_options(trapline_warnings INTERFACE -Wno-deprecated-declarations $<$<BOOL:${TRAPLINE_UNITE}>:-Wno-shadow>)
endif()
