// trapline: the command line.
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "tools/commands.hpp"

namespace trapline::tools {
namespace {

constexpr int kBadInput = 2;

// What CLI11 says of them names the `--` as well, or nothing at all.
int refuse(const std::string& what, const std::string& command) {
  std::cerr << fmt::format("trapline: error: {}; `{} --help` lists what there is\n", what, command);
  return kBadInput;
}

int dispatch(int argc, char** argv) {
  CLI::App app{"Trapline runs guest machine code and shows what happens when it touches a watched address."};
  app.name("trapline");
  app.require_subcommand(1);
  app.footer("Examples:\n  trapline run scenarios/quickstart\n  trapline exec -- ./program argument");
  int status = 0;
  add_run(app, status);
  add_exec(app, status);
  add_conformance(app, status);
  add_schema(app, status);
  add_silicon(app, status);
  const std::string first = argc > 1 ? argv[1] : "";
  const auto named = [&](const CLI::App* command) { return command->get_name() == first; };
  if (!first.empty() && first[0] != '-' && app.get_subcommands(named).empty())
    return refuse(fmt::format("no command `{}`", first), "trapline");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    std::vector<std::string> unknown = app.remaining(true);
    std::erase(unknown, "--");
    return refuse(fmt::format("no argument `{}` here", fmt::join(unknown, " ")), "trapline " + first);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadInput;
  }
  return status;
}

}  // namespace
}  // namespace trapline::tools

int main(int argc, char** argv) {
  // Each machine takes and gives back megabytes: keep them, instead of fetching zeroed pages anew for every
  // scenario.
  constexpr int kKept = 256 << 20;
  mallopt(M_TRIM_THRESHOLD, kKept);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  std::signal(SIGPIPE, SIG_IGN);  // a guest's broken pipe is the guest's business
  try {
    return trapline::tools::dispatch(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "trapline: error: " << error.what() << '\n';
    return trapline::tools::kBadInput;
  }
}
