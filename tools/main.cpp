// trapline: the command line.
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string_view>

#include "tools/commands.hpp"
#include "tools/version.hpp"

namespace trapline::tools {
namespace {

int dispatch(int argc, char** argv) {
  CommandLine line(
      "trapline",
      "Trapline runs guest machine code and shows what happens when it touches a watched address.",
      "Examples:\n  trapline run scenarios/quickstart\n  trapline exec -- ./program argument");
  line.command("help", "What a command does and takes: trapline help run");
  add_run(line);
  add_watch(line);
  add_exec(line);
  add_conformance(line);
  add_decode(line);
  add_schema(line);
  add_silicon(line);
  add_lab(line);
  add_completion(line);
  add_manual(line);
  line.version(version_text);
  return line.run(argc, argv);
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
