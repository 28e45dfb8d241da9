// The smallest static program of either instruction set, made without a compiler.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "isa/address.hpp"
#include "isa/isa.hpp"

namespace trapline::support {

inline constexpr isa::GuestVa kImageBase{0x10000000};
inline constexpr isa::GuestVa kImageData{0x10100000};  // zeroed memory, to read and write
inline constexpr std::uint64_t kImageDataSize = 0x10000;

struct TinyElf {
  std::vector<std::byte> image;
  isa::GuestVa code;  // where `code` lies in memory: also the entry point
};
TinyElf tiny_elf(isa::Isa isa, std::span<const std::byte> code);

}  // namespace trapline::support
