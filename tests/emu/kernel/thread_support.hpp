// A CPU in a process's memory, without a kernel: code at kCode, zeroed data at kData, a stack below
// kStackTop.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/machine/fp_state.hpp"
#include "emu/machine/machine.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel {

inline constexpr GuestVa kCode{0x400000};
inline constexpr GuestVa kData{0x600000};
inline constexpr GuestVa kStackTop{0x7f0000};
inline constexpr std::uint64_t kDataSize = 0x40000;
inline constexpr std::uint64_t kStackSize = 0x20000;
inline constexpr std::uint64_t kEnoughCycles = 1'000'000'000;

struct Thread {
  explicit Thread(isa::Isa isa) : machine(spec(isa)), mm(machine) {
    map(kCode, mm.page_size(), {.read = true, .execute = true});
    map(kData, kDataSize, {.read = true, .write = true});
    map(kStackTop - kStackSize, kStackSize, {.read = true, .write = true});
    cpu().set_address_space(&mm.space());
    cpu().load_fresh();
  }

  machine::Cpu& cpu() { return machine.cpu(0); }

  void map(GuestVa at, std::uint64_t size, Permissions permissions) {
    Mm::MapRequest request{.at = at, .fixed = true, .size = size};
    request.vma.permissions = permissions;
    EXPECT_TRUE(mm.map(request));
  }
  std::uint64_t word(GuestVa at, unsigned size = 8) {
    const auto value = mm.read_word(at, size);
    EXPECT_TRUE(value.has_value());
    return value.value_or(0);
  }
  std::vector<std::byte> bytes(GuestVa at, std::size_t size) {
    std::vector<std::byte> out(size);
    EXPECT_TRUE(mm.read(at, out));
    return out;
  }
  // Runs until what is not a page to be filled.
  machine::Stop run() {
    for (;;) {
      machine::Stop stop = cpu().run(kEnoughCycles);
      const auto* const fault = std::get_if<machine::PageFault>(&stop);
      if (fault == nullptr || mm.handle_fault(fault->address, fault->kind)) return stop;
    }
  }

  machine::Machine machine;
  Mm mm;
  ThreadArch arch;

 private:
  static machine::MachineSpec spec(isa::Isa isa) {
    machine::MachineSpec spec = machine::MachineSpec::defaults(isa);
    spec.memory = 16 << 20;
    return spec;
  }
};

// Each register of its own value, by `seed`.
inline machine::FxsaveImage some_fxsave(unsigned seed) {
  machine::FxsaveImage image{};
  const std::span<std::byte> out(image);
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
    isa::store_word(out.subspan(at, size), value, std::endian::little);
  };
  namespace fxsave = machine::fxsave;
  put(fxsave::kFcw, 0x027f | seed % 4 << 10, 2);
  put(fxsave::kFsw, seed % 8 << 11, 2);
  put(fxsave::kFtw, 0x35 ^ seed % 256, 1);
  put(fxsave::kFop, 0x123 + seed, 2);
  put(fxsave::kFip, 0x400123 + seed, 8);
  put(fxsave::kFdp, 0x600123 + seed, 8);
  put(fxsave::kMxcsr, 0x1f80 | seed % 4 << 13, 4);
  put(fxsave::kMxcsrMask, fxsave::kMxcsrValid, 4);
  for (std::size_t i = 0; i < 8; ++i) {
    put(fxsave::kSt + 16 * i, 0x8123456789abcd00 + i + (std::uint64_t{seed} << 8), 8);
    put(fxsave::kSt + 16 * i + 8, 0x4001 + i, 2);
  }
  for (std::size_t i = 0; i < 32; ++i) put(fxsave::kXmm + 8 * i, 0x0102030405060700 * (seed + 1) + i, 8);
  return image;
}

inline machine::VsxState some_vsx(unsigned seed) {
  machine::VsxState state;
  unsigned byte = seed;
  for (auto& reg : state.vsr) {
    for (std::byte& each : reg) each = static_cast<std::byte>(byte = byte * 5 + 7);
  }
  state.fpscr = seed % 4;
  state.vscr = machine::kVscrNj | seed % 2;
  state.vrsave = 0x89abcdef ^ seed;
  return state;
}

}  // namespace trapline::kernel
