// Linux's signals: numbers, names, and what each does where no handler is set (signal(7)). The same on both
// instruction sets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trapline::isa::linux_abi {

enum Signal : int {
  kSigHup = 1,
  kSigInt,
  kSigQuit,
  kSigIll,
  kSigTrap,
  kSigAbrt,
  kSigBus,
  kSigFpe,
  kSigKill,
  kSigUsr1,
  kSigSegv,
  kSigUsr2,
  kSigPipe,
  kSigAlrm,
  kSigTerm,
  kSigStkFlt,
  kSigChld,
  kSigCont,
  kSigStop,
  kSigTstp,
  kSigTtin,
  kSigTtou,
  kSigUrg,
  kSigXCpu,
  kSigXFsz,
  kSigVtAlrm,
  kSigProf,
  kSigWinch,
  kSigIo,
  kSigPwr,
  kSigSys,
};
inline constexpr int kSignals = 64;

std::string_view name(int signal);  // "SIGSEGV"; "SIGRT" and the number for real-time ones are not named: ""
// True for the signals whose default is to end the process (with or without a core), false for ignore, stop
// and continue.
bool kills_by_default(int signal);
// Of these the ones whose default action is called Core in signal(7).
bool dumps_core(int signal);

// si_code of the signals that faults raise (asm-generic/siginfo.h).
inline constexpr int kSiKernel = 0x80;
inline constexpr int kIllIllOpc = 1;
inline constexpr int kIllIllOpn = 2;
inline constexpr int kIllPrvOpc = 5;
inline constexpr int kFpeIntDiv = 1;
inline constexpr int kSegvMapErr = 1;
inline constexpr int kSegvAccErr = 2;
inline constexpr int kSegvBndErr = 3;
inline constexpr int kBusAdrAln = 1;
inline constexpr int kBusAdrErr = 2;
inline constexpr int kTrapBrkpt = 1;
inline constexpr int kTrapTrace = 2;
inline constexpr int kTrapHwBkpt = 4;
inline constexpr int kTrapPerf = 6;

}  // namespace trapline::isa::linux_abi
