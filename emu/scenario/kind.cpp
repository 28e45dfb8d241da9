#include "emu/scenario/kind.hpp"

#include <algorithm>
#include <array>

#include "emu/scenario/bare/kind.hpp"
#include "emu/scenario/linux/kind.hpp"

namespace trapline::scenario {

std::span<const Kind* const> kinds() {
  static const std::array<const Kind*, 2> kAll{&linux_kind(), &bare_kind()};
  return kAll;
}

const Kind& kind_named(std::string_view name) {
  return **std::ranges::find(kinds(), name, [](const Kind* kind) { return kind->name(); });
}

}  // namespace trapline::scenario
