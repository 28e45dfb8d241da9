#include "emu/kernel/arch/ppc64/signal_frame.hpp"

#include <algorithm>
#include <array>

#include "emu/kernel/arch/ppc64/user_regs.hpp"
#include "emu/kernel/arch/ppc64/vdso.hpp"
#include "emu/kernel/costs.hpp"
#include "isa/byte_order.hpp"
#include "isa/ppc64/registers.hpp"

namespace trapline::kernel::ppc64_arch {

namespace {

using isa::ppc64::gpr;
using isa::ppc64::Reg;

constexpr std::uint64_t kFrameAlignment = 16;
constexpr std::uint64_t kVectorAlignment = 16;
constexpr std::uint64_t kFpModes = 0x900;  // MSR[FE0] and [FE1]

void store(std::span<std::byte> bytes, std::size_t at, std::uint64_t value, std::size_t size = 8) {
  isa::store_word(bytes.subspan(at, size), value, std::endian::big);
}
std::uint64_t load(std::span<const std::byte> bytes, std::size_t at, std::size_t size = 8) {
  return isa::load_word(bytes.subspan(at, size), std::endian::big);
}

GuestVa place(std::uint64_t r1, const SignalDelivery& delivery) {
  const AlternateStack& stack = delivery.stack;
  GuestVa at(r1);
  if ((delivery.action.flags & kSaOnStack) != 0 && stack.size != 0 && !stack.holds(at)) {
    at = stack.start + stack.size;
  }
  return (at - frame::kSize).align_down(kFrameAlignment);
}

// Where the vector registers are in a struct sigcontext that lies at `sigcontext`.
GuestVa vector_registers(GuestVa sigcontext) {
  return (sigcontext + frame::kVmxReserve).align_up(kVectorAlignment);
}

}  // namespace

bool setup_rt_frame(machine::Cpu& cpu, Mm& mm, ThreadArch& thread, const SignalDelivery& delivery) {
  const std::uint64_t r1 = cpu.get(Reg::r1);
  const GuestVa at = place(r1, delivery);
  const GuestVa sigcontext = at + frame::kMcontext;

  std::array<std::byte, frame::kGap> image{};
  store(image, frame::kStack, delivery.stack.start.value);
  store(image, frame::kStack + 8, delivery.stack.shown_flags(), 4);
  store(image, frame::kStack + 16, delivery.stack.size);
  store(image, frame::kSigmask, delivery.mask);

  const std::span<std::byte> sc = std::span(image).subspan(frame::kMcontext);
  store(sc, frame::kSignal, static_cast<std::uint64_t>(delivery.info.signal()), 4);
  store(sc, frame::kHandler, delivery.action.handler);
  store(sc, frame::kRegs, (sigcontext + frame::kGpRegs).value);
  // The MSR's bits say which registers are there: all, since hardly any program has never used one of each
  // kind.
  const Gregs words = general_registers(cpu, thread);
  for (std::size_t i = 0; i < words.size(); ++i) store(sc, frame::kGpRegs + 8 * i, words[i]);
  cpu.charge(costs::kVectorFrame);
  machine::VsxState state = cpu.get_vsx_state();
  store_fp(state, sc.subspan<frame::kFpRegs, kFpSize>());
  const GuestVa vectors = vector_registers(sigcontext);
  store(sc, frame::kVRegs, vectors.value);
  const std::span<std::byte> vmx = sc.subspan(vectors - sigcontext);
  store_vmx(state, vmx.first<kVmxSize>());
  store_vsx(state, vmx.subspan<kVmxSize, kVsxSize>());

  store(image, frame::kPinfo, (at + frame::kSiginfo).value);
  store(image, frame::kPuc, at.value);
  std::ranges::copy(delivery.info.bytes(), std::span(image).subspan(frame::kSiginfo).begin());
  GuestVa trampoline;
  if (mm.vdso.value != 0) {
    trampoline = mm.vdso + kStartSigtramp;
  } else {
    trampoline = at + frame::kTrampoline;
    for (std::size_t i = 0; i < frame::kTrampolineCode.size(); ++i) {
      store(image, frame::kTrampoline + 4 * i, frame::kTrampolineCode[i], 4);
    }
  }

  // A handler is the address of a function descriptor: its code's address, then its TOC's; in ELFv2 that of
  // the code, which finds its TOC by r12.
  std::uint64_t code = delivery.action.handler;
  std::uint64_t toc = cpu.get(Reg::r2);
  if (!mm.elf2) {
    const GuestVa descriptor(delivery.action.handler);
    const auto first = mm.read_word(descriptor, 8);
    const auto second = mm.read_word(descriptor + 8, 8);
    if (!first || !second) return false;
    code = *first;
    toc = *second;
  }

  // The gap stays untouched: it may hold what the interrupted function keeps below its stack pointer.
  if (!mm.write(at, image)) return false;
  const GuestVa stack = at - frame::kCallerFrame;
  if (!mm.write_word(stack, r1, 8)) return false;  // the back chain

  state.fpscr = 0;  // the handler is not to meet the program's pending FP exceptions
  cpu.set_vsx_state(state);
  cpu.set(Reg::msr, cpu.get(Reg::msr) & ~kFpModes);
  cpu.set(Reg::ctr, code);
  cpu.set(Reg::r2, toc);
  if (mm.elf2) cpu.set(Reg::r12, code);
  cpu.set(Reg::r1, stack.value);
  cpu.set(Reg::r3, static_cast<std::uint64_t>(delivery.info.signal()));
  if ((delivery.action.flags & kSaSigInfo) != 0) {
    cpu.set(Reg::r4, (at + frame::kSiginfo).value);
    cpu.set(Reg::r5, at.value);
    cpu.set(Reg::r6, at.value);
  } else {
    cpu.set(Reg::r4, sigcontext.value);
  }
  cpu.set_pc(trampoline);
  thread.trap = 0;
  return true;
}

std::optional<SignalReturn> rt_sigreturn(machine::Cpu& cpu, Mm& mm, ThreadArch& thread) {
  cpu.charge(costs::kVectorFrame);
  const GuestVa at(cpu.get(Reg::r1));
  std::array<std::byte, frame::kUcontextSize> image{};
  if (!mm.read(at, image)) return std::nullopt;
  const std::span<const std::byte> sc = std::span<const std::byte>(image).subspan(frame::kMcontext);
  const auto word = [&](std::size_t index) { return load(sc, frame::kGpRegs + 8 * index); };
  const std::uint64_t msr = word(kPtMsr);
  if ((msr & isa::ppc64::kMsrLe) != 0) return std::nullopt;  // the engine does not switch byte order

  machine::VsxState state;
  load_fp(state, sc.subspan<frame::kFpRegs, kFpSize>());
  const GuestVa vectors(load(sc, frame::kVRegs));
  if (vectors.value != 0) {
    std::array<std::byte, kVmxSize> vmx{};
    if ((msr & isa::ppc64::kMsrVec) != 0) {
      if (!mm.read(vectors, vmx)) return std::nullopt;
      load_vmx(state, vmx);
    } else {
      const auto vrsave = mm.read_word(vectors + (kVmxSize - 16), 4);
      if (!vrsave) return std::nullopt;
      state.vrsave = static_cast<std::uint32_t>(*vrsave);
    }
  }
  if ((msr & isa::ppc64::kMsrVsx) != 0) {
    std::array<std::byte, kVsxSize> vsx{};
    if (!mm.read(vectors + kVmxSize, vsx)) return std::nullopt;
    load_vsx(state, vsx);
  }

  for (unsigned i = 0; i < kPtNip; ++i) cpu.set(gpr(i), word(i));
  cpu.set_pc(GuestVa(word(kPtNip)));
  cpu.set(Reg::ctr, word(kPtCtr));
  cpu.set(Reg::lr, word(kPtLnk));
  cpu.set(Reg::xer, word(kPtXer));
  cpu.set(Reg::cr, word(kPtCcr));
  // Of the MSR nothing returns. The FP exception modes, which Linux sets again from what prctl(2) chose, are
  // off.
  cpu.set(Reg::msr, cpu.get(Reg::msr) & ~kFpModes);
  cpu.set_vsx_state(state);
  thread.orig = word(kPtOrigR3);
  thread.trap = 0;
  thread.fault_address = word(kPtDar);
  thread.error_code = word(kPtDsisr);

  SignalReturn result;
  result.mask = load(image, frame::kSigmask);
  result.stack.start = GuestVa(load(image, frame::kStack));
  result.stack.flags = static_cast<std::uint32_t>(load(image, frame::kStack + 8, 4));
  result.stack.size = load(image, frame::kStack + 16);
  return result;
}

}  // namespace trapline::kernel::ppc64_arch
