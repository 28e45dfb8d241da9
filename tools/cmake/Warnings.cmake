# The flags of our own code: every warning is an error, on both compilers.
add_library(trapline_warnings INTERFACE)
target_compile_options(trapline_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast -Wcast-align -Wformat=2 -Wimplicit-fallthrough -Werror)
