// SIGIO: what the owner of a file is told of it (fcntl(2), "Managing signals").
#pragma once

#include <cstdint>

namespace trapline::kernel {

class File;
class Kernel;

// si_code of SIGIO (asm-generic/siginfo.h).
enum class PollReason : std::uint8_t { In = 1, Message = 3, HungUp = 6 };

// SIGIO, or what F_SETSIG put in its place, to the owner of the file (send_sigio()). Nobody owns it: to
// nobody.
void send_sigio(Kernel& kernel, const File& file, PollReason reason);

}  // namespace trapline::kernel
