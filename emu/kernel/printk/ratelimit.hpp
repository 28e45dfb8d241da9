// How much of a kind is logged (lib/ratelimit.c): ten messages in five seconds.
#pragma once

#include <cstdint>

#include "emu/kernel/time_units.hpp"

namespace trapline::kernel {

class Ratelimit {
 public:
  bool take(std::uint64_t now) {
    constexpr std::uint64_t kInterval = 5 * kSecond;
    constexpr unsigned kBurst = 10;
    if (now > begin_ + kInterval || taken_ == 0) {
      begin_ = now;
      taken_ = 0;
    }
    if (taken_ == kBurst) {
      ++missed_;
      return false;
    }
    ++taken_;
    return true;
  }
  std::uint64_t missed() const { return missed_; }

 private:
  std::uint64_t begin_ = 0;
  unsigned taken_ = 0;
  std::uint64_t missed_ = 0;
};

}  // namespace trapline::kernel
