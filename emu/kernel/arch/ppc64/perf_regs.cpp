#include "emu/kernel/arch/ppc64/perf_regs.hpp"

#include <array>
#include <bit>
#include <optional>

#include "emu/kernel/arch/ppc64/signal_frame.hpp"
#include "emu/kernel/arch/ppc64/user_regs.hpp"
#include "isa/byte_order.hpp"
#include "isa/ppc64/registers.hpp"

namespace trapline::kernel::ppc64_arch {

namespace {

using isa::ppc64::gpr;
using isa::ppc64::Reg;

constexpr std::size_t kPerfGprs = 32;
// Behind the words of struct pt_regs up to dsisr, which are named as there.
constexpr std::size_t kSier = 43;   // only a processor's PMU has it
constexpr std::size_t kMmcra = 44;  // pt_regs::dsisr, into which a PMU puts it

std::uint64_t perf_reg(machine::Cpu& cpu, const ThreadArch& thread, std::size_t index) {
  if (index < kPerfGprs) return cpu.get(gpr(static_cast<unsigned>(index)));
  switch (index) {
    case kPtNip:
      return cpu.get(Reg::nip);
    case kPtMsr:
      return shown_msr(cpu);
    case kPtOrigR3:
      return thread.orig;
    case kPtCtr:
      return cpu.get(Reg::ctr);
    case kPtLnk:
      return cpu.get(Reg::lr);
    case kPtXer:
      return cpu.get(Reg::xer);
    case kPtCcr:
      return cpu.get(Reg::cr);
    case kPtSofte:
      return 1;  // interrupts are enabled
    case kPtTrap:
      return thread.trap;
    case kPtDar:
      return thread.fault_address;
    case kPtDsisr:
    case kMmcra:
      return thread.error_code;
    case kSier:
    default:
      return 0;
  }
}

std::optional<std::uint64_t> read_word(const Mm& mm, GuestVa address) {
  std::array<std::byte, 8> word{};
  if (mm.read_present(address, word) != word.size()) return std::nullopt;
  return isa::load_word(word, std::endian::big);
}

bool valid_stack(const Mm& mm, GuestVa sp) {
  constexpr std::uint64_t kSmallestFrame = 32;
  return sp.value != 0 && sp.value % 8 == 0 && sp <= mm.layout().stack_top - kSmallestFrame;
}

// What a signal interrupted, where `sp` is the frame from which its handler was called.
struct Interrupted {
  GuestVa nip;
  GuestVa lr;
  GuestVa sp;
};
std::optional<Interrupted> signal_frame(const Mm& mm, GuestVa sp) {
  const GuestVa frame = sp + frame::kCallerFrame;
  // The frame points to two of its own parts.
  if (read_word(mm, frame + frame::kPinfo) != (frame + frame::kSiginfo).value) return std::nullopt;
  if (read_word(mm, frame + frame::kPuc) != frame.value) return std::nullopt;
  const GuestVa registers = frame + frame::kMcontext + frame::kGpRegs;
  const auto nip = read_word(mm, registers + 8 * kPtNip);
  const auto lr = read_word(mm, registers + 8 * kPtLnk);
  const auto r1 = read_word(mm, registers + 8);
  if (!nip || !lr || !r1) return std::nullopt;
  return Interrupted{GuestVa(*nip), GuestVa(*lr), GuestVa(*r1)};
}

}  // namespace

std::size_t perf_regs(machine::Cpu& cpu, const ThreadArch& thread, std::uint64_t mask,
                      std::span<std::uint64_t> out) {
  std::size_t count = 0;
  for (std::uint64_t left = mask & kPerfRegs; left != 0; left &= left - 1) {
    out[count++] = perf_reg(cpu, thread, static_cast<std::size_t>(std::countr_zero(left)));
  }
  return count;
}

// 64-bit ELF ABI: at 0(r1) lies the caller's stack pointer, and a function keeps its return address at 16 of
// its caller's frame. Whether the innermost function has done so already cannot be told; its LR is given in
// any case, and is wrong if it has called others since. perf script and its like know that.
void perf_callchain_user(machine::Cpu& cpu, const Mm& mm, PerfCallchain& chain) {
  constexpr std::uint64_t kLrSave = 16;
  GuestVa ip = cpu.pc();
  GuestVa lr(cpu.get(Reg::lr));
  GuestVa sp(cpu.get(Reg::r1));
  // Where a handler returns to: behind the first word of the trampoline (signal_frame.cpp).
  const auto trampoline = [&](GuestVa address, GuestVa stack) {
    if (mm.vdso.value != 0) return address == mm.vdso + 4;
    return address == stack + frame::kCallerFrame + frame::kTrampoline + 4;
  };
  for (unsigned depth = 0; !chain.full();) {
    if (!valid_stack(mm, sp)) return;
    const auto back = read_word(mm, sp);
    if (!back) return;
    if (depth > 0) {
      const auto saved = read_word(mm, sp + kLrSave);
      if (!saved) return;
      ip = GuestVa(*saved);
    }
    // Not only upwards: from an alternate stack a handler's frame leads anywhere.
    const bool far = *back - sp.value >= kMinSigStkSz;
    if (far && (trampoline(ip, sp) || (depth <= 1 && trampoline(lr, sp)))) {
      if (const auto interrupted = signal_frame(mm, sp)) {
        chain.store_context(kPerfContextUser);
        ip = interrupted->nip;
        lr = interrupted->lr;
        sp = interrupted->sp;
        chain.store(ip);
        depth = 0;
        continue;
      }
    }
    chain.store(depth == 0 ? lr : ip);
    ++depth;
    sp = GuestVa(*back);
  }
}

}  // namespace trapline::kernel::ppc64_arch
