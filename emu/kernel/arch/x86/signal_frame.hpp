// x86-64: what a signal handler finds on its stack, and the way back (arch/x86/kernel/signal.c, for a
// processor without XSAVE).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/signal/signal.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel::x86_arch {

// struct rt_sigframe: a return address, struct ucontext (asm-generic/ucontext.h, with asm/sigcontext.h) and
// siginfo_t. The FXSAVE image lies above it, where uc_mcontext.fpstate says.
namespace frame {

inline constexpr std::size_t kReturnAddress = 0;
inline constexpr std::size_t kUcontext = 8;

// In struct ucontext.
inline constexpr std::size_t kFlags = 0;
inline constexpr std::size_t kLink = 8;
inline constexpr std::size_t kStack = 16;
inline constexpr std::size_t kMcontext = 40;
inline constexpr std::size_t kSigmask = 296;

// In struct sigcontext.
inline constexpr std::size_t kRip = 128;
inline constexpr std::size_t kEflags = 136;
inline constexpr std::size_t kCs = 144;
inline constexpr std::size_t kSs = 150;
inline constexpr std::size_t kErr = 152;
inline constexpr std::size_t kTrapno = 160;
inline constexpr std::size_t kOldmask = 168;
inline constexpr std::size_t kCr2 = 176;
inline constexpr std::size_t kFpstate = 184;

inline constexpr std::size_t kSiginfo = 312;
inline constexpr std::size_t kSize = 440;

}  // namespace frame

// AT_MINSIGSTKSZ: the frame, the FXSAVE image, and what aligning either may cost.
inline constexpr std::uint64_t kMinSigStkSz = 1040;

// False: the frame cannot be written, and the caller raises SIGSEGV; nothing has changed then. A tracer's
// step (ThreadArch::user_single_step) ends here, and the caller, who looked before, reports it.
bool setup_rt_frame(machine::Cpu& cpu, Mm& mm, ThreadArch& thread, const SignalDelivery& delivery);

// Nothing: no such frame, and the caller raises SIGSEGV. `stack` is uc_stack unchecked: the caller sets it as
// sigaltstack(2) does, and does not mind a failure.
std::optional<SignalReturn> rt_sigreturn(machine::Cpu& cpu, Mm& mm, ThreadArch& thread);

}  // namespace trapline::kernel::x86_arch
