// Which breakpoints of a tracer and of others may be there together on PPC64, against a comparison of each
// with each.
#include "emu/kernel/arch/ppc64/reservations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <vector>

#include "emu/kernel/task/task.hpp"

namespace trapline::kernel::ppc64 {
namespace {

using isa::GuestVa;

// The rule as Linux walks its lists: an asked-for breakpoint beside one that is there.
bool in_the_way(const PerfEvent& asked, const PerfEvent& there) {
  const auto first = [](const PerfEvent& e) { return e.attr.bp_addr.value & ~std::uint64_t{7}; };
  const auto end = [](const PerfEvent& e) {
    return (e.attr.bp_addr.value + e.attr.bp_len + 7) & ~std::uint64_t{7};
  };
  if (asked.ptrace == there.ptrace) return false;
  if (first(asked) >= end(there) || first(there) >= end(asked)) return false;
  const bool same_task = asked.task != nullptr && asked.task == there.task;
  const bool one_is_of_a_cpu = asked.ptrace ? there.cpu >= 0 : asked.task == nullptr;
  return same_task || one_is_of_a_cpu;
}

TEST(Ppc64Reservations, AgreeWithAComparisonOfEachWithEach) {
  std::mt19937 random(58);  // NOLINT: the same in every run
  const auto below = [&random](std::uint64_t n) { return random() % n; };
  machine::PhysicalMemory memory(1 << 20, machine::kGranule);
  std::vector<std::unique_ptr<Task>> tasks;
  for (int i = 0; i < 12; ++i) tasks.push_back(std::make_unique<Task>(i + 1, "task", memory));

  // About the borders of blocks of 512 bytes, and where addresses begin and end.
  constexpr std::array<std::uint64_t, 4> kAround{0x10000200, 0x10000400, 0, 0x10001000};
  const auto place = [&](PerfEventAttr& attr, bool watchable) {
    attr.bp_addr = GuestVa(kAround[below(kAround.size())] + below(16) * 8 - 64 + below(4));
    constexpr std::array<std::uint64_t, 4> kLengths{1, 8, 24, 500};
    attr.bp_len = kLengths[below(kLengths.size())];
    if (watchable) return;
    constexpr std::array<std::uint64_t, 5> kBad{0, 513, 0x1000, ~std::uint64_t{0}, ~std::uint64_t{0} - 0x400};
    attr.bp_len = kBad[below(kBad.size())];
  };
  unsigned refused = 0;
  unsigned taken = 0;
  for (int round = 0; round < 20; ++round) {
    Reservations reservations;
    std::vector<std::unique_ptr<PerfEvent>> live;
    for (int step = 0; step < 1000; ++step) {
      if (!live.empty() && below(4) == 0) {
        const auto i = below(live.size());
        if (below(3) == 0) {
          PerfEventAttr to = live[i]->attr;
          place(to, true);
          reservations.move(*live[i], to);
          live[i]->attr = to;
          continue;
        }
        reservations.remove(*live[i]);
        live.erase(live.begin() + static_cast<long>(i));
        continue;
      }
      auto event = std::make_unique<PerfEvent>();
      const auto kind = below(4);
      if (kind != 0) event->task = tasks[below(tasks.size())].get();
      if (kind <= 1) event->cpu = static_cast<int>(below(4));
      event->ptrace = kind == 2;
      const bool watchable = below(8) != 0;
      place(event->attr, watchable);
      const bool expected =
          std::ranges::any_of(live, [&](const auto& there) { return in_the_way(*event, *there); });
      ASSERT_EQ(reservations.conflicts(*event), expected)
          << "round " << round << ", step " << step << ", " << std::hex << event->attr.bp_addr.value << "+"
          << event->attr.bp_len;
      ++(expected ? refused : taken);
      if (expected) continue;
      const auto of_task = std::ranges::count_if(live, [&](const auto& there) {
        return event->task != nullptr && there->task == event->task && there->cpu < 0;
      });
      if (event->cpu < 0 && of_task == kHbpNumMax) continue;  // as the slot constraints see to
      reservations.add(*event);
      if (watchable) {
        live.push_back(std::move(event));
      } else {
        reservations.remove(*event);  // as when it is refused because of its length
      }
    }
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(taken, 1000u);
}

TEST(Ppc64Reservations, OneThatWasNotAddedChangesNothing) {
  machine::PhysicalMemory memory(1 << 20, machine::kGranule);
  Task task(1, "task", memory);
  Reservations reservations;
  PerfEvent traced;
  traced.task = &task;
  traced.ptrace = true;
  traced.attr.bp_addr = GuestVa(0x1000);
  traced.attr.bp_len = 8;
  PerfEvent counted;
  counted.task = traced.task;
  counted.attr = traced.attr;
  reservations.add(traced);
  reservations.remove(counted);
  reservations.move(counted, {});
  EXPECT_TRUE(reservations.conflicts(counted));
  PerfEventAttr elsewhere = traced.attr;
  elsewhere.bp_addr = GuestVa(0x1008);
  reservations.move(traced, elsewhere);
  traced.attr = elsewhere;
  EXPECT_FALSE(reservations.conflicts(counted));
  counted.task = nullptr;
  counted.cpu = 0;
  EXPECT_FALSE(reservations.conflicts(counted));
  counted.attr.bp_len = 9;
  EXPECT_TRUE(reservations.conflicts(counted));
}

}  // namespace
}  // namespace trapline::kernel::ppc64
