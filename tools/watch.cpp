// trapline watch: who touches this, in any program?
#include <iostream>
#include <memory>
#include <optional>

#include "tools/commands.hpp"
#include "tools/output_file.hpp"
#include "tools/program_run.hpp"
#include "tools/watcher.hpp"

namespace trapline::tools {

namespace {

struct WatchCommand {
  WatchOptions watch;
  ExecOptions program;
  std::vector<std::string> words;  // the program and its arguments
  std::string output;
};

int watch(WatchCommand& command) {
  if (command.words.empty()) {
    std::cerr << "trapline: error: which program? trapline watch PLACE… -- PROGRAM [ARGUMENTS]\n";
    return kBadInput;
  }
  command.program.program = command.words.front();
  command.program.arguments.assign(command.words.begin() + 1, command.words.end());
  std::optional<OutputFile> file;
  if (!command.output.empty()) file.emplace(command.output);
  const int status = run_watched(command.program, command.watch, file ? file->stream() : std::cerr);
  if (file) file->commit();
  return status;
}

}  // namespace

void add_watch(CommandLine& line) {
  auto options = std::make_shared<WatchCommand>();
  Command command = line.command("watch", "Tell who touches a place of a program, while that runs");
  command
      .option("place", &options->watch.places,
              "What to watch, with its type (r, w, rw, x) and its length if you like: counter, counter:rw, "
              "table[2]:w:8, account.balance, list->head->next, function::local, bank::Counter::total, "
              "file.c:12, file.c:12:variable, heap:make_node, 0x404010")
      .required();
  command.rest(&options->words);
  command.option(
      "--if", &options->watch.condition,
      "Only accesses for which this holds, as in \"new == 0 && function != 'init'\"; the names are old, "
      "new, size, cpu, task, cycle, count, function, caller, line, comm, access");
  command
      .option("--stop-after", &options->watch.stop_after, "End the program after so many hits, with status 0")
      .between(1, std::uint64_t{1} << 60);
  command.option("--json", &options->watch.json, "A JSON object a line");
  command.option("--output", &options->output, "Write to this file in place of stderr");
  add_program_options(command, options->program);
  command.footer(
      "The program runs as if nobody looked: it keeps all of its debug registers, and no cycle is added. "
      "Compile\n"
      "it with -g for more than global names. Exits with the program's status, as `exec` does.\n"
      "Examples:\n"
      "  trapline watch counter -- ./hello\n"
      "  trapline watch list->head parse::depth:rw --stop-after 10 -- ./hello world");
  command.runs([options] { return watch(*options); });
}

}  // namespace trapline::tools
