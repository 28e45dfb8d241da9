// Random histories of several related address spaces, against a model that copies every byte at fork.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "mm_support.hpp"

namespace trapline::kernel::testing {
namespace {

using Bytes = std::array<std::uint8_t, 2>;  // the first and the last of a page

struct ModelPage {
  Permissions permissions;
  std::shared_ptr<Bytes> shared{};  // null: private
  Bytes own{};
  bool dont_fork = false;
  bool wipe_on_fork = false;

  Bytes& bytes() { return shared ? *shared : own; }
};

struct Process {
  std::shared_ptr<Mm> mm;
  std::map<std::uint64_t, ModelPage> model;  // by page number
};

class History {
 public:
  History(std::uint32_t seed, isa::Isa isa)
      : memory_(4096, isa), random_(seed), initial_(memory_.free_frames()) {
    processes_.push_back({std::move(memory_.mm), {}});
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      step();
      if (i % 16 == 0) compare_all();
    }
    compare_all();
    while (!processes_.empty()) exit_one();
    EXPECT_EQ(memory_.free_frames(), initial_);
  }

 private:
  static constexpr std::uint64_t kFirst = 0x10000;  // pages
  static constexpr std::uint64_t kPages = 40;
  static constexpr std::size_t kProcesses = 6;

  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  Process& any() { return processes_[pick(processes_.size())]; }
  GuestVa address(std::uint64_t number) const { return GuestVa(number * memory_.page); }
  Permissions any_permissions() {
    constexpr std::array kAll{kNone, kRead, kReadWrite, kReadWrite, kReadWrite, kReadExecute};
    return kAll[pick(kAll.size())];
  }
  // A range within the window, or within a mapping.
  std::pair<std::uint64_t, std::uint64_t> range(std::uint64_t most = 6) {
    const std::uint64_t start = pick(kPages);
    return {kFirst + start, 1 + pick(std::min(most, kPages - start))};
  }

  void step() {
    Process& process = any();
    switch (pick(16)) {
      case 0:
      case 1:
        return map(process);
      case 2:
        return unmap(process);
      case 3:
      case 4:
        return protect(process);
      case 5:
        return pick(3) == 0 ? fork(process) : write(process);
      case 6:
        if (processes_.size() > 1 && pick(4) == 0) exit_one();
        return;
      case 7:
        return discard(process);
      case 8:
        return move(process);
      case 9:
        return advise_fork(process);
      case 10:
        return poke(process);
      default:
        return write(process);
    }
  }

  void map(Process& process) {
    const auto [start, count] = range();
    const Permissions permissions = any_permissions();
    const bool shared = pick(3) == 0;
    const auto request = anonymous(address(start).value, count * memory_.page, permissions, shared);
    ASSERT_TRUE(process.mm->map(request));
    for (std::uint64_t page = start; page < start + count; ++page) {
      ModelPage& now = process.model[page];
      now = {.permissions = permissions};
      if (shared) now.shared = std::make_shared<Bytes>();
    }
  }

  void unmap(Process& process) {
    const auto [start, count] = range();
    ASSERT_TRUE(process.mm->unmap(address(start), count * memory_.page));
    process.model.erase(process.model.lower_bound(start), process.model.lower_bound(start + count));
  }

  void protect(Process& process) {
    const auto [start, count] = range();
    const Permissions permissions = any_permissions();
    const bool done = process.mm->protect(address(start), count * memory_.page, permissions).ok();
    bool whole = true;
    for (std::uint64_t page = start; page < start + count && whole; ++page) {
      const auto known = process.model.find(page);
      whole = known != process.model.end();
      if (whole) known->second.permissions = permissions;
    }
    EXPECT_EQ(done, whole);
  }

  void write(Process& process) {
    const std::uint64_t page = kFirst + pick(kPages);
    const std::size_t side = pick(2);
    const int value = static_cast<int>(pick(256));
    const auto known = process.model.find(page);
    const bool allowed = known != process.model.end() && known->second.permissions.write;
    EXPECT_EQ(put_byte(*process.mm, place(page, side), value), allowed);
    if (allowed) known->second.bytes()[side] = static_cast<std::uint8_t>(value);
  }

  void poke(Process& process) {
    const std::uint64_t page = kFirst + pick(kPages);
    const std::size_t side = pick(2);
    const std::array value{static_cast<std::byte>(pick(256))};
    const auto known = process.model.find(page);
    const bool allowed =
        known != process.model.end() && (!known->second.shared || known->second.permissions.write);
    EXPECT_EQ(process.mm->poke(GuestVa(place(page, side)), value), allowed);
    if (allowed) known->second.bytes()[side] = std::to_integer<std::uint8_t>(value[0]);
  }

  void discard(Process& process) {
    const auto [start, count] = range(3);
    static_cast<void>(process.mm->advise(address(start), count * memory_.page, 4));
    for (std::uint64_t page = start; page < start + count; ++page) {
      const auto known = process.model.find(page);
      if (known != process.model.end()) known->second.own = {};
    }
  }

  void advise_fork(Process& process) {
    const auto [start, count] = range(3);
    const std::uint64_t advice = std::array<std::uint64_t, 4>{10, 11, 18, 19}[pick(4)];
    for (std::uint64_t page = start; page < start + count; ++page) {
      const auto known = process.model.find(page);
      const bool refused = known != process.model.end() && known->second.shared && advice == 18;
      const bool done = process.mm->advise(address(page), memory_.page, advice).ok();
      EXPECT_EQ(done, known != process.model.end() && !refused);
      if (!done) continue;
      if (advice <= 11) {
        known->second.dont_fork = advice == 10;
      } else {
        known->second.wipe_on_fork = advice == 18;
      }
    }
  }

