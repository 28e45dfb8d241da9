// Guest physical memory: one host mapping, handed out in frames.
#pragma once

#include <algorithm>
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
  std::uint64_t free_frames() const {
    const std::uint64_t unused = free_.size() + (frames_ - next_);
    return unused - std::min(unused, (charged_ + frame_size_ - 1) / frame_size_);
  }

  // A zeroed frame with one user, or nothing where the memory is used up.
  std::optional<GuestPa> allocate_frame();
  // Another user of the frame, and one less: without any it is free again.
  void share_frame(GuestPa frame) { ++users_[frame.value / frame_size_]; }
  void release_frame(GuestPa frame);
  std::uint32_t users(GuestPa frame) const { return users_[frame.value / frame_size_]; }

  // What a kernel keeps about the memory of its processes takes bytes of this memory, though the host holds
  // them elsewhere: so a guest that is bounded in one is bounded in the other.
  bool can_charge(std::uint64_t bytes) const { return bytes <= free_frames() * frame_size_; }
  void charge(std::uint64_t bytes) { charged_ += bytes; }
  void uncharge(std::uint64_t bytes) { charged_ -= bytes; }

  // For what owns frames (address spaces, shared memory): a number that nothing else here has, ever.
  std::uint64_t next_owner() { return ++owners_; }

  // The bytes at `address`; the span must lie in the memory.
  std::span<std::byte> bytes(GuestPa address, std::uint64_t size);
  std::span<const std::byte> bytes(GuestPa address, std::uint64_t size) const;

  // Per granule: what the engine has of it. See Engine, "Code that changes".
  struct CodeState {
    // Whether there may be translated code of it, and whether there may be a TLB entry through which it is
    // written. Both at once would let stale code run.
    bool executed = false;
    bool written_freely = false;
    // What was found when it was last looked at as code: instructions that the engine cannot translate, or
    // perhaps the beginning of one at its end.
    bool unsafe = false;
    bool open_end = false;
    // How often it went from code to data or back. Past a number its code is executed an instruction at a
    // time.
    std::uint8_t conflicts = 0;
  };
  CodeState& code_state(GuestPa address) { return code_[address.value / kGranule]; }

 private:
  std::uint64_t frame_size_;
  std::uint64_t size_;
  std::byte* base_;
  std::uint64_t frames_;
  std::uint64_t next_ = 0;           // frames from here on were never handed out, and are still zero
  std::vector<std::uint64_t> free_;  // indices of returned frames, last in first out
  std::vector<std::uint32_t> users_;
  std::uint64_t charged_ = 0;  // bytes
  std::uint64_t owners_ = 0;
  std::vector<CodeState> code_;
};

// Bytes that are charged to a memory for as long as this lives. A copy is charged anew.
class Charge {
 public:
  Charge() = default;
  explicit Charge(PhysicalMemory& memory, std::uint64_t bytes = 0) : memory_(&memory) { add(bytes); }
  Charge(const Charge& other) : memory_(other.memory_) { add(other.bytes_); }
  Charge& operator=(const Charge&) = delete;
  ~Charge() { remove(bytes_); }

  // Charged to no memory, there is room for everything.
  bool room(std::uint64_t bytes) const { return memory_ == nullptr || memory_->can_charge(bytes); }
  void add(std::uint64_t bytes) {
    if (memory_ == nullptr) return;
    memory_->charge(bytes);
    bytes_ += bytes;
  }
  void remove(std::uint64_t bytes) {
    if (memory_ == nullptr) return;
    memory_->uncharge(bytes);
    bytes_ -= bytes;
  }
  std::uint64_t bytes() const { return bytes_; }
  PhysicalMemory* memory() const { return memory_; }

 private:
  PhysicalMemory* memory_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace trapline::machine
