// A page table: which frame stands behind a virtual page, and what user code may do with it. The kernel's mm
// fills it in; the engine asks it whenever its TLB misses.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <optional>

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
  struct Page {
    GuestPa frame;
    Permissions permissions;
  };

  // `page_size` in bytes: 4 KiB on x86-64, 64 KiB on PPC64 Linux. Where spaces come and go under one engine,
  // each has revisions of its own: a new one may lie where an old one lay.
  explicit AddressSpace(std::uint64_t page_size, std::uint64_t first_revision = 0)
      : page_size_(page_size), revision_(first_revision) {}
  // PPC64 in real mode: without its four upper bits, every address below `memory` bytes stands for itself,
  // with all permissions (Power ISA v2.07 Book III-S, 5.7.3).
  // With `code`, instructions are translated all the same: they are executed where it lets them.
  static AddressSpace real_mode(std::uint64_t memory, const AddressSpace* code = nullptr) {
    AddressSpace space(kGranule);
    space.real_ = memory;
    space.code_ = code;
    return space;
  }

  // What kernel code sees: the kernel's own addresses, which are the upper half, by `kernel`, and those of
  // the task that it works for by `user`; null: it works for none.
  static AddressSpace kernel_mode(const AddressSpace& kernel, const AddressSpace* user,
                                  std::uint64_t first_revision) {
    AddressSpace space(kernel.page_size(), first_revision);
    space.kernel_ = &kernel;
    space.user_ = user;
    return space;
  }

  std::uint64_t page_size() const { return page_size_; }

  // Takes the page that holds `address`. Mapping a page anew replaces it.
  void map(GuestVa address, GuestPa frame, Permissions permissions);

  std::optional<Translation> translate(GuestVa address) const;
  // The page that holds `address`, or null.
  const Page* page(GuestVa address) const;

  // For many pages at once: those that are mapped in [start, end), in ascending order. What this costs
  // depends on how many there are, not on the size of the range.
  template <class Function>
  void for_each(GuestVa start, GuestVa end, Function function) const {
    walk(tables_, start, end, [&](auto table, std::uint64_t number, unsigned at) {
      function(GuestVa(number * page_size_), table->second.pages[at]);
    });
  }
  // Gives each the permissions that `function(frame)` returns.
  template <class Function>
  void protect(GuestVa start, GuestVa end, Function function) {
    bool stale = false;
    walk(tables_, start, end, [&](auto table, std::uint64_t, unsigned at) {
      Page& page = table->second.pages[at];
      const Permissions permissions = function(page.frame);
      stale |= narrows(page.permissions, permissions);
      page.permissions = permissions;
    });
    if (stale) ++revision_;
  }
  // Takes them out; `function(frame)` is told of each.
  template <class Function>
  void unmap_each(GuestVa start, GuestVa end, Function function) {
    const std::uint64_t before = pages_;
    auto emptied = tables_.end();
    const auto erase_emptied = [&](auto next) {
      if (emptied != tables_.end() && emptied != next) {
        if (emptied->second.mapped == 0) {
          last_.table = nullptr;
          tables_.erase(emptied);
        }
      }
      emptied = next;
    };
    walk(tables_, start, end, [&](auto table, std::uint64_t, unsigned at) {
      erase_emptied(table);
      table->second.mapped &= ~(std::uint64_t{1} << at);
      --pages_;
      function(table->second.pages[at].frame);
    });
    erase_emptied(tables_.end());
    if (pages_ != before) ++revision_;
  }

  std::uint64_t pages() const { return pages_; }  // mapped ones
  // What the table itself takes of the host's memory, in bytes.
  std::uint64_t footprint() const { return tables_.size() * (sizeof(Table) + kNodeSize); }

  // Grows whenever something that a TLB may hold was taken away or narrowed.
  std::uint64_t revision() const {
    if (kernel_ == nullptr) return revision_;
    return revision_ + kernel_->revision() + (user_ == nullptr ? 0 : user_->revision());
  }

 private:
  // One bit in a word for each page of a table.
  static constexpr unsigned kTablePages = 64;
  static constexpr std::uint64_t kNodeSize = 64;  // of the map around a table, roughly
  struct Table {
    std::uint64_t mapped = 0;
    std::array<Page, kTablePages> pages{};
  };

  static bool narrows(const Permissions& old, const Permissions& now) {
    return (old.read && !now.read) || (old.write && !now.write) || (old.execute && !now.execute);
  }

  template <class Tables, class Function>
  void walk(Tables& tables, GuestVa start, GuestVa end, Function function) const {
    const std::uint64_t first = start.value / page_size_;
    const std::uint64_t past = (end.value + page_size_ - 1) / page_size_;
    auto table = tables.lower_bound(first / kTablePages);
    while (table != tables.end() && table->first * kTablePages < past) {
      const auto here = table++;  // the function may take it out
      const std::uint64_t base = here->first * kTablePages;
      std::uint64_t bits = here->second.mapped;
      if (base < first) bits &= ~std::uint64_t{0} << (first - base);
      if (past - base < kTablePages) bits &= (std::uint64_t{1} << (past - base)) - 1;
      for (; bits != 0; bits &= bits - 1) {
        const auto at = static_cast<unsigned>(std::countr_zero(bits));
        function(here, base + at, at);
      }
    }
  }

  std::uint64_t page_size_;
  std::uint64_t real_ = 0;  // bytes of memory, in real mode
  const AddressSpace* code_ = nullptr;
  const AddressSpace* kernel_ = nullptr;  // in kernel mode
  const AddressSpace* user_ = nullptr;
  std::uint64_t revision_ = 0;
  std::uint64_t pages_ = 0;
  std::map<std::uint64_t, Table> tables_;  // by page number, without its lowest bits

  // The table that was asked for last, which is often the next one, too. A copy of the space begins without.
  struct Last {
    Last() = default;
    Last(const Last& /*other*/) {}
    Last& operator=(const Last& other) {
      if (this != &other) table = nullptr;
      return *this;
    }
    const Table* table = nullptr;
    std::uint64_t number = 0;
  };
  mutable Last last_;
};

}  // namespace trapline::machine
