#include "emu/kernel/arch/ppc64/user_regs.hpp"

#include <algorithm>

#include "emu/kernel/costs.hpp"
#include "isa/byte_order.hpp"
#include "isa/ppc64/registers.hpp"

namespace trapline::kernel::ppc64_arch {

namespace {

using isa::ppc64::gpr;
using isa::ppc64::Reg;
using machine::VsxState;

constexpr std::size_t kWord = 8;
constexpr std::size_t kGprs = 32;
constexpr std::size_t kFprs = 32;
constexpr std::size_t kVrs = 32;
constexpr std::size_t kVector = 16;

constexpr std::uint64_t kMsrFe0 = 0x800;  // FP exceptions, of two modes
constexpr std::uint64_t kMsrFe1 = 0x100;
constexpr std::uint64_t kMsrDebugChange = isa::ppc64::kMsrSe | isa::ppc64::kMsrBe;  // MSR_DEBUGCHANGE
constexpr std::uint64_t kMsrOfUser =
    isa::ppc64::kUserMsr | isa::ppc64::kMsrEe | isa::ppc64::kMsrIr | isa::ppc64::kMsrDr | isa::ppc64::kMsrRi;

// The registers behind the words of struct pt_regs that a tracer writes as they are (up to PT_MAX_PUT_REG).
struct Word {
  std::size_t index;
  Reg reg;
};
constexpr std::array kSpecial{
    Word{kPtNip, Reg::nip}, Word{kPtCtr, Reg::ctr}, Word{kPtLnk, Reg::lr},
    Word{kPtXer, Reg::xer}, Word{kPtCcr, Reg::cr},
};

// trap's low bits are the kernel's own (set_trap, arch/powerpc/include/asm/ptrace.h).
constexpr std::uint64_t kTrapMask = 0xfff0;

constexpr std::size_t kVscrAt = kVrs * kVector + 12;
constexpr std::size_t kVrsaveAt = (kVrs + 1) * kVector;

void put_word(std::span<std::byte> out, std::size_t at, std::uint64_t value, std::size_t size = kWord) {
  isa::store_word(out.subspan(at, size), value, std::endian::big);
}
// A word of which `in` may hold the first bytes only, or none: the others stay as they are.
std::uint64_t take_word(std::span<const std::byte> in, std::size_t at, std::uint64_t old,
                        std::size_t size = kWord) {
  std::array<std::byte, kWord> bytes{};
  const std::span<std::byte> word = std::span(bytes).first(size);
  isa::store_word(word, old, std::endian::big);
  if (at < in.size()) std::ranges::copy(in.subspan(at, std::min(size, in.size() - at)), word.begin());
  return isa::load_word(word, std::endian::big);
}
// Likewise for a run of bytes.
void load_bytes(std::span<const std::byte> in, std::size_t at, std::span<std::byte> out) {
  if (at < in.size()) std::ranges::copy(in.subspan(at, std::min(out.size(), in.size() - at)), out.begin());
}

void set_msr(machine::Cpu& cpu, std::uint64_t value) {
  cpu.set(Reg::msr, (cpu.get(Reg::msr) & ~kMsrDebugChange) | (value & kMsrDebugChange));
}

// A word of struct pt_regs; EIO for those that a tracer may only read.
Status put(machine::Cpu& cpu, ThreadArch& thread, std::size_t index, std::uint64_t value) {
  if (index < kGprs) {
    cpu.set(gpr(static_cast<unsigned>(index)), value);
    return Done{};
  }
  if (const auto special = std::ranges::find(kSpecial, index, &Word::index); special != kSpecial.end()) {
    cpu.set(special->reg, value);
    return Done{};
  }
  switch (index) {
    case kPtMsr:
      set_msr(cpu, value);
      return Done{};
    case kPtOrigR3:
      thread.orig = value;
      return Done{};
    case kPtTrap:
      thread.trap = value & kTrapMask;
      return Done{};
    case kPtDscr:
      return Done{};  // how data streams are prefetched: nothing here depends on it
    default:
      return Error{EIO};
  }
}

constexpr std::array kRegsets{
    Regset{kNtPrStatus, kWord, kGregs* kWord, costs::kRegset, costs::kRegset},
    Regset{kNtPrFpReg, kWord, kFpSize, costs::kVectorRegset, 2 * costs::kVectorRegset},
    Regset{kNtPpcVmx, kVector, kVmxSize, costs::kVectorRegset, 2 * costs::kVectorRegset},
    Regset{kNtPpcVsx, kWord, kVsxSize, costs::kVectorRegset, 2 * costs::kVectorRegset},
};

// The register sets of later processors (TAR, PPR, transactions, protection keys), linux/elf.h.
constexpr unsigned kFirstLater = 0x103;  // NT_PPC_TAR
constexpr unsigned kLastLater = 0x110;   // NT_PPC_PKEY

constexpr std::uint64_t kPtraceGetVrRegs = 0x12;
constexpr std::uint64_t kPtraceSetVrRegs = 0x13;
constexpr std::uint64_t kPtraceGetRegs64 = 0x16;
constexpr std::uint64_t kPtraceSetRegs64 = 0x17;
constexpr std::uint64_t kPtraceGetVsrRegs = 0x1b;
constexpr std::uint64_t kPtraceSetVsrRegs = 0x1c;
constexpr std::size_t kVrRequestSize = (kVrs + 1) * kVector + 4;  // VRSAVE as a word

constexpr std::array kRequests{
    RegsetRequest{kPtraceGetRegs, kNtPrStatus, kPtRegs* kWord, false},
    RegsetRequest{kPtraceSetRegs, kNtPrStatus, kPtRegs* kWord, true},
    RegsetRequest{kPtraceGetRegs64, kNtPrStatus, kPtRegs* kWord, false},
    RegsetRequest{kPtraceSetRegs64, kNtPrStatus, kPtRegs* kWord, true},
    RegsetRequest{kPtraceGetFpRegs, kNtPrFpReg, kFpSize, false},
    RegsetRequest{kPtraceSetFpRegs, kNtPrFpReg, kFpSize, true},
    RegsetRequest{kPtraceGetVrRegs, kNtPpcVmx, kVrRequestSize, false},
    RegsetRequest{kPtraceSetVrRegs, kNtPpcVmx, kVrRequestSize, true},
    RegsetRequest{kPtraceGetVsrRegs, kNtPpcVsx, kVsxSize, false},
    RegsetRequest{kPtraceSetVsrRegs, kNtPpcVsx, kVsxSize, true},
};

}  // namespace

std::uint64_t shown_msr(machine::Cpu& cpu) {
  return kMsrOfUser | (cpu.get(Reg::msr) & (kMsrDebugChange | kMsrFe0 | kMsrFe1));
}

Gregs general_registers(machine::Cpu& cpu, const ThreadArch& thread) {
  Gregs words{};
  for (unsigned i = 0; i < kGprs; ++i) words[i] = cpu.get(gpr(i));
  for (const Word& special : kSpecial) words[special.index] = cpu.get(special.reg);
  words[kPtMsr] = shown_msr(cpu);
  words[kPtOrigR3] = thread.orig;
  words[kPtSofte] = 1;  // interrupts are enabled, always
  words[kPtTrap] = thread.trap;
  words[kPtDar] = thread.fault_address;
  words[kPtDsisr] = thread.error_code;
  return words;
}

void store_fp(const VsxState& state, std::span<std::byte, kFpSize> out) {
  for (std::size_t i = 0; i < kFprs; ++i) {
    std::ranges::copy(std::span(state.vsr[i]).first(kWord), out.subspan(kWord * i).begin());
  }
  put_word(out, kFprs * kWord, state.fpscr);
}

void store_vmx(const VsxState& state, std::span<std::byte, kVmxSize> out) {
  std::ranges::fill(out, std::byte{0});
  for (std::size_t i = 0; i < kVrs; ++i) {
    std::ranges::copy(state.vsr[kFprs + i], out.subspan(kVector * i).begin());
  }
  put_word(out, kVscrAt, state.vscr, 4);
  put_word(out, kVrsaveAt, state.vrsave, 4);
}

void store_vsx(const VsxState& state, std::span<std::byte, kVsxSize> out) {
  for (std::size_t i = 0; i < kFprs; ++i) {
    std::ranges::copy(std::span(state.vsr[i]).last(kWord), out.subspan(kWord * i).begin());
  }
}

void load_fp(VsxState& state, std::span<const std::byte> in) {
  for (std::size_t i = 0; i < kFprs; ++i) load_bytes(in, kWord * i, std::span(state.vsr[i]).first(kWord));
  state.fpscr = static_cast<std::uint32_t>(take_word(in, kFprs * kWord, state.fpscr));
}

void load_vmx(VsxState& state, std::span<const std::byte> in) {
  for (std::size_t i = 0; i < kVrs; ++i) load_bytes(in, kVector * i, state.vsr[kFprs + i]);
  state.vscr = static_cast<std::uint32_t>(take_word(in, kVscrAt, state.vscr, 4));
  state.vrsave = static_cast<std::uint32_t>(take_word(in, kVrsaveAt, state.vrsave, 4));
}

void load_vsx(VsxState& state, std::span<const std::byte> in) {
  for (std::size_t i = 0; i < kFprs; ++i) load_bytes(in, kWord * i, std::span(state.vsr[i]).last(kWord));
}

Result<std::uint64_t> peek_user(machine::Cpu& cpu, const ThreadArch& thread, std::uint64_t offset) {
  const std::uint64_t index = offset / kWord;
  if (offset % kWord != 0 || index > kPtFpscr) return Error{EIO};
  if (index <= kPtDscr) return general_registers(cpu, thread)[index];
  if (index < kPtFpr0) return Error{EIO};
  std::array<std::byte, kFpSize> fp{};
  store_fp(cpu.get_vsx_state(), fp);
  return take_word(fp, kWord * (index - kPtFpr0), 0);
}

Status poke_user(machine::Cpu& cpu, ThreadArch& thread, std::uint64_t offset, std::uint64_t value) {
  const std::uint64_t index = offset / kWord;
  if (offset % kWord != 0 || index > kPtFpscr) return Error{EIO};
  if (index < kPtFpr0) return put(cpu, thread, index, value);
  std::array<std::byte, kFpSize> fp{};
  VsxState state = cpu.get_vsx_state();
  store_fp(state, fp);
  put_word(fp, kWord * (index - kPtFpr0), value);
  load_fp(state, fp);
  cpu.set_vsx_state(state);
  return Done{};
}

Result<Regset> regset_of(unsigned type) {
  if (type >= kFirstLater && type <= kLastLater) return Error{ENODEV};
  return find_regset(kRegsets, type);
}

Result<std::vector<std::byte>> regset(machine::Cpu& cpu, const ThreadArch& thread, unsigned type) {
  const auto set = regset_of(type);
  if (!set) return set.error();
  std::vector<std::byte> bytes(set->size);
  const std::span<std::byte> out(bytes);
  switch (type) {
    case kNtPrFpReg:
      store_fp(cpu.get_vsx_state(), out.first<kFpSize>());
      break;
    case kNtPpcVmx:
      store_vmx(cpu.get_vsx_state(), out.first<kVmxSize>());
      break;
    case kNtPpcVsx:
      store_vsx(cpu.get_vsx_state(), out.first<kVsxSize>());
      break;
    default: {
      const Gregs words = general_registers(cpu, thread);
      for (std::size_t i = 0; i < words.size(); ++i) put_word(out, kWord * i, words[i]);
    }
  }
  return bytes;
}

Status set_regset(machine::Cpu& cpu, ThreadArch& thread, unsigned type, std::span<const std::byte> bytes) {
  const auto set = regset_of(type);
  if (!set) return set.error();
  if (type == kNtPrStatus) {
    // What may not be written is passed over.
    for (std::size_t i = 0; i < std::min(bytes.size() / kWord, kPtRegs); ++i) {
      static_cast<void>(put(cpu, thread, i, take_word(bytes, kWord * i, 0)));
    }
    return Done{};
  }
  VsxState state = cpu.get_vsx_state();
  if (type == kNtPrFpReg) load_fp(state, bytes);
  if (type == kNtPpcVmx) load_vmx(state, bytes);
  if (type == kNtPpcVsx) load_vsx(state, bytes);
  cpu.set_vsx_state(state);
  return Done{};
}

std::optional<RegsetRequest> regset_request(std::uint64_t request) {
  return find_request(kRequests, request);
}

}  // namespace trapline::kernel::ppc64_arch
