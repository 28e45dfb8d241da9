// trapline: the command line.
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
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

// One that is closed would be the next file's number, and the guest's text would go into that.
bool open_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != fd)
      return false;  // the lowest free number
  }
  return true;
}

// Where memory is gone, without any.
[[noreturn]] void end_for_want_of_memory() {
  constexpr std::string_view kMessage = "trapline: error: there is not enough memory\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::_exit(kBadInput);
}

// Of an exception that nobody can catch, as in a thread that is being made.
[[noreturn]] void end_for_want_of_a_handler() {
  try {
    if (const auto error = std::current_exception()) std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    end_for_want_of_memory();
  } catch (...) {  // NOLINT(bugprone-empty-catch): the end follows
  }
  std::abort();
}

// Unicorn's allocator calls exit(1) where there is no memory (glib_compat/gmem.c), which nobody shall take
// for a verdict.
void refuse_foreign_exit(int, void* finished) {
  if (!*static_cast<const bool*>(finished)) end_for_want_of_memory();
}

}  // namespace
}  // namespace trapline::tools

int main(int argc, char** argv) {
  using namespace trapline::tools;
  if (!open_standard_descriptors()) return kBadInput;
  // Each machine takes and gives back megabytes: keep them, instead of fetching zeroed pages anew for every
  // scenario.
  constexpr int kKept = 256 << 20;
  mallopt(M_TRIM_THRESHOLD, kKept);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  std::signal(SIGPIPE, SIG_IGN);  // a guest's broken pipe is the guest's business
  std::set_terminate(end_for_want_of_a_handler);
  bool finished = false;
  ::on_exit(refuse_foreign_exit, &finished);
  int status = kBadInput;
  try {
    status = dispatch(argc, argv);
  } catch (const std::bad_alloc&) {
    end_for_want_of_memory();
  } catch (const std::exception& error) {
    std::cerr << "trapline: error: " << error.what() << '\n';
  }
  finished = true;
  std::exit(status);  // while `finished` is there
}
