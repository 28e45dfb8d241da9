// Pipes (pipe(7)) and event counters (eventfd(2)).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "emu/kernel/fs/file.hpp"

namespace trapline::machine {
class Machine;
}

namespace trapline::kernel {

class Pipe;

// The read end and the write end. `number` tells pipes apart, as /proc/self/fd shows them. `flags`:
// O_NONBLOCK.
std::pair<FileRef, FileRef> make_pipe(machine::Machine& machine, std::uint64_t number, std::uint64_t flags);

// A named pipe, opened (fifo(7)): `pipe` is what all who have it open share. ENXIO: with O_NONBLOCK, to
// write, where nobody reads. What has to wait for the other end says so (File::opening()).
// `used` is told when something was read or, with true, written.
Result<FileRef> open_fifo(machine::Machine& machine, std::weak_ptr<Pipe>& pipe, FileRef place,
                          std::string name, std::uint64_t flags, std::function<void(bool)> used);

// Of two ends of pipes.
bool same_pipe(const File& one, const File& other);
bool pipe_has_readers(const File& end);
std::uint64_t pipe_room(const File& end);  // bytes that can be written now
// tee(2): what is in one, as far as the other has room. EAGAIN.
SyscallResult tee_pipe(File& from, File& to, std::uint64_t size);

FileRef make_event_counter(isa::Isa isa, std::uint64_t count, bool semaphore, std::uint64_t flags);

}  // namespace trapline::kernel
