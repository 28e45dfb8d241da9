// Guest physical memory: one host mapping, handed out in frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "isa/address.hpp"

namespace trapline::machine {

using isa::GuestPa;
using isa::GuestVa;

// The engine's page: the unit of TLB entries, and so of watching and of code tracking. A kernel page may be
// several of them.
inline constexpr std::uint64_t kGranule = 4096;

class PhysicalMemory {
 public:
  // `size` is in bytes, rounded up to a whole number of frames of `frame_size` bytes. The host commits a page
  // when it is first written. Throws std::system_error where the host refuses the mapping.
  PhysicalMemory(std::uint64_t size, std::uint64_t frame_size);
  ~PhysicalMemory();
  PhysicalMemory(const PhysicalMemory&) = delete;
  PhysicalMemory& operator=(const PhysicalMemory&) = delete;

  std::uint64_t size() const { return size_; }
  std::uint64_t frame_size() const { return frame_size_; }
  std::uint64_t free_frames() const { return free_.size() + (frames_ - next_); }

  // A zeroed frame, or nothing where the memory is used up.
  std::optional<GuestPa> allocate_frame();
  void release_frame(GuestPa frame);

  // The bytes at `address`; the span must lie in the memory.
  std::span<std::byte> bytes(GuestPa address, std::uint64_t size);
  std::span<const std::byte> bytes(GuestPa address, std::uint64_t size) const;

  // Per granule: whether the engine may hold translated code of it, and whether it may hold a TLB entry
  // through which it is written without the engine looking for such code. Both at once would let stale code
  // run; see Engine.
  struct CodeState {
    bool executed = false;
    bool written_freely = false;
  };
  CodeState& code_state(GuestPa address) { return code_[address.value / kGranule]; }

 private:
  std::uint64_t frame_size_;
  std::uint64_t size_;
  std::byte* base_;
  std::uint64_t frames_;
  std::uint64_t next_ = 0;           // frames from here on were never handed out, and are still zero
  std::vector<std::uint64_t> free_;  // indices of returned frames, last in first out
  std::vector<CodeState> code_;
};

}  // namespace trapline::machine
