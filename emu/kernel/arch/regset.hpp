// A thread's registers as ptrace(2) and core files name them (struct user_regset).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "emu/kernel/result.hpp"

namespace trapline::kernel {

// Note types, linux/elf.h.
inline constexpr unsigned kNtPrStatus = 1;
inline constexpr unsigned kNtPrFpReg = 2;
inline constexpr unsigned kNtPpcVmx = 0x100;
inline constexpr unsigned kNtPpcVsx = 0x102;
inline constexpr unsigned kNt386Ioperm = 0x201;
inline constexpr unsigned kNtX86XState = 0x202;

struct Regset {
  unsigned type = 0;
  std::size_t unit = 0;  // PTRACE_GETREGSET and PTRACE_SETREGSET move whole ones (else EINVAL)
  std::size_t size = 0;
  // Cycles to get and to set it, beyond what every call takes.
  std::uint64_t get_cost = 0;
  std::uint64_t set_cost = 0;
};

// A request that moves a register set, or the beginning of one, without a struct iovec.
struct RegsetRequest {
  std::uint64_t request = 0;
  unsigned type = 0;
  std::size_t size = 0;
  bool set = false;
};

// Those of both instruction sets, linux/ptrace.h and asm/ptrace.h.
inline constexpr std::uint64_t kPtraceGetRegs = 12;
inline constexpr std::uint64_t kPtraceSetRegs = 13;
inline constexpr std::uint64_t kPtraceGetFpRegs = 14;
inline constexpr std::uint64_t kPtraceSetFpRegs = 15;

inline Result<Regset> find_regset(std::span<const Regset> all, unsigned type) {
  for (const Regset& each : all) {
    if (each.type == type) return each;
  }
  return Error{EINVAL};
}
inline std::optional<RegsetRequest> find_request(std::span<const RegsetRequest> all, std::uint64_t request) {
  for (const RegsetRequest& each : all) {
    if (each.request == request) return each;
  }
  return std::nullopt;
}

}  // namespace trapline::kernel
