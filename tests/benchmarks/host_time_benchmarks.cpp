// What a cycle of the guest takes the host while the guest asks for the most that it can (host_time.c),
// beside a cycle of ordinary code: cycles are what bounds a guest, so nothing may be much dearer.
#include <fcntl.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "benchmarks.hpp"
#include "emu/kernel/fs/host_content.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/machine/machine.hpp"
#include "measuring.hpp"

namespace trapline::benchmarks {

namespace {

constexpr std::uint64_t kMeasured = 5'000'000;           // cycles, from the guest's mark on
constexpr std::uint64_t kMostToPrepare = 5'000'000'000;  // cycles
constexpr double kTarget = 1.0 / 20;
constexpr std::string_view kOrdinary = "mixed";

std::string program(isa::Isa isa) {
  return isa == isa::Isa::X86_64 ? TRAPLINE_HOST_TIME_X86_64 : TRAPLINE_HOST_TIME_PPC64;
}

// A root folder of its own.
class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "trapline-bench.XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Guest {
 public:
  Guest(isa::Isa isa, std::string_view mode, const std::string& root)
      : machine_(machine::MachineSpec::defaults(isa)),
        kernel_(machine_, {.root = kernel::RootFolder{root, true}, .max_cycles = kMostToPrepare}) {
    kernel::HostFd file(::open(program(isa).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) throw std::runtime_error("cannot read " + program(isa));
    kernel::ProgramStart start{.name = "host_time", .arguments = {std::string(mode)}};
    start.standard_input = kernel::input_text("");
    if (mode.empty()) start.arguments.clear();  // it lists them
    start.standard_output = kernel::captured_output("/dev/stdout", [this](std::string_view text) {
      if (text == "!") begin();
      modes_ += text;
      return true;
    });
    start.standard_error = kernel::captured_output("/dev/stderr", [](std::string_view) { return true; });
    kernel_.start(kernel::host_content(std::move(file)), start);
  }

  // Nothing where the program ended before.
  std::optional<double> nanoseconds_a_cycle() {
    kernel_.run();
    if (!seconds_) return std::nullopt;
    return *seconds_ * 1e9 / static_cast<double>(cycles_);
  }

  std::string modes() {
    kernel_.run();
    return modes_;
  }

 private:
  void begin() {
    const std::uint64_t start = kernel_.scheduler().now();
    watch_.emplace();
    end_ = kernel_.timers().set(start + kMeasured, [this, start] {
      seconds_ = watch_->seconds();
      cycles_ = kernel_.scheduler().now() - start;
      kernel_.give_up("all is measured");
    });
  }

  machine::Machine machine_;
  std::string modes_;
  std::optional<Stopwatch> watch_;
  std::optional<double> seconds_;
  std::uint64_t cycles_ = 0;
  kernel::Kernel kernel_;
  kernel::Timer end_;
};

}  // namespace

std::vector<Benchmark> host_time_benchmarks(isa::Isa isa) {
  const std::string name = "host time";
  return {{name, isa, [isa, name] {
             std::vector<Row> rows;
             const auto measure = [isa](std::string_view mode) {
               const Folder root;
               return Guest(isa, mode, root.path()).nanoseconds_a_cycle();
             };
             const std::optional<double> ordinary = measure(kOrdinary);
             const Folder root;
             const std::string modes = Guest(isa, "", root.path()).modes();
             for (std::size_t at = 0; at < modes.size();) {
               const std::size_t end = modes.find('\n', at);
               const std::string mode = modes.substr(at, end - at);
               at = end + 1;
               if (const auto each = measure(mode))
                 rows.push_back(
                     {name + ": " + mode, isa, "ns/cycle", *each, std::string(kOrdinary), ordinary, kTarget});
             }
             return rows;
           }}};
}

}  // namespace trapline::benchmarks
