// Files that stand for a process (pidfd_open(2)).
#pragma once

#include <cstdint>

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/task/pid.hpp"

namespace trapline::kernel {

// `leader` is that of the process. `flags`: O_NONBLOCK.
FileRef make_pidfd(const Task& leader, std::uint64_t flags);
// Null: the file is none.
const Pid* pid_of(const File& file);
// The same, where the folder /proc/PID will do, too.
const Pid* tgid_pidfd_to_pid(const File& file);

}  // namespace trapline::kernel
