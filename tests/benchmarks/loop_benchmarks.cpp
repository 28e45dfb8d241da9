// Guest code at full speed: three loops far from what is watched, and one on the watched page.
#include <array>

#include "bare_guest.hpp"
#include "benchmarks.hpp"
#include "emu/machine/bare_engine.hpp"
#include "measuring.hpp"

namespace trapline::benchmarks {

namespace {

using machine::BareEngine;

constexpr double kObviousTarget = 20;

// As many doublewords as can be watched at once, apart from each other.
std::vector<isa::GuestVa> watched_from(isa::GuestVa first, unsigned slots) {
  constexpr std::uint64_t kApart = 64;
  std::vector<isa::GuestVa> doublewords;
  for (unsigned i = 0; i < slots; ++i) doublewords.push_back(first + i * kApart);
  return doublewords;
}

// Both make a fresh engine every time: of engines alike, one may be half as fast as the next for its whole
// life.
Contender trapline(isa::Isa isa, const Loop& loop, isa::GuestVa watched) {
  return [isa, loop, watched](std::uint64_t n) {
    BareGuest guest(isa, loop);
    guest.watch(watched_from(watched, guest.slots()));
    return guest.run(n);
  };
}

Contender bare(isa::Isa isa, const Loop& loop, BareEngine::Hooks hooks) {
  return [isa, loop, hooks](std::uint64_t n) {
    constexpr std::uint64_t kSize = 0x10000;
    std::vector<BareEngine::Range> ranges;
    for (const isa::GuestVa at : watched_from(kWatched, BareEngine::kMostWatched)) ranges.push_back({at, 8});
    BareEngine engine(isa, hooks, ranges);
    engine.map(kCode, kSize, {.read = true, .execute = true});
    engine.map(kData, kSize, {.read = true, .write = true});
    engine.map(kStackTop - kSize, kSize, {.read = true, .write = true});
    engine.write(kCode, loop.program(isa));
    const Stopwatch watch;
    engine.run({.pc = kCode, .end = kCode + loop.end(), .data = kData, .stack = kStackTop, .count = n});
    return watch.seconds();
  };
}

std::vector<Row> far_from_watched(const std::string& name, isa::Isa isa, const Loop& loop, double target) {
  const std::vector<double> times =
      nanoseconds_each({bare(isa, loop, BareEngine::Hooks::None), trapline(isa, loop, kWatched),
                        bare(isa, loop, BareEngine::Hooks::Everything)});
  const std::string unit = "ns/iteration";
  return {{name, isa, unit, times[1], "the bare engine", times[0], target},
          {name, isa, unit, times[1], "hooks on everything", times[2], kObviousTarget}};
}

// Data and watched bytes on one page: every access is asked about, none matches.
std::vector<Row> on_watched_page(const std::string& name, isa::Isa isa) {
  constexpr std::uint64_t kElsewhere = 0x800;  // on the page
  const Loop loop = store_heavy(isa);
  const std::vector<double> times =
      nanoseconds_each({trapline(isa, loop, kWatched), trapline(isa, loop, kData + kElsewhere),
                        bare(isa, loop, BareEngine::Hooks::Everything)});
  const std::string unit = "ns/access";
  const double far = times[0] / loop.accesses;
  const double near = times[1] / loop.accesses;
  const double obvious = times[2] / loop.accesses;
  return {{name, isa, unit, near, "the same on another page", far},
          {name, isa, unit, near, "hooks on everything", obvious}};
}

}  // namespace

std::vector<Benchmark> loop_benchmarks(isa::Isa isa) {
  struct Named {
    const char* name;
    Loop (*loop)(isa::Isa);
    double target;
  };
  constexpr std::array<Named, 3> kLoops{{{"store-heavy loop", store_heavy, 0.8},
                                         {"call-heavy loop", call_heavy, 0.5},
                                         {"branch-heavy loop", branch_heavy, 0.5}}};
  std::vector<Benchmark> benchmarks;
  for (const auto& [name, loop, target] : kLoops) {
    benchmarks.push_back({name, isa, [isa, name = name, loop = loop, target = target] {
                            return far_from_watched(name, isa, loop(isa), target);
                          }});
  }
  const std::string near = "accesses on a watched page";
  benchmarks.push_back({near, isa, [isa, near] { return on_watched_page(near, isa); }});
  return benchmarks;
}

}  // namespace trapline::benchmarks
