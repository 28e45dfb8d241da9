#include "emu/kernel/arch/x86/user_regs.hpp"

#include <algorithm>
#include <array>

#include "emu/kernel/mm/mm.hpp"
#include "emu/machine/fp_state.hpp"
#include "isa/byte_order.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::kernel::x86_arch {

namespace {

using isa::x86::Reg;
namespace fxsave = machine::fxsave;

constexpr std::size_t kWord = 8;

// The words of struct user_regs_struct; nothing: orig_rax.
constexpr std::array<std::optional<Reg>, kUserRegsSize / kWord> kOrder{
    Reg::r15,    Reg::r14, Reg::r13, Reg::r12,     Reg::rbp,     Reg::rbx, Reg::r11,     Reg::r10, Reg::r9,
    Reg::r8,     Reg::rax, Reg::rcx, Reg::rdx,     Reg::rsi,     Reg::rdi, std::nullopt, Reg::rip, Reg::cs,
    Reg::rflags, Reg::rsp, Reg::ss,  Reg::fs_base, Reg::gs_base, Reg::ds,  Reg::es,      Reg::fs,  Reg::gs,
};

// The flags that a tracer may change (FLAG_MASK): CF, PF, AF, ZF, SF, TF, DF, OF, NT, RF and AC.
constexpr std::uint64_t kFlagMask = 0x54dd5;

constexpr std::uint64_t kRequestedPrivilege = 3;  // of a selector

std::uint64_t get(machine::Cpu& cpu, const ThreadArch& thread, std::size_t index) {
  const auto reg = kOrder[index];
  if (!reg) return thread.orig;
  const std::uint64_t value = cpu.get(*reg);
  // A step that the tracer asked for is not the program's own.
  return *reg == Reg::rflags && thread.forced_tf ? value & ~isa::x86::kTf : value;
}

void set_flags(machine::Cpu& cpu, ThreadArch& thread, std::uint64_t value) {
  if ((value & isa::x86::kTf) != 0) {
    thread.forced_tf = false;  // from now on the program's own
  } else if (thread.forced_tf) {
    value |= isa::x86::kTf;
  }
  cpu.set(Reg::rflags, (cpu.get(Reg::rflags) & ~kFlagMask) | (value & kFlagMask));
}

// Of the selectors that Linux accepts here, those for which there is no descriptor make the return to the
// program fail (CS, SS) or read as 0 then (the others). The former are refused at once, and so is 32-bit
// code, which this kernel does not run. The latter are not taken to the engine, which would look for a
// descriptor while nothing runs: they all read as 0, those of Linux's own data segments too.
Status set_segment(Reg reg, std::uint16_t value) {
  if (value != 0 && (value & kRequestedPrivilege) != kRequestedPrivilege) return Error{EIO};
  if (reg == Reg::cs && value != isa::x86::kUserCs) return Error{EIO};
  if (reg == Reg::ss && value != isa::x86::kUserSs) return Error{EIO};
  return Done{};
}

Status put(machine::Cpu& cpu, ThreadArch& thread, std::size_t index, std::uint64_t value) {
  const auto reg = kOrder[index];
  if (!reg) {
    thread.orig = value;
    return Done{};
  }
  switch (*reg) {
    case Reg::cs:
    case Reg::ss:
    case Reg::ds:
    case Reg::es:
    case Reg::fs:
    case Reg::gs:
      return set_segment(*reg, static_cast<std::uint16_t>(value));
    case Reg::rflags:
      set_flags(cpu, thread, value);
      return Done{};
    case Reg::fs_base:
    case Reg::gs_base:
      if (value >= Layout::of(isa::Isa::X86_64).task_size.value) return Error{EIO};
      break;
    default:
      break;
  }
  cpu.set(*reg, value);
  return Done{};
}

constexpr std::array kRegsets{
    Regset{kNtPrStatus, kWord, kUserRegsSize},
    Regset{kNtPrFpReg, kWord, sizeof(machine::FxsaveImage)},
    // Known, but not to be had, which is said only of a length that is right (ptrace_regset()).
    Regset{kNtX86XState, kWord},
    Regset{kNt386Ioperm, kWord},
};

constexpr std::array kRequests{
    RegsetRequest{kPtraceGetRegs, kNtPrStatus, kUserRegsSize, false},
    RegsetRequest{kPtraceSetRegs, kNtPrStatus, kUserRegsSize, true},
    RegsetRequest{kPtraceGetFpRegs, kNtPrFpReg, sizeof(machine::FxsaveImage), false},
    RegsetRequest{kPtraceSetFpRegs, kNtPrFpReg, sizeof(machine::FxsaveImage), true},
};

}  // namespace

