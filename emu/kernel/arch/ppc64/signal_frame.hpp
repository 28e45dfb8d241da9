// PPC64: what a signal handler finds on its stack, and the way back (arch/powerpc/kernel/signal_64.c, without
// transactional memory).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/signal/signal.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel::ppc64_arch {

// struct rt_sigframe: struct ucontext (asm/ucontext.h), then what follows it.
namespace frame {

// In struct ucontext, and so in the frame.
inline constexpr std::size_t kFlags = 0;
inline constexpr std::size_t kLink = 8;
inline constexpr std::size_t kStack = 16;
inline constexpr std::size_t kSigmask = 40;  // of 1024 bits, for the C library; the kernel uses 64
inline constexpr std::size_t kMcontext = 168;
inline constexpr std::size_t kUcontextSize = 1696;

// In struct sigcontext (asm/sigcontext.h).
inline constexpr std::size_t kSignal = 32;
inline constexpr std::size_t kHandler = 40;
inline constexpr std::size_t kRegs = 56;
inline constexpr std::size_t kGpRegs = 64;
inline constexpr std::size_t kFpRegs = 448;
inline constexpr std::size_t kVRegs = 712;  // where in vmx_reserve the vector registers begin
inline constexpr std::size_t kVmxReserve = 720;

inline constexpr std::size_t kTrampoline = 1712;
inline constexpr std::size_t kPinfo = 1744;
inline constexpr std::size_t kPuc = 1752;
inline constexpr std::size_t kSiginfo = 1760;
inline constexpr std::size_t kGap = 1888;   // the red zone of what was interrupted
inline constexpr std::size_t kSize = 2400;  // with the gap, USER_REDZONE_SIZE

// __SIGNAL_FRAMESIZE: a frame below it, as if somebody had called the handler.
inline constexpr std::uint64_t kCallerFrame = 128;

// The kernel calls the handler through this code, so that the processor's prediction of returns stays right.
// The handler returns behind the first word, which unwinders without other information know by the three
// others, and which debuggers want to be the second of a function at least.
inline constexpr std::array<std::uint32_t, 4> kTrampolineCode{
    0x4e800421,                 // bctrl
    0x38210000 | kCallerFrame,  // addi r1, r1, 128
    0x380000ac,                 // li r0, 172: rt_sigreturn
    0x44000002,                 // sc
};

}  // namespace frame

// AT_MINSIGSTKSZ
inline constexpr std::uint64_t kMinSigStkSz = frame::kSize + frame::kCallerFrame;

// False: the frame cannot be written or the handler's descriptor not be read, and the caller raises SIGSEGV;
// nothing has changed then.
bool setup_rt_frame(machine::Cpu& cpu, Mm& mm, ThreadArch& thread, const SignalDelivery& delivery);

// Nothing: no such frame, and the caller raises SIGSEGV. `stack` is uc_stack unchecked: the caller sets it as
// sigaltstack(2) does, and does not mind a failure.
std::optional<SignalReturn> rt_sigreturn(machine::Cpu& cpu, Mm& mm, ThreadArch& thread);

}  // namespace trapline::kernel::ppc64_arch
