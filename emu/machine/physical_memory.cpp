#include "emu/machine/physical_memory.hpp"

#include <sys/mman.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace trapline::machine {

PhysicalMemory::PhysicalMemory(std::uint64_t size, std::uint64_t frame_size)
    : frame_size_(frame_size),
      size_((size + frame_size - 1) / frame_size * frame_size),
      frames_(size_ / frame_size),
      users_(frames_),
      code_(size_ / kGranule) {
  void* mapping =
      mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "cannot reserve guest memory");
  base_ = static_cast<std::byte*>(mapping);
}

PhysicalMemory::~PhysicalMemory() { munmap(base_, size_); }

std::optional<GuestPa> PhysicalMemory::allocate_frame() {
  if (free_frames() == 0) return std::nullopt;
  std::uint64_t frame = 0;
  if (!free_.empty()) {
    frame = free_.back();
    free_.pop_back();
    std::memset(base_ + frame * frame_size_, 0, frame_size_);
  } else {
    frame = next_++;
  }
  users_[frame] = 1;
  for (std::uint64_t at = 0; at < frame_size_; at += kGranule)
    code_[(frame * frame_size_ + at) / kGranule].conflicts = 0;
  return GuestPa(frame * frame_size_);
}

void PhysicalMemory::release_frame(GuestPa frame) {
  const std::uint64_t index = frame.value / frame_size_;
  assert(users_[index] != 0);
  if (--users_[index] == 0) free_.push_back(index);
}

std::span<std::byte> PhysicalMemory::bytes(GuestPa address, std::uint64_t size) {
  assert(address.value <= size_ && size <= size_ - address.value);
  return {base_ + address.value, size};
}

std::span<const std::byte> PhysicalMemory::bytes(GuestPa address, std::uint64_t size) const {
  assert(address.value <= size_ && size <= size_ - address.value);
  return {base_ + address.value, size};
}

}  // namespace trapline::machine