std::optional<Result<std::uint64_t>> peek_user(machine::Cpu& cpu, const ThreadArch& thread,
                                               std::uint64_t offset) {
  if (offset % kWord != 0 || offset >= kUserSize) return Error{EIO};
  if (offset < kUserRegsSize) return get(cpu, thread, offset / kWord);
  if (offset >= kUserDebugRegs) return std::nullopt;
  return 0;  // struct user has more members, for core files of another age
}

std::optional<Status> poke_user(machine::Cpu& cpu, ThreadArch& thread, std::uint64_t offset,
                                std::uint64_t value) {
  if (offset % kWord != 0 || offset >= kUserSize) return Error{EIO};
  if (offset < kUserRegsSize) return put(cpu, thread, offset / kWord, value);
  if (offset >= kUserDebugRegs) return std::nullopt;
  return Error{EIO};
}

Result<Regset> regset_of(unsigned type) { return find_regset(kRegsets, type); }

Result<std::vector<std::byte>> regset(machine::Cpu& cpu, const ThreadArch& thread, unsigned type) {
  const auto set = regset_of(type);
  if (!set) return set.error();
  if (type == kNtX86XState) return Error{ENODEV};  // the processor has no XSAVE
  if (type == kNt386Ioperm) return Error{ENXIO};   // the thread has no ports
  if (type == kNtPrFpReg) {
    const machine::FxsaveImage image = cpu.get_fp_state();
    return std::vector<std::byte>(image.begin(), image.end());
  }
  std::vector<std::byte> bytes(set->size);
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    isa::store_word(std::span(bytes).subspan(kWord * i, kWord), get(cpu, thread, i), std::endian::little);
  }
  return bytes;
}

Status set_regset(machine::Cpu& cpu, ThreadArch& thread, unsigned type, std::span<const std::byte> bytes) {
  const auto set = regset_of(type);
  if (!set) return set.error();
  if (type == kNtX86XState) return Error{ENODEV};
  if (type == kNt386Ioperm) return Error{EOPNOTSUPP};  // ioperm(2) sets it, nobody else
  if (type == kNtPrFpReg) {
    machine::FxsaveImage image{};
    if (bytes.size() != image.size()) return Error{EINVAL};
    std::ranges::copy(bytes, image.begin());
    const std::uint64_t mxcsr = isa::load_word(bytes.subspan(fxsave::kMxcsr, 4), std::endian::little);
    if ((mxcsr & ~std::uint64_t{fxsave::kMxcsrValid}) != 0) return Error{EINVAL};
    cpu.set_fp_state(image);
    return Done{};
  }
  for (std::size_t i = 0; i < std::min(bytes.size() / kWord, kOrder.size()); ++i) {
    const std::uint64_t value = isa::load_word(bytes.subspan(kWord * i, kWord), std::endian::little);
    if (const Status done = put(cpu, thread, i, value); !done) return done;
  }
  return Done{};
}

std::optional<RegsetRequest> regset_request(std::uint64_t request) {
  return find_request(kRequests, request);
}

}  // namespace trapline::kernel::x86_arch
