#include "emu/kernel/task/interleaving.hpp"

#include <algorithm>
#include <bit>

namespace trapline::kernel {

std::uint64_t Interleaving::length(std::uint64_t longest) {
  const std::uint64_t bits = choice(static_cast<std::uint64_t>(std::bit_width(longest)));
  const std::uint64_t low = std::uint64_t{1} << bits;
  return std::min(low + choice(low), longest);
}

}  // namespace trapline::kernel
