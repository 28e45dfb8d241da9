// The kernel's half of the address space: where its text, its data, modules, the heap, stacks and per-CPU
// areas lie (Linux's Documentation/arch/x86/x86_64/mm.rst; asm/book3s/64/hash.h), and what is in them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "emu/machine/machine.hpp"

namespace trapline::kernel {

using isa::GuestVa;

class KernelSpace {
 public:
  explicit KernelSpace(machine::Machine& machine);
  ~KernelSpace();
  KernelSpace(const KernelSpace&) = delete;
  KernelSpace& operator=(const KernelSpace&) = delete;

  // Each is a range of addresses that grows upwards, by whole pages.
  enum class Area : std::uint8_t {
    Text,     // the model's own functions: entries only, nothing that could be executed
    Data,     // the model's own variables
    Modules,  // of modules, and of what is linked to the kernel
    Heap,     // kmalloc()
    Stacks,   // a page that is not there lies below each
    PerCpu,
  };
  // Zeroed, and nothing where memory is used up.
  std::optional<GuestVa> map(Area area, std::uint64_t bytes, machine::Permissions permissions);
  // At that address, which is none of an area's: of a kernel image. Why not, where it cannot be.
  std::optional<std::string> map_at(GuestVa address, std::uint64_t bytes, machine::Permissions permissions);
  // What map() gave.
  void unmap(Area area, GuestVa address, std::uint64_t bytes);
  void protect(GuestVa address, std::uint64_t bytes, machine::Permissions permissions);

  const machine::AddressSpace& space() const { return space_; }
  machine::Machine& machine() const { return machine_; }
  isa::Isa isa() const { return machine_.isa(); }
  std::uint64_t page_size() const { return space_.page_size(); }

  // False: not all of it is there.
  bool read(GuestVa address, std::span<std::byte> bytes) const;
  bool write(GuestVa address, std::span<const std::byte> bytes);
  std::optional<std::uint64_t> read_word(GuestVa address, std::size_t size = 8) const;
  bool write_word(GuestVa address, std::uint64_t value, std::size_t size = 8);
  // Up to the NUL; nothing where it does not end within `most` bytes.
  std::optional<std::string> read_string(GuestVa address, std::size_t most = 4096) const;

  // --- The heap (mm/slub.c) ---
  // Zeroed, though kmalloc() does not promise it: what is in fresh memory is the same in each run. Null where
  // there is none left.
  GuestVa kmalloc(std::uint64_t bytes);
  // False: nothing was allocated there.
  bool kfree(GuestVa address);
  // ksize(): bytes that lie there; 0: none.
  std::uint64_t ksize(GuestVa address) const;

  // --- Per-CPU memory (mm/percpu.c) ---
  // An address of CPU 0's copy; that of another CPU lies per_cpu_offset(cpu) higher.
  GuestVa alloc_percpu(std::uint64_t bytes, std::uint64_t alignment);
  void free_percpu(GuestVa address);
  std::uint64_t per_cpu_offset(unsigned cpu) const;

 private:
  GuestVa base(Area area) const;
  void unmap_pages(GuestVa address, std::uint64_t bytes);
  // Of that size, given back before.
  std::optional<GuestVa> take_returned(Area area, std::uint64_t bytes);

  template <class Use>
  bool each_piece(GuestVa address, std::uint64_t bytes, Use use) const;

  machine::Machine& machine_;
  machine::AddressSpace space_;
  std::vector<std::uint64_t> used_;                     // by area, bytes
  std::map<std::uint64_t, std::uint64_t> allocated_;    // heap: bytes by address
  std::map<std::uint64_t, std::vector<GuestVa>> free_;  // by size class
  std::uint64_t percpu_used_ = 0;
  std::map<std::uint64_t, std::uint64_t> percpu_allocated_;  // bytes by address
  // Of areas and of per-CPU memory: what was given back, by its size.
  std::map<std::pair<Area, std::uint64_t>, std::vector<GuestVa>> returned_;
};

}  // namespace trapline::kernel
