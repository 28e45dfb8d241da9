// trapline exec: an unmodified static Linux program, with its standard streams passed through.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emu/kernel/fs/host_content.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/machine/machine.hpp"
#include "tools/clean_end.hpp"
#include "tools/commands.hpp"
#include "tools/gear_option.hpp"
#include "tools/output_file.hpp"

namespace trapline::tools {

namespace {

constexpr int kBadInput = 2;
constexpr int kSigKill = 9;
constexpr int kSignalBase = 128;  // as shells report a process that a signal killed

struct ExecOptions {
  std::string program;
  std::vector<std::string> arguments;
  unsigned cpus = 1;
  std::uint64_t memory = 1ull << 30;
  std::uint64_t max_cycles = 100'000'000'000;
  std::optional<unsigned> slots;
  bool share_slots = false;
  std::string trace;
  std::string root;
  bool writable = false;
  std::vector<std::string> environment;
  std::string gear;
  std::string debug_unit;
};

std::optional<kernel::FileBytes> open_program(const std::string& path, std::string& why) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    why = "is a folder, not a program";
    return std::nullopt;
  }
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    why = "is not a regular file";
    return std::nullopt;
  }
  kernel::HostFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    why = std::filesystem::exists(path, error) ? "cannot be read" : "does not exist";
    return std::nullopt;
  }
  return kernel::host_content(std::move(file));
}

// Neither an ELF file nor a binary of another kind.
bool looks_like_script(const kernel::FileContent& program) {
  constexpr std::size_t kLooked = 256;
  std::array<std::byte, kLooked> bytes{};
  const auto size = program.read(0, bytes);
  const auto start = std::span(bytes).first(size ? *size : 0);
  return !start.empty() && start[0] != std::byte{0x7f} &&
         std::ranges::find(start, std::byte{0}) == start.end();
}

int run_program(const ExecOptions& options) {
  CleanEnd end;
  const auto complain = [&](const std::string& what) {
    std::cerr << fmt::format("{}: error: {}\n", options.program, what);
    return kBadInput;
  };
  std::string why;
  const auto image = open_program(options.program, why);
  if (!image) return complain(why);
  if (looks_like_script(**image)) {
    return complain(
        "is no ELF file; where it is a script, run its interpreter, with the script in the guest's root "
        "folder: "
        "trapline exec --root FOLDER -- busybox sh SCRIPT");
  }

  std::optional<OutputFile> trace;
  if (!options.trace.empty()) trace.emplace(options.trace, &end.leftovers());
  try {
    machine::MachineSpec spec = machine::MachineSpec::defaults(kernel::elf_isa(**image));
    spec.cpus = options.cpus;
    spec.memory = options.memory;
    spec.gear = gear_from_name(options.gear);
    if (!options.debug_unit.empty()) {
      spec.debug_unit = *debugunit::model_from_name(options.debug_unit);
      if (debugunit::isa_of(spec.debug_unit) != spec.isa) {
        return complain(fmt::format("is a program for {}, which has no debug unit `{}`", isa::name(spec.isa),
                                    options.debug_unit));
      }
    }
    machine::Machine machine(spec);
    const unsigned slots = machine.cpu(0).debug_unit().slots();
    if (options.slots.value_or(0) > slots) {
      return complain(
          fmt::format("its machine's debug unit ({}) has {} breakpoint register{}; --slots takes up to {}",
                      debugunit::name(spec.debug_unit), slots, slots == 1 ? "" : "s", slots));
    }
    kernel::KernelSpec kernel_spec{
        .slots = options.slots, .max_cycles = options.max_cycles, .share_slots = options.share_slots};
    if (!options.root.empty()) kernel_spec.root = kernel::RootFolder{options.root, options.writable};
    kernel::Kernel kernel(machine, kernel_spec);
    if (trace) {
      kernel.set_trace(
          [&trace](const kernel::TraceEvent& event) { trace->stream() << to_json(event) << '\n'; });
    }
    kernel::ProgramStart start{.name = options.program, .arguments = options.arguments};
    start.environment = options.environment;
    start.standard_input = kernel::host_stream(STDIN_FILENO, "/dev/stdin", O_RDONLY);
    start.standard_output = kernel::host_stream(STDOUT_FILENO, "/dev/stdout", O_WRONLY);
    start.standard_error = kernel::host_stream(STDERR_FILENO, "/dev/stderr", O_WRONLY);
    kernel.start(*image, start);
    const kernel::ExitStatus status = kernel.run();
    if (trace) trace->commit();
    if (!kernel.failure().empty()) return complain(kernel.failure());
    if (kernel.out_of_memory()) {
      std::cerr << fmt::format("{}: {} killed for want of memory; allow more than {} MiB with --memory\n",
                               options.program, status.signal == kSigKill ? "was" : "had a process",
                               options.memory >> 20);
    }
    if (status.signal == 0) return status.code;
    if (kernel.stuck()) {
      std::cerr << fmt::format("{}: every task waits for something that can no longer happen\n",
                               options.program);
    } else if (kernel.cycles_used_up()) {
      std::cerr << fmt::format("{}: stopped after {} cycles; allow more with --max-cycles\n", options.program,
                               options.max_cycles);
    }
    return kSignalBase + status.signal;
  } catch (const kernel::ElfError& error) {
    return complain(error.what());
  }
}

}  // namespace

void add_exec(CLI::App& app, int& status) {
  auto options = std::make_shared<ExecOptions>();
  CLI::App* const command =
      app.add_subcommand("exec", "Run an unmodified static Linux program, x86-64 or PPC64");
  command->add_option("program", options->program, "An ELF file, statically linked")->required();
  command->add_option("arguments", options->arguments, "Its arguments, after --");
  command->add_option("--cpus", options->cpus, "Processors of the machine")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--memory", options->memory, "Memory of the machine, in bytes or with K, M, G")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(std::uint64_t{1} << 20, std::uint64_t{256} << 30))
      ->default_str("1G");
  command
      ->add_option("--max-cycles", options->max_cycles, "End the program with SIGXCPU after so many cycles")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 60))
      ->capture_default_str();
  command->add_flag("--share-slots", options->share_slots,
                    "Breakpoints that are not pinned take turns on the registers (Linux: ENOSPC)");
  command->add_option("--slots", options->slots, "Breakpoint registers to use; 0: a machine without any")
      ->check(CLI::Range(0, 4));
  command->add_option("--trace", options->trace,
                      "Write each step of each hit to this file, a JSON object a line");
  command
      ->add_option("--root", options->root,
                   "A host folder to be the guest's root; without it the guest sees no files")
      ->check(CLI::ExistingDirectory);
  command->add_flag("--writable", options->writable, "Let the guest change what is in the root folder");
  command
      ->add_option("--env", options->environment,
                   "A variable of the guest's environment, NAME=VALUE; repeatable")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        const std::size_t equals = text.find('=');
        return equals == std::string::npos || equals == 0 ? "a variable is given as NAME=VALUE" : "";
      });
  std::vector<std::string> units;
  for (const debugunit::Model model : debugunit::kAllModels) units.emplace_back(debugunit::name(model));
  command
      ->add_option("--debug-unit", options->debug_unit,
                   "The debug registers: dr (x86-64); dabr, dawr or dawr2 (PPC64: POWER7, POWER8, POWER10)")
      ->check(CLI::IsMember(units));
  add_gear_option(*command, options->gear);
  command->footer(
      "Exits with the program's status, or 128 and the number of the signal that killed it.\n"
      "Example:\n  trapline exec --cpus 2 -- ./hello world");
  command->callback([options, &status] { status = run_program(*options); });
}

}  // namespace trapline::tools
