// What is mounted where: a table that statfs(2), /proc/mounts and /proc/PID/mountinfo are made from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "emu/kernel/fs/file.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

struct Mount {
  Device device;
  std::uint64_t magic;     // linux/magic.h
  std::string_view point;  // empty: inside of the kernel only
  std::string_view type;   // as mount(8) calls it
  std::string_view source;
  std::string_view options;  // beside ro or rw
  std::uint64_t flags;       // ST_*, beside ST_RDONLY
};

std::span<const Mount> mounts();
const Mount& mount_of(std::uint64_t device);

// How much a writable root may grow by, and has grown: all that is said of the host's disk.
struct RootUse {
  bool writable = false;
  std::uint64_t limit = 0;  // bytes
  std::uint64_t left = 0;
};
isa::linux_abi::StatFs statfs_of(const FileStatus& status, const RootUse& root);

}  // namespace trapline::kernel
