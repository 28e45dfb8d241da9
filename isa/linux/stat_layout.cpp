#include "isa/linux/stat_layout.hpp"

#include <algorithm>

#include "isa/byte_order.hpp"

namespace trapline::isa::linux_abi {

namespace {

struct Field {
  std::size_t offset;
  std::size_t size;
  std::uint64_t (*value)(const Stat&);
};

// st_blocks counts 512 bytes, in whole blocks of the file system.
std::uint64_t blocks(const Stat& stat) {
  if (stat.block_size == 0) return 0;
  return (stat.size + stat.block_size - 1) / stat.block_size * (stat.block_size / 512);
}

// asm/stat.h: struct stat of x86-64 and of powerpc64.
constexpr Field kStatFields[] = {
    {0, 8, [](const Stat& s) { return s.device; }},           // st_dev
    {8, 8, [](const Stat& s) { return s.inode; }},            // st_ino
    {16, 8, [](const Stat& s) { return s.links; }},           // st_nlink
    {24, 4, [](const Stat& s) { return s.mode; }},            // st_mode
    {40, 8, [](const Stat& s) { return s.special_device; }},  // st_rdev
    {48, 8, [](const Stat& s) { return s.size; }},            // st_size
    {56, 8, [](const Stat& s) { return s.block_size; }},      // st_blksize
    {64, 8, blocks},                                          // st_blocks
};

// linux/stat.h: struct statx.
constexpr Field kStatxFields[] = {
    {0, 4, [](const Stat&) { return kStatxBasicStats; }},             // stx_mask
    {4, 4, [](const Stat& s) { return s.block_size; }},               // stx_blksize
    {16, 4, [](const Stat& s) { return s.links; }},                   // stx_nlink
    {28, 2, [](const Stat& s) { return s.mode; }},                    // stx_mode
    {32, 8, [](const Stat& s) { return s.inode; }},                   // stx_ino
    {40, 8, [](const Stat& s) { return s.size; }},                    // stx_size
    {48, 8, blocks},                                                  // stx_blocks
    {128, 4, [](const Stat& s) { return s.special_device >> 8; }},    // stx_rdev_major
    {132, 4, [](const Stat& s) { return s.special_device & 0xff; }},  // stx_rdev_minor
    {136, 4, [](const Stat& s) { return s.device >> 8; }},            // stx_dev_major
    {140, 4, [](const Stat& s) { return s.device & 0xff; }},          // stx_dev_minor
};

std::vector<std::byte> lay_out(Isa isa, const Stat& stat, std::span<const Field> fields, std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (const Field& field : fields) {
    store_word(std::span(bytes).subspan(field.offset, field.size), field.value(stat), byte_order(isa));
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
