// The bytes of a host's regular file, read where they are needed.
#pragma once

#include "emu/kernel/fs/host.hpp"
#include "emu/kernel/mm/file_bytes.hpp"

namespace trapline::kernel {

// `fd` is open for reading.
FileBytes host_content(HostFd fd);

}  // namespace trapline::kernel
