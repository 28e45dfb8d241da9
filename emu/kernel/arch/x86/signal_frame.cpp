#include "emu/kernel/arch/x86/signal_frame.hpp"

#include <algorithm>
#include <array>

#include "emu/machine/fp_state.hpp"
#include "isa/byte_order.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::kernel::x86_arch {

namespace {

using isa::x86::Reg;
namespace fxsave = machine::fxsave;

constexpr std::uint64_t kRedZone = 128;        // System V ABI, AMD64 supplement, 3.2.2
constexpr std::uint64_t kFpAlignment = 64;     // of the FXSAVE image
constexpr std::uint64_t kFrameAlignment = 16;  // of the stack before a call, which pushes 8 bytes

// uc_flags, asm/ucontext.h.
constexpr std::uint64_t kUcSigcontextSs = 2;
constexpr std::uint64_t kUcStrictRestoreSs = 4;

// The flags that a handler may change for when it returns (FIX_EFLAGS): AC, OF, DF, TF, SF, ZF, AF, PF, CF,
// RF.
constexpr std::uint64_t kRestoredFlags = 0x50dd5;
constexpr std::uint64_t kDf = 1u << 10;

// struct sigcontext: its first 16 words.
constexpr std::array kGeneral{
    Reg::r8,  Reg::r9,  Reg::r10, Reg::r11, Reg::r12, Reg::r13, Reg::r14, Reg::r15,
    Reg::rdi, Reg::rsi, Reg::rbp, Reg::rbx, Reg::rdx, Reg::rax, Reg::rcx, Reg::rsp,
};

void store(std::span<std::byte> bytes, std::size_t at, std::uint64_t value, std::size_t size = 8) {
  isa::store_word(bytes.subspan(at, size), value, std::endian::little);
}
std::uint64_t load(std::span<const std::byte> bytes, std::size_t at, std::size_t size = 8) {
  return isa::load_word(bytes.subspan(at, size), std::endian::little);
}

machine::FxsaveImage initial_fp_state() {
  machine::FxsaveImage image{};
  store(image, fxsave::kFcw, fxsave::kInitialFcw, 2);
  store(image, fxsave::kMxcsr, fxsave::kInitialMxcsr, 4);
  return image;
}

struct Places {
  GuestVa frame;
  GuestVa fp_state;
};

// Where the frame goes; nothing: past the end of the alternate stack.
std::optional<Places> place(std::uint64_t rsp, const SignalDelivery& delivery) {
  const AlternateStack& stack = delivery.stack;
  const bool nested = stack.holds(GuestVa(rsp));
  bool entering = false;
  GuestVa at(rsp - kRedZone);
  if ((delivery.action.flags & kSaOnStack) != 0 && stack.size != 0 && !stack.holds(at)) {
    at = stack.start + stack.size;
    entering = true;
  }
  const GuestVa fp_state = (at - sizeof(machine::FxsaveImage)).align_down(kFpAlignment);
  const GuestVa frame = (fp_state - frame::kSize).align_down(kFrameAlignment) - 8;
  const bool fits = frame > stack.start && frame - stack.start <= stack.size;
  if ((nested || entering) && !fits) return std::nullopt;
  return Places{frame, fp_state};
}

}  // namespace

