#include "emu/scenario/name_in_source.hpp"

// libiberty has its own basename(), which is not the C library's: that there is one is enough for it.
#define HAVE_DECL_BASENAME 1
#include <libiberty/demangle.h>

#include <cstdlib>
#include <memory>
#include <string_view>

namespace trapline::scenario {

namespace {

struct FreeName {
  // libiberty gives away what it has allocated.
  void operator()(char* name) const { std::free(name); }  // NOLINT(cppcoreguidelines-no-malloc)
};

}  // namespace

std::string name_in_source(const char* linked) {
  if (!std::string_view(linked).starts_with("_Z")) return linked;
  const std::unique_ptr<char, FreeName> name(cplus_demangle_v3(linked, DMGL_NO_OPTS));
  return name ? name.get() : linked;
}

}  // namespace trapline::scenario
