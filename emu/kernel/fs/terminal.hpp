// A terminal as ioctl_tty(2) shows it: the settings that a new one has, in the layout of the instruction set.
#pragma once

#include "emu/kernel/result.hpp"

namespace trapline::kernel {

struct Syscall;

// TCGETS and TIOCGWINSZ; ENOTTY for the rest.
SyscallResult terminal_ioctl(Syscall& call);

}  // namespace trapline::kernel
