// Pipes (pipe(7)) and event counters (eventfd(2)).
#pragma once

#include <cstdint>
#include <utility>

#include "emu/kernel/fs/file.hpp"

namespace trapline::machine {
class Machine;
}

namespace trapline::kernel {

// The read end and the write end. `number` tells pipes apart, as /proc/self/fd shows them. `flags`:
// O_NONBLOCK.
std::pair<FileRef, FileRef> make_pipe(machine::Machine& machine, std::uint64_t number, std::uint64_t flags);

FileRef make_event_counter(isa::Isa isa, std::uint64_t count, bool semaphore, std::uint64_t flags);

}  // namespace trapline::kernel
