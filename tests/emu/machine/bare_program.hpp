// A program of a few machine words on one CPU, without a kernel: code at kCode, zeroed data at kData, a stack
// below kStackTop.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "emu/machine/machine.hpp"
#include "isa/byte_order.hpp"

namespace trapline::machine {

inline constexpr GuestVa kCode{0x400000};
inline constexpr GuestVa kData{0x600000};  // several pages
inline constexpr GuestVa kStackTop{0x7f0000};

class BareProgram {
 public:
  BareProgram(isa::Isa isa, Gear gear, std::span<const std::byte> code, unsigned cpus = 1)
      : machine(spec(isa, gear, cpus)), space(linux_page_size(isa)) {
    const std::uint64_t page = space.page_size();
    map(kCode, {.read = true, .execute = true});
    for (unsigned i = 0; i < 4; ++i) map(kData + i * page, {.read = true, .write = true});
    map(kStackTop - page, {.read = true, .write = true});
    machine.write(space.translate(kCode)->address, code);
    for (unsigned i = 0; i < cpus; ++i) {
      Cpu& each = machine.cpu(i);
      each.set_address_space(&space);
      each.set_pc(kCode);
    }
  }

  void map(GuestVa at, Permissions permissions) { space.map(at, *machine.allocate_frame(), permissions); }

  std::uint64_t word(GuestVa at, unsigned size) {
    return isa::load_word(machine.memory().bytes(space.translate(at)->address, size),
                          isa::byte_order(machine.isa()));
  }
  void set_word(GuestVa at, std::uint64_t value, unsigned size) {
    std::vector<std::byte> bytes(size);
    isa::store_word(bytes, value, isa::byte_order(machine.isa()));
    machine.write(space.translate(at)->address, bytes);
  }

  Cpu& cpu() { return machine.cpu(0); }

  Machine machine;
  AddressSpace space;

 private:
  static MachineSpec spec(isa::Isa isa, Gear gear, unsigned cpus) {
    MachineSpec spec = MachineSpec::defaults(isa);
    spec.gear = gear;
    spec.cpus = cpus;
    spec.memory = 16 << 20;
    return spec;
  }
};

inline std::vector<std::byte> bytes(const std::vector<unsigned>& values) {
  std::vector<std::byte> out;
  for (const unsigned value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

// Big-endian instruction words.
inline std::vector<std::byte> words(std::initializer_list<std::uint32_t> values) {
  std::vector<std::byte> out;
  for (const std::uint32_t value : values) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift));
  }
  return out;
}

inline std::string gear_name(Gear gear) { return gear == Gear::WatchedPages ? "WatchedPages" : "Everything"; }

inline constexpr std::uint64_t kNoLimit = 1'000'000'000;

}  // namespace trapline::machine
