#include "isa/linux/signals.hpp"

namespace trapline::isa::linux_abi {

namespace {

constexpr std::array<std::string_view, 32> kNames{
    "",          "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
    "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
    "SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
    "SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS",
};

}  // namespace

std::string_view name(int signal) {
  return signal > 0 && signal < static_cast<int>(kNames.size()) ? kNames[static_cast<std::size_t>(signal)]
                                                                : "";
}

bool dumps_core(int signal) {
  switch (signal) {
    case kSigQuit:
    case kSigIll:
    case kSigTrap:
    case kSigAbrt:
    case kSigBus:
    case kSigFpe:
    case kSigSegv:
    case kSigXCpu:
    case kSigXFsz:
    case kSigSys:
      return true;
    default:
      return false;
  }
}

bool kills_by_default(int signal) {
  switch (signal) {
    case kSigChld:
    case kSigCont:
    case kSigStop:
    case kSigTstp:
    case kSigTtin:
    case kSigTtou:
    case kSigUrg:
    case kSigWinch:
      return false;
    default:
      return signal > 0 && signal <= kSignals;
  }
}

}  // namespace trapline::isa::linux_abi
