#include "tools/program_run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include "emu/machine/machine.hpp"
#include "emu/scenario/kernel_modules.hpp"
#include "emu/scenario/utf8.hpp"
#include "emu/scenario/whereabouts.hpp"
#include "tools/clean_end.hpp"
#include "tools/data_folder.hpp"
#include "tools/gear_option.hpp"
#include "tools/guest_program.hpp"
#include "tools/kernel_modules.hpp"
#include "tools/output_file.hpp"

namespace trapline::tools {

namespace {

constexpr int kSigKill = 9;
constexpr int kSignalBase = 128;  // as shells report a process that a signal killed

}  // namespace

int run_program(const ExecOptions& options, const MakeOnlooker& make_onlooker) {
  CleanEnd end;
  const auto complain = [&](const std::string& what) {
    std::cerr << fmt::format("{}: error: {}\n", options.program, what);
    return kBadInput;
  };
  std::optional<OutputFile> trace;
  if (!options.trace.empty()) trace.emplace(options.trace, &end.leftovers());
  try {
    const std::vector<std::string> environment =
        guest_environment(options.environment, !options.root.empty());
    const GuestProgram program =
        find_program({options.program, options.root, options.working_directory, environment});
    machine::MachineSpec spec = machine::MachineSpec::defaults(program.isa);
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
    kernel::KernelSpec kernel_spec{.slots = options.slots,
                                   .max_cycles = options.max_cycles,
                                   .share_slots = options.share_slots,
                                   .interleaving = options.interleaving};
    if (!options.root.empty()) kernel_spec.root = kernel::RootFolder{options.root, options.writable};
    kernel::Kernel kernel(machine, kernel_spec);
    if (trace) {
      kernel.set_trace([&](const machine::TraceEvent& event) {
        trace->stream() << to_json(event) << '\n';
        if (!trace->stream()) kernel.give_up("its trace cannot be written");
      });
    }
    kernel::ProgramStart start{.name = program.name, .arguments = options.arguments};
    start.environment = environment;
    start.file_name = program.file_name;
    start.working_directory = program.working_directory;
    start.standard_input = kernel::host_stream(STDIN_FILENO, "/dev/stdin", O_RDONLY);
    start.standard_output = kernel::host_stream(STDOUT_FILENO, "/dev/stdout", O_WRONLY);
    start.standard_error = kernel::host_stream(STDERR_FILENO, "/dev/stderr", O_WRONLY);
    kernel::Task& main = kernel.start(program.image, start);
    scenario::KernelCodeSpec kernel_code;
    if (!options.kernel.empty()) kernel_code.image = image_named(options.kernel);
    for (const std::string& module : options.modules) kernel_code.modules.push_back(module_named(module));
    std::vector<scenario::Problem> warnings;
    scenario::BuildOptions build;
    build.leftovers = &end.leftovers();
    build.warnings = &warnings;
    if (const auto folder = data_folder()) build.kernel_folder = *folder / "scenarios" / "kernel";
    scenario::insert_kernel_code(kernel, main, kernel_code, build,
                                 [](std::string_view line) { std::cerr << line << '\n'; });
    for (const scenario::Problem& warning : warnings) std::cerr << warning.text("warning") << '\n';
    const scenario::LoadedProgram loaded(main);
    std::optional<ProgramNames> names;  // read when somebody asks
    const auto named = [&]() -> ProgramNames& { return names ? *names : names.emplace(loaded); };
    scenario::Whereabouts whereabouts(
        [&]() -> scenario::CallChains* {
          try {
            return &named().callers();
          } catch (const std::runtime_error&) {
            return nullptr;  // its file cannot be read any more
          }
        },
        kernel);
    const std::unique_ptr<Onlooker> onlooker = make_onlooker ? make_onlooker(kernel, main, named()) : nullptr;
    bool enough = false;
    while (!enough && kernel.advance({}) != machine::Left::Ended)
      enough = onlooker != nullptr && onlooker->has_seen_enough();
    if (onlooker != nullptr) onlooker->end();
    if (enough) {
      if (trace) trace->commit();
      return 0;
    }
    const kernel::ExitStatus status = kernel.exit_status();
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
    for (const scenario::TaskWhere& where : whereabouts.take())
      std::cerr << scenario::printable(text(where, "trapline: "), scenario::Lines::Kept);
    return kSignalBase + status.signal;
  } catch (const kernel::ElfError& error) {
    return complain(error.what());
  }
}

void add_program_options(Command& command, ExecOptions& options) {
  command.option("--cpus", &options.cpus, "Processors of the machine").between(1, 64).shows_default();
  command.option("--memory", &options.memory, "Memory of the machine, in bytes or with K, M, G")
      .bytes()
      .between(std::uint64_t{1} << 20, std::uint64_t{256} << 30)
      .shows_default("1G");
  command.option("--max-cycles", &options.max_cycles, "End the program with SIGXCPU after so many cycles")
      .between(1, std::uint64_t{1} << 60)
      .shows_default();
  command.option("--share-slots", &options.share_slots,
                 "Breakpoints that are not pinned take turns on the registers (Linux: ENOSPC)");
  command
      .option("--quantum", &options.interleaving.quantum,
              "By how many cycles a processor may be ahead of another; 1: instructions come in the order "
              "in which they complete")
      .between(1, 1'000'000'000)
      .shows_default();
  command.option("--schedule-seed", &options.interleaving.seed,
                 "Turns and preemption by chance, the same for the same number");
  command.option("--slots", &options.slots, "Breakpoint registers to use; 0: a machine without any")
      .between(0, 4);
  command.option("--trace", &options.trace,
                 "Write each step of each hit to this file, a JSON object a line; -: to stdout");
  command
      .option("--root", &options.root,
              "A host folder to be the guest's root; without it the guest sees no files")
      .existing(Existing::Folder);
  command.option("--writable", &options.writable, "Let the guest change what is in the root folder");
  command
      .option("--cwd", &options.working_directory,
              "The guest's working directory, a path in the root folder; else it is yours, where that lies "
              "in the root folder, or /")
      .with("--root");
  command
      .option("--env", &options.environment,
              "A variable of the guest's environment, NAME=VALUE, or NAME for the value that it has here; "
              "repeatable. With --root, PATH, HOME, TERM and LANG have usual values; nothing else is passed "
              "on")
      .repeatable()
      .becomes([](const std::string& text) {
        const std::size_t equals = text.find('=');
        if (equals == 0 || text.empty())
          throw std::invalid_argument("a variable is given as NAME=VALUE or NAME");
        if (equals != std::string::npos) return text;
        const char* const value = std::getenv(text.c_str());
        if (value == nullptr) throw std::invalid_argument(text + " is not set here");
        return text + "=" + value;
      });
  command
      .option("--kernel", &options.kernel,
              "Link this to the kernel first: FILE.c (repeatable), or an ELF file linked at kernel "
              "addresses; its "
              "functions serve system calls, its initcalls run before the program")
      .repeatable();
  command
      .option(
          "--module", &options.modules,
          "Load this kernel module first: FILE.c, or FILE.ko for the machine's instruction set, and after a "
          "colon its parameters, NAME=VALUE,…; repeatable. Its messages go to stderr")
      .repeatable();
  std::vector<std::string> units;
  for (const debugunit::Model model : debugunit::kAllModels) units.emplace_back(debugunit::name(model));
  command
      .option("--debug-unit", &options.debug_unit,
              "The debug registers: dr (x86-64); dabr, dawr or dawr2 (PPC64: POWER7, POWER8, POWER10)")
      .one_of(units);
  add_gear_option(command, options.gear);
}

}  // namespace trapline::tools
