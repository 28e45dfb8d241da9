// Runs a program on four CPUs undisturbed, and again with a halt at each of many pseudo-random points, at
// which everything is read (and some of it written, as it was): both must show the same output, end, memory
// and trace, byte for byte.
//
//   halted_run PROGRAM POINTS SEED [QUANTUM [SCHEDULE-SEED]]
//
// Exit status: 0 the same, 1 not, 2 it could not be tried.
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "emu/kernel/fs/host.hpp"
#include "emu/kernel/fs/host_content.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/mm/elf_file.hpp"

namespace trapline {
namespace {

constexpr unsigned kCpus = 4;

// What a run shows.
struct Shown {
  std::string output;
  std::string trace;
  int status = 0;
  std::uint64_t cycles = 0;
  bool operator==(const Shown&) const = default;
};

// xorshift64*: the same points everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1d % bound;
  }

 private:
  std::uint64_t state_;
};

class Run {
 public:
  Run(isa::Isa isa, const std::string& program, const kernel::InterleavingSpec& interleaving)
      : machine_(spec(isa)), kernel_(machine_, {.interleaving = interleaving}) {
    kernel::HostFd file(::open(program.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) throw std::runtime_error("cannot read " + program);
    const auto output = [this] {
      return kernel::captured_output("/dev/stdout", [this](std::string_view text) {
        shown_.output += text;
        return true;
      });
    };
    kernel_.set_trace([this](const machine::TraceEvent& event) {
      shown_.trace += to_json(event) + '\n';
      if (halt_at_event_ && --*halt_at_event_ == 0) {
        halt_at_event_.reset();
        kernel_.halt();
      }
    });
    kernel_.start(kernel::host_content(std::move(file)), {.name = "guest",
                                                          .standard_input = kernel::input_text(""),
                                                          .standard_output = output(),
                                                          .standard_error = output()});
  }

  Shown undisturbed() {
    kernel_.run();
    return end();
  }

  // `every`: how many cycles lie between two points, more or less.
  Shown halted(Random random, std::uint64_t points, std::uint64_t every) {
    while (reached_ < points && kernel_.advance(next(random, every)) != machine::Left::Ended) {
      ++reached_;
      look();
    }
    kernel_.run();
    return end();
  }
  std::uint64_t reached() const { return reached_; }

 private:
  static machine::MachineSpec spec(isa::Isa isa) {
    machine::MachineSpec spec = machine::MachineSpec::defaults(isa);
    spec.cpus = kCpus;
    return spec;
  }

  std::uint64_t furthest() {
    std::uint64_t clock = 0;
    for (unsigned cpu = 0; cpu < kCpus; ++cpu) clock = std::max(clock, machine_.cpu(cpu).clock());
    return clock;
  }

  // A cycle, an instruction of some CPU, or an event of the trace.
  machine::HaltAt next(Random& random, std::uint64_t every) {
    machine::HaltAt at{.cycle = furthest() + 1 + random.below(2 * every)};
    switch (random.below(4)) {
      case 0:
        at.instruction_of = static_cast<unsigned>(random.below(kCpus));
        break;
      case 1:
        halt_at_event_ = 1 + random.below(3);
        break;
      default:
        break;
    }
    return at;
  }

  void mix(std::uint64_t value) { looked_ = (looked_ ^ value) * 0x100000001b3; }

  void look() {
    for (unsigned index = 0; index < kCpus; ++index) {
      machine::Cpu& cpu = machine_.cpu(index);
      mix(cpu.clock());
      for (const machine::WatchedBytes& bytes : cpu.watched_bytes()) mix(bytes.address.value);
    }
    for (const auto& [tid, task] : kernel_.tasks().all()) {
      if (!task->alive() || !task->mm) continue;
      kernel_.scheduler().with_registers(*task, [&](machine::Cpu& cpu) {
        if (machine_.isa() == isa::Isa::X86_64) {
          for (std::size_t reg = 0; reg < isa::x86::kRegs; ++reg)
            mix(cpu.get(static_cast<isa::x86::Reg>(reg)));
          cpu.set(isa::x86::Reg::rax, cpu.get(isa::x86::Reg::rax));
          mix(std::to_integer<std::uint64_t>(cpu.get_fp_state()[0]));
        } else {
          for (std::size_t reg = 0; reg < isa::ppc64::kRegs; ++reg)
            mix(cpu.get(static_cast<isa::ppc64::Reg>(reg)));
          cpu.set(isa::ppc64::Reg::r3, cpu.get(isa::ppc64::Reg::r3));
          mix(cpu.get_vsx_state().vscr);
        }
      });
      std::array<std::byte, 64> bytes{};
      for (const auto& [start, vma] : task->mm->vmas()) {
        const std::size_t read = task->mm->read_present(isa::GuestVa(start), bytes);
        for (std::size_t i = 0; i < read; ++i) mix(std::to_integer<std::uint64_t>(bytes[i]));
      }
      for (kernel::PerfEvent* const event : task->perf.events) mix(kernel_.perf().read(*event).count);
    }
  }

  Shown end() {
    shown_.status = kernel_.exit_status().wait_status();
    shown_.cycles = furthest();
    return shown_;
  }

  machine::Machine machine_;
  Shown shown_;
  std::optional<std::uint64_t> halt_at_event_;
  std::uint64_t reached_ = 0;
  std::uint64_t looked_ = 0;
  kernel::Kernel kernel_;
};

int compare(const std::string& program, std::uint64_t points, std::uint64_t seed,
            const kernel::InterleavingSpec& interleaving) {
  const isa::Isa isa = program.find("ppc64") != std::string::npos ? isa::Isa::Ppc64 : isa::Isa::X86_64;
  const Shown whole = Run(isa, program, interleaving).undisturbed();
  Run halted(isa, program, interleaving);
  const Shown parts = halted.halted(Random(seed), points, whole.cycles / points + 1);
  std::cout << program << ": " << halted.reached() << " halts in " << whole.cycles << " cycles, trace of "
            << whole.trace.size() << " bytes, " << (whole == parts ? "the same" : "NOT THE SAME") << '\n';
  if (whole == parts) return 0;
  const auto [a, b] = std::ranges::mismatch(whole.trace, parts.trace);
  const auto line = [](const std::string& text, std::string::const_iterator at) {
    const auto begin =
        text.rfind('\n', static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, at - text.begin() - 1)));
    return text.substr(begin == std::string::npos ? 0 : begin + 1, 300);
  };
  std::cout << "status " << whole.status << ' ' << parts.status << ", cycles " << whole.cycles << ' '
            << parts.cycles << "\n  " << line(whole.trace, a) << "\n  " << line(parts.trace, b) << '\n';
  return 1;
}

}  // namespace
}  // namespace trapline

int main(int argc, char** argv) {
  if (argc < 4 || argc > 6) return 2;
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  trapline::kernel::InterleavingSpec interleaving;
  if (argc > 4) interleaving.quantum = number(4);
  if (argc > 5) interleaving.seed = number(5);
  try {
    return trapline::compare(argv[1], number(2), number(3), interleaving);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
