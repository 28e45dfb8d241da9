// A machine of its own for every run: what a run costs that does next to nothing.
#include "bare_guest.hpp"
#include "benchmarks.hpp"
#include "emu/machine/bare_engine.hpp"
#include "kernel_guest.hpp"
#include "measuring.hpp"

namespace trapline::benchmarks {

namespace {

Contender fresh_machines(isa::Isa isa) {
  return [isa](std::uint64_t n) {
    const Stopwatch watch;
    for (; n != 0; --n) KernelGuest(isa, nothing(), 0).run();
    return watch.seconds();
  };
}

Contender fresh_engines(isa::Isa isa) {
  return [isa, loop = no_access(isa)](std::uint64_t n) {
    constexpr std::uint64_t kSize = 0x10000;
    const Stopwatch watch;
    for (; n != 0; --n) {
      machine::BareEngine engine(isa, machine::BareEngine::Hooks::None);
      engine.map(kCode, kSize, {.read = true, .execute = true});
      engine.write(kCode, loop.program(isa));
      engine.run({.pc = kCode, .end = kCode + loop.end(), .count = 1});
    }
    return watch.seconds();
  };
}

}  // namespace

std::vector<Benchmark> scenario_benchmarks(isa::Isa isa) {
  const std::string name = "machine, kernel and program";
  return {{name, isa, [isa, name] {
             const std::vector<double> times = nanoseconds_each({fresh_machines(isa), fresh_engines(isa)});
             constexpr double kMicrosecond = 1e3;  // nanoseconds
             return std::vector<Row>{{name, isa, "us/run", times[0] / kMicrosecond, "a bare engine opened",
                                      times[1] / kMicrosecond}};
           }}};
}

}  // namespace trapline::benchmarks
