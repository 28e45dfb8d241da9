// What stands behind a shared mapping: the nameless file in tmpfs of Linux's shmem_zero_setup, a memory file,
// or the pages of a file that lies elsewhere.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>

#include "emu/machine/machine.hpp"

namespace trapline::kernel {

using isa::GuestPa;

// The file that pages come from and go back to.
class PageStore {
 public:
  virtual ~PageStore() = default;
  PageStore(const PageStore&) = delete;
  PageStore& operator=(const PageStore&) = delete;

  virtual std::uint64_t inode() const = 0;  // as stat(2) shows it
  // What lies past the end reads as zero. False: the file cannot be read.
  virtual bool read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  // What lies past the end is dropped.
  virtual void write(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  // A page is about to be stored to through a mapping.
  virtual void changes() = 0;

 protected:
  PageStore() = default;
};

class SharedMemory {
 public:
  // `size` in bytes, a whole number of pages.
  SharedMemory(machine::Machine& machine, std::uint64_t size, std::unique_ptr<PageStore> store = nullptr);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  std::uint64_t size() const { return size_; }
  std::uint64_t number() const { return number_; }  // PhysicalMemory::next_owner()
  // What stat(2) shows of its file.
  std::uint64_t inode() const { return store_ ? store_->inode() : number_; }

  // The frame of the page at `offset`, made where there is none yet; nothing where memory is used up. It
  // stays this object's: whoever maps it takes a share of it.
  std::optional<GuestPa> frame(std::uint64_t offset);
  bool resident(std::uint64_t offset) const { return frames_.contains(offset); }
  // Of a memory file: what is past the end reads as zero if it comes back. Nobody may have it mapped.
  void resize(std::uint64_t size);
  // Of what lies within size(). False: memory is used up, and some may be written.
  bool write(std::uint64_t offset, std::span<const std::byte> bytes);
  void read(std::uint64_t offset, std::span<std::byte> out) const;
  // The same where a page is there; the others are left to the file that they come from.
  void overwrite(std::uint64_t offset, std::span<const std::byte> bytes);

  // It has a file of its own. A page is written back to that from when it was first stored to, so that such a
  // store has to be noticed: soil().
  bool backed() const { return store_ != nullptr; }
  void soil(std::uint64_t offset);
  void write_back(std::uint64_t offset, std::uint64_t size);

  // MADV_REMOVE: [offset, offset + size) reads as zero, for everyone who has it mapped.
  void punch(std::uint64_t offset, std::uint64_t size);

 private:
  machine::Machine& machine_;
  std::uint64_t size_;
  std::uint64_t number_;
  std::unique_ptr<PageStore> store_;
  std::map<std::uint64_t, GuestPa> frames_;  // by offset of the page
  std::set<std::uint64_t> soiled_;
};

}  // namespace trapline::kernel
