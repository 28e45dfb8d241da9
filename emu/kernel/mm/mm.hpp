// A process's memory: its mappings (VMAs), the frames behind them, brk, and the kernel's own access to user
// memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emu/kernel/result.hpp"
#include "emu/machine/machine.hpp"
#include "isa/access.hpp"

namespace trapline::kernel {

using isa::GuestPa;
using isa::GuestVa;
using machine::Permissions;

// What a private mapping is filled from: the bytes of a file as they were when it was mapped.
using FileBytes = std::shared_ptr<const std::vector<std::byte>>;

struct Vma {
  GuestVa start;
  GuestVa end;
  Permissions permissions;
  bool shared = false;
  bool grows_down = false;
  FileBytes file;                 // null: anonymous memory
  std::uint64_t file_offset = 0;  // of `start` in the file
  std::string name;               // as in /proc/PID/maps: a path, "[heap]", "[stack]" or nothing
};

// Where things lie in an address space (mm/mmap.c's legacy-free layout, without randomisation).
struct Layout {
  GuestVa task_size;  // the first address past user space
  GuestVa stack_top;
  GuestVa mmap_top;  // mappings are placed downwards from here
  std::uint64_t stack_limit = 8u << 20;

  static Layout of(isa::Isa isa);
};

// Why a user access cannot be carried out, as SIGSEGV or SIGBUS tells it.
struct MmFault {
  int signal = 0;
  int code = 0;
};

class Mm {
 public:
  explicit Mm(machine::Machine& machine);
  ~Mm();
  Mm(const Mm&) = delete;
  Mm& operator=(const Mm&) = delete;

  isa::Isa isa() const { return machine_.isa(); }
  const Layout& layout() const { return layout_; }
  const machine::AddressSpace& space() const { return space_; }
  std::uint64_t page_size() const { return space_.page_size(); }

  struct MapRequest {
    std::optional<GuestVa> at{};  // with `fixed` the place, else a hint
    bool fixed = false;
    bool no_replace = false;
    std::uint64_t size = 0;
    Vma vma{};  // all but its addresses
  };
  Result<GuestVa> map(const MapRequest& request);
  Status unmap(GuestVa start, std::uint64_t size);
  Status protect(GuestVa start, std::uint64_t size, Permissions permissions);
  Result<GuestVa> remap(GuestVa old, std::uint64_t old_size, std::uint64_t new_size, bool may_move);
  // MADV_DONTNEED: the pages read as new ones again.
  Status discard(GuestVa start, std::uint64_t size);

  // brk(2): the new end of the heap, or the old one where it cannot move.
  GuestVa set_brk(GuestVa end);
  void start_brk(GuestVa start);

  // Makes the page that holds `address` ready for such an access, or says why not.
  std::optional<MmFault> handle_fault(GuestVa address, isa::AccessKind kind);

  // copy_from_user and copy_to_user: everything, or nothing is promised and false (EFAULT) is returned.
  bool read(GuestVa address, std::span<std::byte> out);
  bool write(GuestVa address, std::span<const std::byte> data);
  // How many of `size` bytes from `address` on can be accessed that way.
  std::uint64_t accessible(GuestVa address, std::uint64_t size, isa::AccessKind kind);
  std::optional<std::uint64_t> read_word(GuestVa address, unsigned size);
  bool write_word(GuestVa address, std::uint64_t value, unsigned size);
  // A string up to its NUL; ENAMETOOLONG without one in `limit` bytes, EFAULT.
  Result<std::string> read_string(GuestVa address, std::uint64_t limit);

  // For ptrace and the loader: also where the page is not writable for the user.
  bool poke(GuestVa address, std::span<const std::byte> data);

  const std::map<std::uint64_t, Vma>& vmas() const { return vmas_; }
  std::uint64_t mapped() const { return mapped_; }  // bytes
  // A checksum of all populated memory and where it lies: equal memories have equal ones.
  std::uint64_t checksum() const;

 private:
  using VmaMap = std::map<std::uint64_t, Vma>;  // by start address

  VmaMap::iterator find(GuestVa address);
  void split(GuestVa address);
  std::optional<GuestVa> find_gap(std::uint64_t size, GuestVa below) const;
  bool range_free(GuestVa start, std::uint64_t size) const;
  void drop_pages(GuestVa start, GuestVa end);
  std::span<std::byte> bytes_at(GuestVa address, std::uint64_t size, isa::AccessKind kind, bool force);
  std::optional<MmFault> populate(const Vma& vma, GuestVa page, isa::AccessKind kind);

  machine::Machine& machine_;
  Layout layout_;
  machine::AddressSpace space_;
  VmaMap vmas_;
  std::map<std::uint64_t, GuestPa> frames_;  // by page address: what is populated
  std::uint64_t mapped_ = 0;
  GuestVa brk_start_;
  GuestVa brk_;
};

}  // namespace trapline::kernel
