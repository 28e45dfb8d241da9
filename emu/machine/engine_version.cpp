#include "emu/machine/engine_version.hpp"

#include <fmt/format.h>
#include <unicorn/unicorn.h>

namespace trapline::machine {

std::string engine_version() {
  constexpr unsigned kByte = 0xff;
  const unsigned version = ::uc_version(nullptr, nullptr);  // major, minor, patch, extra, a byte each
  return fmt::format("{}.{}.{}", version >> 24, version >> 16 & kByte, version >> 8 & kByte);
}

}  // namespace trapline::machine