bool setup_rt_frame(machine::Cpu& cpu, Mm& mm, ThreadArch& thread, const SignalDelivery& delivery) {
  const auto places = place(cpu.get(Reg::rsp), delivery);
  if (!places) return false;
  if ((delivery.action.flags & kSaRestorer) == 0) return false;  // there is no trampoline of the kernel's own
  const GuestVa ucontext = places->frame + frame::kUcontext;
  const GuestVa siginfo = places->frame + frame::kSiginfo;

  const std::uint64_t flags = cpu.get(Reg::rflags);

  std::array<std::byte, frame::kSiginfo> image{};
  store(image, frame::kReturnAddress, delivery.action.restorer);
  const std::span<std::byte> uc = std::span(image).subspan(frame::kUcontext);
  store(uc, frame::kFlags, kUcSigcontextSs | kUcStrictRestoreSs);
  store(uc, frame::kStack, delivery.stack.start.value);
  store(uc, frame::kStack + 8, delivery.stack.shown_flags(), 4);
  store(uc, frame::kStack + 16, delivery.stack.size);
  store(uc, frame::kSigmask, delivery.mask);
  const std::span<std::byte> sc = uc.subspan(frame::kMcontext);
  for (std::size_t i = 0; i < kGeneral.size(); ++i) store(sc, 8 * i, cpu.get(kGeneral[i]));
  store(sc, frame::kRip, cpu.pc().value);
  store(sc, frame::kEflags, flags);
  store(sc, frame::kCs, isa::x86::kUserCs, 2);  // FS and GS, between them, are 0: programs have overlaid them
  store(sc, frame::kSs, isa::x86::kUserSs, 2);
  store(sc, frame::kErr, thread.error_code);
  store(sc, frame::kTrapno, thread.trap_number);
  store(sc, frame::kOldmask, delivery.mask);
  store(sc, frame::kCr2, thread.fault_address);
  store(sc, frame::kFpstate, places->fp_state.value);

  if (!mm.write(places->fp_state, cpu.get_fp_state())) return false;
  if (!mm.write(places->frame, image)) return false;
  const bool with_info = (delivery.action.flags & kSaSigInfo) != 0;
  if (with_info && !mm.write(siginfo, delivery.info.bytes())) return false;

  cpu.set(Reg::rdi, static_cast<std::uint64_t>(delivery.info.signal()));
  cpu.set(Reg::rax, 0);  // a handler without a prototype: no vector registers hold arguments
  cpu.set(Reg::rsi, siginfo.value);
  cpu.set(Reg::rdx, ucontext.value);
  cpu.set(Reg::rsp, places->frame.value);
  cpu.set_pc(GuestVa(delivery.action.handler));
  cpu.set(Reg::rflags, flags & ~(isa::x86::kTf | kDf | isa::x86::kRf));
  cpu.set_fp_state(initial_fp_state());
  return true;
}

std::optional<SignalReturn> rt_sigreturn(machine::Cpu& cpu, Mm& mm, ThreadArch& thread) {
  // The handler's own return took the return address off the stack.
  const GuestVa frame(cpu.get(Reg::rsp) - 8);
  std::array<std::byte, frame::kSiginfo> image{};
  if (!mm.read(frame, image)) return std::nullopt;
  const std::span<const std::byte> uc = std::span(image).subspan(frame::kUcontext);
  const std::span<const std::byte> sc = uc.subspan(frame::kMcontext);

  // Linux finds out by the return to the program what is wrong with these, and raises SIGSEGV as well:
  // another code segment than that of 64-bit code, a stack segment that is none. A program that does not know
  // of the stack segment's slot leaves anything in it.
  constexpr std::uint64_t kUserPrivilege = 3;
  if ((load(sc, frame::kCs, 2) | kUserPrivilege) != isa::x86::kUserCs) return std::nullopt;
  const bool strict = (load(uc, frame::kFlags) & kUcStrictRestoreSs) != 0;
  if (strict && (load(sc, frame::kSs, 2) | kUserPrivilege) != isa::x86::kUserSs) return std::nullopt;

  machine::FxsaveImage fp_state = initial_fp_state();
  if (const GuestVa at(load(sc, frame::kFpstate)); at.value != 0) {
    // FXRSTOR faults where the image is not aligned, and where MXCSR has bits that the processor lacks.
    if (at.offset_in(16) != 0 || !mm.read(at, fp_state)) return std::nullopt;
    if ((load(fp_state, fxsave::kMxcsr, 4) & ~std::uint64_t{fxsave::kMxcsrValid}) != 0) return std::nullopt;
  }

  for (std::size_t i = 0; i < kGeneral.size(); ++i) cpu.set(kGeneral[i], load(sc, 8 * i));
  cpu.set_pc(GuestVa(load(sc, frame::kRip)));
  std::uint64_t flags = cpu.get(Reg::rflags) & ~kRestoredFlags;
  flags |= load(sc, frame::kEflags) & kRestoredFlags;
  cpu.set(Reg::rflags, flags);
  cpu.set_fp_state(fp_state);
  thread.orig = ~std::uint64_t{0};  // nothing is to be restarted

  SignalReturn result;
  result.mask = load(uc, frame::kSigmask);
  result.stack.start = GuestVa(load(uc, frame::kStack));
  result.stack.flags = static_cast<std::uint32_t>(load(uc, frame::kStack + 8, 4));
  result.stack.size = load(uc, frame::kStack + 16);
  return result;
}

}  // namespace trapline::kernel::x86_arch
