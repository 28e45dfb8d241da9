// What it costs to open a breakpoint and to close it again while few tasks have breakpoints and while many
// do: the slots alone, and the whole way through the perf core. Beside the times the exponent of their growth
// with the number of tasks; 0 is constant time.
#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "benchmarks.hpp"
#include "emu/kernel/hw_breakpoint/slots.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/machine/machine.hpp"
#include "measuring.hpp"

namespace trapline::benchmarks {

namespace {

constexpr std::array<unsigned, 4> kTasks{10, 100, 1000, 10'000};
constexpr unsigned kCpus = 64;
constexpr double kMostExponent = 0.1;
// So many requests in a row before they start over: the same however many tasks they are about, so that
// reading them costs the same.
constexpr std::size_t kRequests = 1 << 16;
constexpr std::uint64_t kBase = 0x10000000;
constexpr std::uint64_t kDoubleword = 8;  // bytes

machine::MachineSpec large_machine(isa::Isa isa) {
  machine::MachineSpec spec = machine::MachineSpec::defaults(isa);
  spec.cpus = kCpus;
  spec.memory = 512ull << 20;
  // Two registers at least: each task has a breakpoint already, and is to get another.
  if (isa == isa::Isa::Ppc64) spec.debug_unit = debugunit::Model::Dawr2;
  return spec;
}

using Request = kernel::SlotConstraints::Request;

// A machine with tasks, each with a breakpoint of its own; every fourth's is bound to a CPU.
class ManyTasks {
 public:
  ManyTasks(isa::Isa isa, unsigned count) : machine_(large_machine(isa)), kernel_(machine_, {}) {
    constexpr int kFirst = 2000;
    for (unsigned i = 0; i < count; ++i) {
      tasks_.push_back(&kernel_.tasks().add(
          std::make_shared<kernel::Task>(kFirst + static_cast<int>(i), "many", machine_.memory())));
      held_.push_back({tasks_[i], i % 4 == 3 ? static_cast<int>(i % kCpus) : -1});
    }
    std::mt19937 random(count);  // NOLINT: the same requests in every run
    for (std::size_t i = 0; i < kRequests; ++i) {
      const unsigned kind = random() % 4;
      const int cpu = static_cast<int>(random() % kCpus);
      requests_.push_back({kind == 0 ? nullptr : tasks_[random() % count], kind <= 1 ? cpu : -1});
    }
  }

  kernel::Kernel& kernel() { return kernel_; }
  const std::vector<Request>& held() const { return held_; }
  const std::vector<Request>& requests() const { return requests_; }

 private:
  machine::Machine machine_;
  kernel::Kernel kernel_;
  std::vector<kernel::Task*> tasks_;
  std::vector<Request> held_;
  std::vector<Request> requests_;
};

class Slots : ManyTasks {
 public:
  Slots(isa::Isa isa, unsigned count) : ManyTasks(isa, count), constraints_(kCpus, kernel().slots()) {
    for (const Request& request : held()) reserve(request);
  }

  void open_and_close(std::size_t number) {
    const Request& request = requests()[number % kRequests];
    reserve(request);
    constraints_.release(request);
  }

 private:
  void reserve(const Request& request) {
    if (!constraints_.reserve(request)) throw std::runtime_error("no slot is left");
  }

  kernel::SlotConstraints constraints_;
};

class Events : ManyTasks {
 public:
  Events(isa::Isa isa, unsigned count) : ManyTasks(isa, count) {
    for (std::size_t i = 0; i < held().size(); ++i) {
      // Every fourth is a tracer's: on PPC64 others must keep clear of those.
      events_.push_back(i % 4 == 0 ? open_traced(held()[i], kPlaces + i) : open(held()[i], i));
    }
  }

  void open_and_close(std::size_t number) { open(requests()[number % kRequests], number % kPlaces); }

 private:
  static constexpr std::size_t kPlaces = 1 << 20;

  static kernel::PerfEventAttr attr_of(std::size_t place) {
    kernel::PerfEventAttr attr;
    attr.bp_type = kernel::kHwBreakpointW;
    attr.bp_addr = isa::GuestVa(kBase + place * kDoubleword);
    attr.bp_len = kDoubleword;
    return attr;
  }
  static kernel::PerfEventRef made(kernel::Result<kernel::PerfEventRef> event) {
    if (!event) throw std::runtime_error("the modelled kernel refuses a breakpoint event");
    return std::move(*event);
  }
  // The requests are about tasks that the kernel may change.
  static kernel::Task* task_of(const Request& request) {
    return const_cast<kernel::Task*>(request.task);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
  kernel::PerfEventRef open(const Request& request, std::size_t place) {
    return made(kernel().perf().open({attr_of(place), task_of(request), request.cpu}));
  }
  kernel::PerfEventRef open_traced(const Request& request, std::size_t place) {
    constexpr bool kPtrace = true;
    return made(kernel().hw_breakpoints().register_user_hw_breakpoint(attr_of(place), {}, *task_of(request),
                                                                      kPtrace));
  }

  std::vector<kernel::PerfEventRef> events_;
};

template <class Subject>
Contender opens_and_closes(isa::Isa isa, unsigned count) {
  return [subject = std::make_shared<Subject>(isa, count)](std::uint64_t n) {
    const Stopwatch watch;
    for (std::uint64_t i = 0; i < n; ++i) subject->open_and_close(i);
    return watch.seconds();
  };
}

// The slope of the line that is nearest (least squares) to the logarithms.
double exponent(const std::array<unsigned, 4>& sizes, const std::vector<double>& times) {
  double x_mean = 0;
  double y_mean = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    x_mean += std::log(sizes[i]) / static_cast<double>(sizes.size());
    y_mean += std::log(times[i]) / static_cast<double>(sizes.size());
  }
  double products = 0;
  double squares = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double x = std::log(sizes[i]) - x_mean;
    products += x * (std::log(times[i]) - y_mean);
    squares += x * x;
  }
  return products / squares;
}

template <class Subject>
Benchmark growth(const std::string& name, isa::Isa isa) {
  return {name, isa, [name, isa] {
            std::vector<Contender> contenders;
            for (const unsigned count : kTasks) contenders.push_back(opens_and_closes<Subject>(isa, count));
            const std::vector<double> times = nanoseconds_each(contenders);
            std::vector<Row> rows;
            for (std::size_t i = 1; i < kTasks.size(); ++i) {
              rows.push_back({name + ", " + std::to_string(kTasks[i]) + " tasks", isa, "ns/open+close",
                              times[i], std::to_string(kTasks[0]) + " tasks", times[0]});
            }
            Row growth{name + ", growth with tasks", isa, "exponent", exponent(kTasks, times), ""};
            growth.limit = kMostExponent;
            rows.push_back(growth);
            return rows;
          }};
}

}  // namespace

std::vector<Benchmark> slot_benchmarks(isa::Isa isa) {
  return {growth<Slots>("breakpoint slots", isa), growth<Events>("breakpoint events", isa)};
}

}  // namespace trapline::benchmarks
