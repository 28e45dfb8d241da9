// What stands behind a shared anonymous mapping: the nameless file in tmpfs of Linux's shmem_zero_setup.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "emu/machine/machine.hpp"

namespace trapline::kernel {

using isa::GuestPa;

class SharedMemory {
 public:
  // `size` in bytes, a whole number of pages.
  SharedMemory(machine::Machine& machine, std::uint64_t size);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  std::uint64_t size() const { return size_; }
  std::uint64_t number() const { return number_; }  // PhysicalMemory::next_owner()

  // The frame of the page at `offset`, made where there is none yet; nothing where memory is used up. It
  // stays this object's: whoever maps it takes a share of it.
  std::optional<GuestPa> frame(std::uint64_t offset);
  bool resident(std::uint64_t offset) const { return frames_.contains(offset); }
  // Of a memory file: what is past the end reads as zero if it comes back. Nobody may have it mapped.
  void resize(std::uint64_t size);
  // Of what lies within size(). False: memory is used up, and some may be written.
  bool write(std::uint64_t offset, std::span<const std::byte> bytes);
  void read(std::uint64_t offset, std::span<std::byte> out) const;
  // MADV_REMOVE: [offset, offset + size) reads as zero, for everyone who has it mapped.
  void punch(std::uint64_t offset, std::uint64_t size);

 private:
  machine::Machine& machine_;
  std::uint64_t size_;
  std::uint64_t number_;
  std::map<std::uint64_t, GuestPa> frames_;  // by offset of the page
};

}  // namespace trapline::kernel
