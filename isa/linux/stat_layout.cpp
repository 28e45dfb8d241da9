#include "isa/linux/stat_layout.hpp"

#include <algorithm>

#include "isa/byte_order.hpp"

namespace trapline::isa::linux_abi {

namespace {

template <class From>
struct Field {
  std::size_t offset;
  std::size_t size;
  std::uint64_t (*value)(const From&);
};

// Before 1970 the seconds are negative and the nanoseconds are not.
constexpr std::int64_t kSecond = 1'000'000'000;
std::uint64_t seconds(std::int64_t time) {
  return static_cast<std::uint64_t>(time / kSecond - (time % kSecond < 0 ? 1 : 0));
}
std::uint64_t nanoseconds(std::int64_t time) {
  return static_cast<std::uint64_t>((time % kSecond + kSecond) % kSecond);
}

// st_blocks counts 512 bytes, in whole blocks of the file system.
std::uint64_t blocks(const Stat& stat) {
  if (stat.block_size == 0) return 0;
  return (stat.size + stat.block_size - 1) / stat.block_size * (stat.block_size / 512);
}

// asm/stat.h: struct stat of x86-64 and of powerpc64.
constexpr Field<Stat> kStatFields[] = {
    {0, 8, [](const Stat& s) { return s.device; }},               // st_dev
    {8, 8, [](const Stat& s) { return s.inode; }},                // st_ino
    {16, 8, [](const Stat& s) { return s.links; }},               // st_nlink
    {24, 4, [](const Stat& s) { return s.mode; }},                // st_mode
    {28, 4, [](const Stat& s) { return std::uint64_t{s.uid}; }},  // st_uid
    {32, 4, [](const Stat& s) { return std::uint64_t{s.gid}; }},  // st_gid
    {40, 8, [](const Stat& s) { return s.special_device; }},      // st_rdev
    {48, 8, [](const Stat& s) { return s.size; }},                // st_size
    {56, 8, [](const Stat& s) { return s.block_size; }},          // st_blksize
    {64, 8, blocks},                                              // st_blocks
    {72, 8, [](const Stat& s) { return seconds(s.atime); }},
    {80, 8, [](const Stat& s) { return nanoseconds(s.atime); }},
    {88, 8, [](const Stat& s) { return seconds(s.mtime); }},
    {96, 8, [](const Stat& s) { return nanoseconds(s.mtime); }},
    {104, 8, [](const Stat& s) { return seconds(s.ctime); }},
    {112, 8, [](const Stat& s) { return nanoseconds(s.ctime); }},
};

// linux/stat.h: struct statx.
constexpr Field<Stat> kStatxFields[] = {
    {0, 4, [](const Stat&) { return kStatxBasicStats; }},         // stx_mask
    {4, 4, [](const Stat& s) { return s.block_size; }},           // stx_blksize
    {16, 4, [](const Stat& s) { return s.links; }},               // stx_nlink
    {20, 4, [](const Stat& s) { return std::uint64_t{s.uid}; }},  // stx_uid
    {24, 4, [](const Stat& s) { return std::uint64_t{s.gid}; }},  // stx_gid
    {28, 2, [](const Stat& s) { return s.mode; }},                // stx_mode
    {32, 8, [](const Stat& s) { return s.inode; }},               // stx_ino
    {40, 8, [](const Stat& s) { return s.size; }},                // stx_size
    {48, 8, blocks},                                              // stx_blocks
    {64, 8, [](const Stat& s) { return seconds(s.atime); }},      // stx_atime
    {72, 4, [](const Stat& s) { return nanoseconds(s.atime); }},
    {96, 8, [](const Stat& s) { return seconds(s.ctime); }},  // stx_ctime
    {104, 4, [](const Stat& s) { return nanoseconds(s.ctime); }},
    {112, 8, [](const Stat& s) { return seconds(s.mtime); }},  // stx_mtime
    {120, 4, [](const Stat& s) { return nanoseconds(s.mtime); }},
    {128, 4, [](const Stat& s) { return s.special_device >> 8; }},    // stx_rdev_major
    {132, 4, [](const Stat& s) { return s.special_device & 0xff; }},  // stx_rdev_minor
    {136, 4, [](const Stat& s) { return s.device >> 8; }},            // stx_dev_major
    {140, 4, [](const Stat& s) { return s.device & 0xff; }},          // stx_dev_minor
};

// asm-generic/statfs.h: struct statfs of 64-bit systems.
constexpr std::uint64_t kNameLength = 255;  // f_namelen
constexpr Field<StatFs> kStatFsFields[] = {
    {0, 8, [](const StatFs& s) { return s.type; }},         // f_type
    {8, 8, [](const StatFs& s) { return s.block_size; }},   // f_bsize
    {16, 8, [](const StatFs& s) { return s.blocks; }},      // f_blocks
    {24, 8, [](const StatFs& s) { return s.free; }},        // f_bfree
    {32, 8, [](const StatFs& s) { return s.free; }},        // f_bavail
    {40, 8, [](const StatFs& s) { return s.files; }},       // f_files
    {48, 8, [](const StatFs& s) { return s.files_free; }},  // f_ffree
    {56, 4, [](const StatFs& s) { return s.id; }},          // f_fsid
    {64, 8, [](const StatFs&) { return kNameLength; }},     // f_namelen
    {72, 8, [](const StatFs& s) { return s.block_size; }},  // f_frsize
    {80, 8, [](const StatFs& s) { return s.flags; }},       // f_flags
};

template <class From, std::size_t count>
std::vector<std::byte> lay_out(Isa isa, const From& from, const Field<From> (&fields)[count],
                               std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (const auto& field : fields) {
    store_word(std::span(bytes).subspan(field.offset, field.size), field.value(from), byte_order(isa));
  }
  return bytes;
}

}  // namespace

std::vector<std::byte> stat_bytes(Isa isa, const Stat& stat) {
  return lay_out(isa, stat, kStatFields, kStatSize);
}

std::vector<std::byte> statx_bytes(Isa isa, const Stat& stat) {
  return lay_out(isa, stat, kStatxFields, kStatxSize);
}

std::vector<std::byte> statfs_bytes(Isa isa, const StatFs& statfs) {
  return lay_out(isa, statfs, kStatFsFields, kStatFsSize);
}

std::vector<std::byte> dirent64_bytes(Isa isa, const Dirent& entry) {
  // getdents(2): d_ino, d_off, d_reclen, d_type, d_name with its NUL; records are aligned to 8 bytes.
  constexpr std::size_t kOffAt = 8, kReclenAt = 16, kTypeAt = 18, kNameAt = 19, kAlignment = 8;
  constexpr unsigned kTypeShift = 12;  // DT_REG and so on are S_IFREG >> 12
  const std::size_t size = (kNameAt + entry.name.size() + kAlignment) / kAlignment * kAlignment;
  std::vector<std::byte> bytes(size);
  const auto put = [&](std::size_t offset, std::size_t width, std::uint64_t value) {
    store_word(std::span(bytes).subspan(offset, width), value, byte_order(isa));
  };
  put(0, 8, entry.inode);
  put(kOffAt, 8, entry.next);
  put(kReclenAt, 2, size);
  put(kTypeAt, 1, entry.mode >> kTypeShift & 0xf);
  std::ranges::transform(entry.name, bytes.begin() + kNameAt,
                         [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

Iovec load_iovec(Isa isa, std::span<const std::byte, kIovecSize> bytes) {
  return {load_word(bytes.first<8>(), byte_order(isa)), load_word(bytes.last<8>(), byte_order(isa))};
}

}  // namespace trapline::isa::linux_abi
