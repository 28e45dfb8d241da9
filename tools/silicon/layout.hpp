// Where everything of a case lies: the same virtual addresses in the emulator and in the traced process.
#pragma once

#include <cstddef>
#include <cstdint>

namespace trapline::tools::silicon {

inline constexpr std::uint64_t kPage = 4096;  // bytes

// Every form has a slot of code of its own, so that no translation is ever dropped.
inline constexpr std::uint64_t kCode = 0x10000000;
inline constexpr std::uint64_t kSlotSize = 128;

// What the code around the instruction loads and stores; never watched.
inline constexpr std::uint64_t kScratch = 0x12000000;
namespace scratch {
inline constexpr std::uint64_t kXmm = kScratch;             // two values of 16 bytes; MMX takes 8 of each
inline constexpr std::uint64_t kX87 = kScratch + 0x20;      // two of 10 bytes, 16 apart
inline constexpr std::uint64_t kMxcsr = kScratch + 0x40;    // 4 bytes
inline constexpr std::uint64_t kResults = kScratch + 0x80;  // as kXmm or kX87
inline constexpr std::uint64_t kInputSize = 0x44;
inline constexpr std::uint64_t kResultSize = 0x20;
}  // namespace scratch

// The operands. A case uses a window of a few pages; there are more than the engine keeps observed at a time,
// so that a case meets observed and unobserved ones.
inline constexpr std::uint64_t kData = 0x20000000;
inline constexpr std::uint64_t kDataPages = 128;
inline constexpr std::uint64_t kWindowPages = 3;
inline constexpr std::uint64_t kWindowSize = kWindowPages * kPage;

// What a byte of the data is before a case. It repeats every 256 bytes, so that all pages are alike.
constexpr std::uint8_t pattern(std::uint64_t address) { return static_cast<std::uint8_t>(address * 37 + 11); }

}  // namespace trapline::tools::silicon
