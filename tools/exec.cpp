// trapline exec: an unmodified Linux program, with its standard streams passed through.
#include <iostream>
#include <memory>

#include "tools/commands.hpp"
#include "tools/program_run.hpp"
#include "tools/watcher.hpp"

namespace trapline::tools {

namespace {

struct ExecCommand {
  ExecOptions program;
  WatchOptions watch;
};

}  // namespace

void add_exec(CommandLine& line) {
  auto options = std::make_shared<ExecCommand>();
  Command command = line.command("exec", "Run an unmodified Linux program, x86-64 or PPC64");
  command
      .option("program", &options->program.program,
              "A program in the root folder, by its path there or found by PATH, or an ELF file of the host; "
              "what a dynamic one needs lies in the root folder")
      .required();
  command.option("arguments", &options->program.arguments, "Its arguments, after --");
  add_program_options(command, options->program);
  command
      .option("--watch", &options->watch.places,
              "Tell on stderr of each access to this place, PLACE[:TYPE[:LENGTH]]; repeatable; see `trapline "
              "watch`")
      .repeatable();
  command.footer(
      "Exits with the program's status, or 128 and the number of the signal that killed it.\n"
      "Examples:\n"
      "  trapline exec --cpus 2 -- ./hello world\n"
      "  trapline exec --root / -- gdb -batch -ex 'watch counter' -ex run ./hello");
  command.runs([options] {
    return options->watch.places.empty() ? run_program(options->program)
                                         : run_watched(options->program, options->watch, std::cerr);
  });
}

}  // namespace trapline::tools
