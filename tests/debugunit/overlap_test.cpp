#include "debugunit/overlap.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace trapline::debugunit {
namespace {

constexpr std::uint64_t kTop = ~std::uint64_t{0};  // the last byte of the address space

struct Case {
  std::uint64_t a;
  std::uint64_t a_size;
  std::uint64_t b;
  std::uint64_t b_size;
  bool expected;
};

constexpr Case kCases[] = {
    {0x1000, 4, 0x1000, 4, true},   // the same
    {0x1000, 4, 0x0FFF, 1, false},  // ends just before
    {0x1000, 4, 0x0FFF, 2, true},   // reaches the first byte
    {0x1000, 4, 0x1003, 1, true},   // the last byte
    {0x1000, 4, 0x1004, 1, false},  // begins just after
    {0x1000, 1, 0x0FE0, 64, true},  // far smaller than the other
    {0x1000, 0, 0x1000, 4, false},  // an empty span has no byte
    {0x1000, 0, 0x0FFF, 4, false},
    // Addresses wrap from 2^64 - 1 to 0 (see overlap.hpp).
    {kTop, 1, 0, 1, false},
    {kTop, 2, 0, 1, true},
    {kTop - 7, 8, 0, 8, false},
    {kTop - 3, 8, 0, 8, true},
    {kTop - 3, 8, 3, 1, true},
    {kTop - 3, 8, 4, 1, false},
    {kTop - 3, 8, kTop - 4, 1, false},
};

TEST(Overlap, IsTrueWhenAByteIsShared) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(testing::Message() << std::hex << c.a << "+" << c.a_size << " and " << c.b << "+"
                                    << c.b_size);
    EXPECT_EQ(overlap(isa::GuestVa(c.a), c.a_size, isa::GuestVa(c.b), c.b_size), c.expected);
    EXPECT_EQ(overlap(isa::GuestVa(c.b), c.b_size, isa::GuestVa(c.a), c.a_size), c.expected);
  }
}

}  // namespace
}  // namespace trapline::debugunit
