// How Linux lays out what the system calls on files exchange with a program: struct stat, struct statx,
// struct statfs, struct linux_dirent64 and struct iovec.
//
// Sources: asm/stat.h and linux/stat.h of the kernel's user-space headers, getdents(2), readv(2). Offsets and
// sizes as gcc's offsetof gives them for x86-64 and powerpc64: the two agree on all of these, and only the
// byte order differs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "isa/isa.hpp"

namespace trapline::isa::linux_abi {

inline constexpr std::size_t kStatSize = 144;
inline constexpr std::size_t kStatxSize = 256;
inline constexpr std::size_t kIovecSize = 16;
inline constexpr std::uint64_t kStatxBasicStats = 0x7ff;  // stx_mask: all that struct stat has

// What stat(2) and statx(2) tell. Times are nanoseconds since 1970; st_blocks follows from the size.
struct Stat {
  std::uint64_t device = 0;  // as in st_dev, for majors below 4096 and minors below 256
  std::uint64_t inode = 0;
  std::uint64_t links = 0;
  std::uint64_t mode = 0;
  std::uint64_t special_device = 0;  // st_rdev
  std::uint64_t size = 0;            // bytes
  std::uint64_t block_size = 0;      // bytes
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t atime = 0;
  std::int64_t mtime = 0;
  std::int64_t ctime = 0;
};

constexpr std::uint64_t device_number(std::uint64_t major, std::uint64_t minor) { return major << 8 | minor; }

std::vector<std::byte> stat_bytes(Isa isa, const Stat& stat);
std::vector<std::byte> statx_bytes(Isa isa, const Stat& stat);

// What statfs(2) tells (asm-generic/statfs.h).
struct StatFs {
  std::uint64_t type = 0;        // its magic number, linux/magic.h
  std::uint64_t block_size = 0;  // bytes, of f_bsize and f_frsize
  std::uint64_t blocks = 0;
  std::uint64_t free = 0;  // of f_bfree and f_bavail
  std::uint64_t files = 0;
  std::uint64_t files_free = 0;
  std::uint64_t id = 0;  // f_fsid
  std::uint64_t flags = 0;
};
inline constexpr std::size_t kStatFsSize = 120;
std::vector<std::byte> statfs_bytes(Isa isa, const StatFs& statfs);

// One record of getdents64(2), padded to its d_reclen. `next` is d_off; `mode` has the type, as in st_mode.
struct Dirent {
  std::uint64_t inode = 0;
  std::uint64_t next = 0;
  std::uint32_t mode = 0;
  std::string_view name;
};
std::vector<std::byte> dirent64_bytes(Isa isa, const Dirent& entry);

struct Iovec {
  std::uint64_t base = 0;
  std::uint64_t length = 0;
};
Iovec load_iovec(Isa isa, std::span<const std::byte, kIovecSize> bytes);

}  // namespace trapline::isa::linux_abi
