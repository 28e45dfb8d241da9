// The engine without any of Trapline: the baseline of the benchmarks, and what the obvious design makes of
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "emu/machine/address_space.hpp"
#include "isa/isa.hpp"

namespace trapline::machine {

class BareEngine {
 public:
  enum class Hooks : std::uint8_t {
    None,        // the engine as fast as it goes
    Everything,  // the obvious design: a callback at every instruction and at every access, each comparing
                 // with `watched`
  };
  struct Range {
    GuestVa first;
    std::uint64_t size = 0;  // bytes
  };
  static constexpr std::size_t kMostWatched = 4;

  BareEngine(isa::Isa isa, Hooks hooks, std::span<const Range> watched = {});
  ~BareEngine();
  BareEngine(const BareEngine&) = delete;
  BareEngine& operator=(const BareEngine&) = delete;

  // Zeroed memory with virtual address = physical address; `address` and `size` are multiples of kGranule.
  void map(GuestVa address, std::uint64_t size, Permissions permissions);
  void write(GuestVa address, std::span<const std::byte> bytes);

  // Runs code from `pc` until the PC is at `end`: a loop that counts `count` down (x86: rcx; PPC64: ctr),
  // with the address of its data (rbx; r3) and a stack (rsp; r1). Throws std::runtime_error where it ends in
  // another way.
  struct Loop {
    GuestVa pc;
    GuestVa end;
    GuestVa data{};
    GuestVa stack{};
    std::uint64_t count = 0;
  };
  void run(const Loop& loop);

  // What the callbacks of Hooks::Everything saw.
  std::uint64_t instructions() const;
  std::uint64_t matches() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trapline::machine
