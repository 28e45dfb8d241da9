// What a context switch costs while few tasks sleep and while many do: two processes that hand each other a
// byte through two pipes.
#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

#include "benchmarks.hpp"
#include "emu/kernel/fs/pipe.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/machine/machine.hpp"
#include "loops.hpp"
#include "measuring.hpp"
#include "tests/support/memory_content.hpp"
#include "tests/support/tiny_elf.hpp"

namespace trapline::benchmarks {

namespace {

constexpr std::uint64_t kNever = 1ull << 60;  // cycles
constexpr unsigned kFew = 4;
constexpr unsigned kMany = 4000;
constexpr double kTarget = 0.9;

struct Ends {
  int in = 0;
  int out = 0;
};

class PingPong {
 public:
  PingPong(isa::Isa isa, unsigned sleepers, std::uint64_t rounds)
      : machine_(machine::MachineSpec::defaults(isa)),
        kernel_(machine_, {.slots = std::nullopt, .max_cycles = kNever}) {
    constexpr Ends kFirst{3, 6};
    constexpr Ends kSecond{5, 4};
    const support::TinyElf elf = support::tiny_elf(isa, pass_on(isa).program(isa));
    kernel::Task& first = kernel_.start(support::memory_content(elf.image), {.name = "pass"});
    for (const int fd : {kFirst.in, kSecond.in}) {
      auto [reader, writer] = kernel::make_pipe(machine_, kernel_.next_pipe(), 0);
      if (fd == kFirst.in && !writer->write(std::array{std::byte{1}}))
        throw std::runtime_error("a pipe is full");
      (void)first.files->put(fd, std::move(reader), false);
      (void)first.files->put(fd + 1, std::move(writer), false);
    }
    machine::Cpu& cpu = machine_.cpu(0);
    for (unsigned i = 0; i < sleepers; ++i) child(first).state = kernel::TaskState::Interruptible;
    kernel::Task& second = child(first);
    kernel_.scheduler().with_registers(second, [&](machine::Cpu& with) { set(with, kSecond, kNever); });
    kernel_.scheduler().wake_up_new(second);
    set(cpu, kFirst, rounds);
  }

  double run() {
    const Stopwatch watch;
    const kernel::ExitStatus status = kernel_.run();
    const double seconds = watch.seconds();
    if (status.signal != 0 || status.code != 0) throw std::runtime_error("a program did not exit with 0");
    return seconds;
  }

 private:
  kernel::Task& child(kernel::Task& parent) {
    const auto made = kernel_.lifecycle().copy_process(parent, machine_.cpu(0), {});
    if (!made) throw std::runtime_error("the modelled kernel refuses a process");
    return **made;
  }

  static void set(machine::Cpu& cpu, const Ends& ends, std::uint64_t rounds) {
    const auto in = static_cast<std::uint64_t>(ends.in);
    const auto out = static_cast<std::uint64_t>(ends.out);
    if (cpu.isa() == isa::Isa::X86_64) {
      using isa::x86::Reg;
      cpu.set(Reg::r12, in);
      cpu.set(Reg::r13, out);
      cpu.set(Reg::r14, rounds);
      cpu.set(Reg::rbx, support::kImageData.value);
    } else {
      using isa::ppc64::Reg;
      cpu.set(Reg::r14, in);
      cpu.set(Reg::r15, out);
      cpu.set(Reg::ctr, rounds);
      cpu.set(Reg::r16, support::kImageData.value);
    }
  }

  machine::Machine machine_;
  kernel::Kernel kernel_;
};

// Two switches a round. What a run takes without them, the end of all tasks above all, is not theirs.
Contender switches(isa::Isa isa, unsigned sleepers) {
  return [isa, sleepers](std::uint64_t n) {
    const double without = PingPong(isa, sleepers, 1).run();
    return std::max(0.0, PingPong(isa, sleepers, 1 + (n + 1) / 2).run() - without);
  };
}

}  // namespace

std::vector<Benchmark> switch_benchmarks(isa::Isa isa) {
  const std::string name = "context switch, 4,000 tasks asleep";
  return {{name, isa, [isa, name] {
             const std::vector<double> times = nanoseconds_each({switches(isa, kMany), switches(isa, kFew)});
             return std::vector<Row>{{name, isa, "ns/switch", times[0], "4 tasks asleep", times[1], kTarget}};
           }}};
}

}  // namespace trapline::benchmarks
