// A page table: which frame stands behind a virtual page, and what user code may do with it. The kernel's mm
// fills it in; the engine asks it whenever its TLB misses.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "emu/machine/physical_memory.hpp"
#include "isa/access.hpp"

namespace trapline::machine {

struct Permissions {
  bool read = false;
  bool write = false;
  bool execute = false;

  constexpr bool operator==(const Permissions&) const = default;
  constexpr bool allow(isa::AccessKind kind) const {
    return kind == isa::AccessKind::Read ? read : kind == isa::AccessKind::Write ? write : execute;
  }
};

struct Translation {
  GuestPa address;  // of the very byte asked for
  Permissions permissions;
};

class AddressSpace {
 public:
  // `page_size` in bytes: 4 KiB on x86-64, 64 KiB on PPC64 Linux.
  explicit AddressSpace(std::uint64_t page_size) : page_size_(page_size) {}
  // PPC64 in real mode: without its four upper bits, every address below `memory` bytes stands for itself,
  // with all permissions (Power ISA v2.07 Book III-S, 5.7.3).
  // With `code`, instructions are translated all the same: they are executed where it lets them.
  static AddressSpace real_mode(std::uint64_t memory, const AddressSpace* code = nullptr) {
    AddressSpace space(kGranule);
    space.real_ = memory;
    space.code_ = code;
    return space;
  }

  std::uint64_t page_size() const { return page_size_; }

  // Both take the page that holds `address`. Mapping a page anew replaces it.
  void map(GuestVa address, GuestPa frame, Permissions permissions);
  void unmap(GuestVa address);

  std::optional<Translation> translate(GuestVa address) const;

  // Grows whenever something that a TLB may hold was taken away or narrowed.
  std::uint64_t revision() const { return revision_; }

 private:
  struct Page {
    GuestPa frame;
    Permissions permissions;
  };

  std::uint64_t page_size_;
  std::uint64_t real_ = 0;  // bytes of memory, in real mode
  const AddressSpace* code_ = nullptr;
  std::uint64_t revision_ = 0;
  std::unordered_map<std::uint64_t, Page> pages_;  // by page number; never iterated
};

}  // namespace trapline::machine
