// FNV-1a over words: digests and checksums that are the same on every host.
#pragma once

#include <cstdint>
#include <string_view>

namespace trapline::tools::silicon {

class Hash {
 public:
  void add(std::uint64_t word) {
    for (int i = 0; i < 8; ++i) add_byte(static_cast<std::uint8_t>(word >> (8 * i)));
  }
  void add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<std::uint8_t>(c));
    add_byte(0);
  }
  std::uint64_t value() const { return value_; }
  std::uint32_t folded() const { return static_cast<std::uint32_t>(value_ ^ value_ >> 32); }

 private:
  void add_byte(std::uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001b3; }

  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace trapline::tools::silicon
