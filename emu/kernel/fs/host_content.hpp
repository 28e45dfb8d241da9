// The bytes of a host's regular file, read where they are needed: for programs and private mappings, and as
// the pages of shared ones.
#pragma once

#include <functional>
#include <memory>

#include "emu/kernel/fs/host.hpp"
#include "emu/kernel/fs/host_inode.hpp"
#include "emu/kernel/mm/file_bytes.hpp"
#include "emu/kernel/mm/shared_memory.hpp"

namespace trapline::kernel {

// `fd` is open for reading. What was stored through shared mappings shows, where it is a file of the root.
FileBytes host_content(HostFd fd, std::weak_ptr<HostInode> inode = {});

// `fd` is open for writing, too, where that is allowed. `changes` is told of the first store to a page.
std::unique_ptr<PageStore> host_page_store(HostFd fd, std::uint64_t number, std::weak_ptr<HostInode> inode,
                                           std::function<void(HostInode&)> changes);

}  // namespace trapline::kernel
