// SIGIO: what the owner of a file is told of it (fcntl(2), "Managing signals").
#pragma once

#include <cstdint>

namespace trapline::kernel {

// si_code of SIGIO (asm-generic/siginfo.h).
enum class PollReason : std::uint8_t { In = 1, Message = 3, HungUp = 6 };

}  // namespace trapline::kernel