  // A part of one mapping to somewhere else, smaller or larger.
  void move(Process& process) {
    if (process.mm->vmas().empty()) return;
    const auto vma =
        std::next(process.mm->vmas().begin(), static_cast<std::ptrdiff_t>(pick(process.mm->vmas().size())));
    const std::uint64_t first = vma->second.start.value / memory_.page;
    const std::uint64_t past = vma->second.end.value / memory_.page;
    const std::uint64_t from = first + pick(past - first);
    const std::uint64_t count = 1 + pick(past - from);
    const std::uint64_t new_count = 1 + pick(count);
    const std::uint64_t to = kFirst + pick(kPages);
    if (to + new_count > kFirst + kPages || (to < from + count && from < to + new_count)) return;
    const bool keep = pick(3) == 0;
    const std::uint64_t old_count = keep ? new_count : count;
    ASSERT_TRUE(process.mm->remap({.old = address(from),
                                   .old_size = old_count * memory_.page,
                                   .new_size = new_count * memory_.page,
                                   .may_move = true,
                                   .dont_unmap = keep,
                                   .to = address(to)}));
    for (std::uint64_t i = 0; i < old_count; ++i) {
      const auto old = process.model.find(from + i);
      if (i < new_count) process.model[to + i] = old->second;
      if (keep) {
        old->second.own = {};
      } else {
        process.model.erase(old);
      }
    }
  }

  void fork(const Process& parent) {
    if (processes_.size() == kProcesses) return;
    Process child{parent.mm->fork(), {}};
    ASSERT_NE(child.mm, nullptr);
    for (const auto& [number, page] : parent.model) {
      if (page.dont_fork) continue;
      ModelPage& copy = child.model[number] = page;
      if (page.wipe_on_fork) copy.own = {};
    }
    processes_.push_back(std::move(child));
  }

  void exit_one() {
    processes_.erase(processes_.begin() + static_cast<std::ptrdiff_t>(pick(processes_.size())));
  }

  std::uint64_t place(std::uint64_t page, std::size_t side) const {
    return page * memory_.page + (side == 0 ? 0 : memory_.page - 1);
  }

  void compare_all() {
    for (Process& process : processes_) {
      Mm& mm = *process.mm;
      std::map<std::uint64_t, Permissions> mapped;
      std::uint64_t bytes = 0;
      GuestVa last;
      for (const auto& [start, vma] : mm.vmas()) {
        EXPECT_EQ(vma.start.value, start);
        EXPECT_LT(vma.start, vma.end);
        EXPECT_LE(last, vma.start);
        last = vma.end;
        bytes += vma.size();
        for (std::uint64_t page = start / memory_.page; page < vma.end.value / memory_.page; ++page) {
          mapped.emplace(page, vma.permissions);
        }
      }
      EXPECT_EQ(mm.mapped(), bytes);
      EXPECT_LE(mm.rss(), bytes);
      ASSERT_EQ(mapped.size(), process.model.size());
      for (auto& [number, page] : process.model) {
        ASSERT_TRUE(mapped.contains(number));
        EXPECT_EQ(mapped[number], page.permissions);
        for (std::size_t side = 0; side < 2; ++side) {
          std::array<std::byte, 1> seen{};
          // Each page but for its own sake: reading has it populated.
          if (pick(4) != 0) continue;
          ASSERT_TRUE(mm.peek(GuestVa(place(number, side)), seen));
          ASSERT_EQ(std::to_integer<int>(seen[0]), page.bytes()[side]) << "page " << number - kFirst;
        }
        // Nothing is writable in the page table that is not this process's own.
        const auto* const entry = mm.space().page(address(number));
        if (entry == nullptr) continue;
        EXPECT_LE(entry->permissions.write, page.permissions.write);
        if (!page.shared && entry->permissions.write) {
          EXPECT_EQ(memory_.machine.memory().users(entry->frame), 1u);
        }
      }
    }
  }

  Memory memory_;
  std::mt19937 random_;
  std::uint64_t initial_;
  std::vector<Process> processes_;
};

TEST(MmProperty, X86) {
  for (std::uint32_t seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    History(seed, isa::Isa::X86_64).run(600);
  }
}

TEST(MmProperty, Ppc64) {
  for (std::uint32_t seed = 1; seed <= 6 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    History(seed, isa::Isa::Ppc64).run(600);
  }
}

// Where mappings are placed: always the highest gap that is large enough.
TEST(MmProperty, Placement) {
  Memory memory(4096);
  Mm& mm = *memory.mm;
  std::mt19937 random(7);
  const std::uint64_t bottom = mm.layout().mmap_top.value - 200 * memory.page;
  ASSERT_TRUE(mm.map(anonymous(65536, bottom - 65536, kNone)));
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t size = (1 + random() % 12) * memory.page;
    if (random() % 2 == 0) {
      const GuestVa at(bottom + random() % 200 * memory.page);
      ASSERT_TRUE(mm.unmap(at, std::min(size, mm.layout().mmap_top - at)));
      continue;
    }
    std::uint64_t expected = 0;
    std::uint64_t top = mm.layout().mmap_top.value;
    for (auto vma = mm.vmas().rbegin(); vma != mm.vmas().rend() && expected == 0; ++vma) {
      if (top - vma->second.end.value >= size) expected = top - size;
      top = vma->second.start.value;
    }
    const auto placed = mm.map({.size = size, .vma = anonymous(0, 0, random() % 2 == 0 ? kRead : kNone).vma});
    ASSERT_EQ(placed ? placed->value : 0, expected) << i;
  }
}

}  // namespace
}  // namespace trapline::kernel::testing
