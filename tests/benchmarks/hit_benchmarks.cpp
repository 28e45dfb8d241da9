// What a counted hit costs, from the guest's instruction up to the perf event's count: the time of a loop
// with an event less that of the same loop without. Beside it the same on the host.
#include <algorithm>

#include "benchmarks.hpp"
#include "host_breakpoint.hpp"
#include "kernel_guest.hpp"
#include "measuring.hpp"

namespace trapline::benchmarks {

namespace {

constexpr double kNativeTarget = 5;

using CountHits = void (KernelGuest::*)();

Contender guest(isa::Isa isa, const Loop& loop, CountHits count_hits) {
  return [isa, loop, count_hits](std::uint64_t n) {
    KernelGuest guest(isa, loop, n);
    if (count_hits != nullptr) (guest.*count_hits)();
    return guest.run();
  };
}

Contender native(host::Work work, bool counted) {
  return [work, counted](std::uint64_t n) { return host::run(work, counted, n); };
}

std::vector<Row> hits(const std::string& name, isa::Isa isa, const Loop& loop, CountHits count_hits,
                      host::Work work) {
  std::vector<Contender> contenders{guest(isa, loop, count_hits), guest(isa, loop, nullptr)};
  const bool with_host = host::can_count();
  if (with_host) {
    contenders.push_back(native(work, true));
    contenders.push_back(native(work, false));
  }
  const std::vector<double> times = nanoseconds_each(contenders);
  Row row{name, isa, "ns/hit", times[0] - times[1], "this host's x86-64", std::nullopt, kNativeTarget};
  if (with_host) row.reference_value = times[2] - times[3];
  return {row};
}

}  // namespace

std::vector<Benchmark> hit_benchmarks(isa::Isa isa) {
  std::vector<Benchmark> benchmarks;
  const auto add = [&](const std::string& name, const Loop& loop, CountHits count_hits, host::Work work) {
    benchmarks.push_back({name, isa, [=] { return hits(name, isa, loop, count_hits, work); }});
  };
  add("counted data hits, back to back", store_only(isa), &KernelGuest::count_stores, host::Work::StoreOnly);
  add("counted data hits, one in 1000", rare_store(isa), &KernelGuest::count_stores, host::Work::RareStore);
  if (isa == isa::Isa::X86_64) {
    add("counted execution hits", no_access(isa), &KernelGuest::count_executions, host::Work::Executions);
  }
  return benchmarks;
}

}  // namespace trapline::benchmarks
