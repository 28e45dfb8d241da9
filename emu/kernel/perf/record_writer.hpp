// A perf record (struct perf_event_header and what follows it) while it is put together, in the guest's byte
// order. One writer makes many records, one after the other, without allocating for each.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "isa/byte_order.hpp"

namespace trapline::kernel {

// PERF_RECORD_MISC_* that every type of record has; others are its own.
inline constexpr std::uint16_t kMiscKernel = 1;
inline constexpr std::uint16_t kMiscUser = 2;

// enum perf_event_type
enum class RecordType : std::uint32_t {
  Mmap = 1,
  Lost = 2,
  Comm = 3,
  Exit = 4,
  Fork = 7,
  Read = 8,
  Sample = 9,
  Mmap2 = 10,
  Switch = 14,
  SwitchCpuWide = 15,
};

class RecordWriter {
 public:
  // perf_event_header::size has 16 bits.
  static constexpr std::size_t kMaxRecord = std::numeric_limits<std::uint16_t>::max();

  explicit RecordWriter(std::endian order) : order_(order) {}

  void begin(RecordType type, std::uint16_t misc) {
    size_ = 0;
    put(static_cast<std::uint32_t>(type));
    put(misc);
    put(std::uint16_t{0});
  }

  template <std::unsigned_integral Word>
  void put(Word value) {
    const auto bytes = std::bit_cast<std::array<std::byte, sizeof(Word)>>(value);
    const std::span<std::byte> to = take(sizeof(Word));
    if (order_ == std::endian::native) {
      std::ranges::copy(bytes, to.begin());
    } else {
      std::ranges::reverse_copy(bytes, to.begin());
    }
  }
  // Process and thread numbers.
  void put_pair(int first, int second) {
    put(static_cast<std::uint32_t>(first));
    put(static_cast<std::uint32_t>(second));
  }
  // With its NUL, and as many more as it takes to a multiple of 8 bytes.
  void put_string(std::string_view text) {
    const std::span<std::byte> to = put_zeros((text.size() + 8) / 8 * 8);
    std::ranges::copy(std::as_bytes(std::span(text)), to.begin());
  }
  // Valid until more is put.
  std::span<std::byte> put_zeros(std::size_t size) {
    const std::span<std::byte> to = take(size);
    std::ranges::fill(to, std::byte{0});
    return to;
  }

  std::size_t size() const { return size_; }
  // The record, at most kMaxRecord bytes; valid until the next begins.
  std::span<const std::byte> finish() {
    constexpr std::size_t kSizeAt = 6;
    const std::span<std::byte> record = std::span(bytes_).first(size_);
    isa::store_word(record.subspan<kSizeAt, 2>(), size_, order_);
    return record;
  }

 private:
  std::span<std::byte> take(std::size_t size) {
    if (bytes_.size() - size_ < size) bytes_.resize(std::max(2 * bytes_.size(), size_ + size));
    const std::span<std::byte> taken = std::span(bytes_).subspan(size_, size);
    size_ += size;
    return taken;
  }

  std::endian order_;
  std::vector<std::byte> bytes_;
  std::size_t size_ = 0;
};

}  // namespace trapline::kernel
