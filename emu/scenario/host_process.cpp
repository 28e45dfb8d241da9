#include "emu/scenario/host_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace trapline::scenario {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxOutput = std::size_t{1} << 20;
// A hostile source (".incbin" of an endless file, a macro bomb) must not take the host's memory or disk.
constexpr rlim_t kMaxMemory = rlim_t{4} << 30;
constexpr rlim_t kMaxFile = rlim_t{256} << 20;

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  void set(int fd) { fd_ = fd; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

class FileActions {
 public:
  FileActions() { check(posix_spawn_file_actions_init(&actions_), "posix_spawn"); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  // A group of its own, so that a compiler's own children end with it, and no signal mask of ours.
  Attributes() {
    check(posix_spawnattr_init(&attributes_), "posix_spawn");
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// In the form that posix_spawn takes, which leaves the texts alone.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    result.push_back(const_cast<char*>(text.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

pid_t spawn(const Command& command, int output) {
  FileActions actions;
  check(posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, command.input.c_str(), O_RDONLY, 0),
        "open");
  check(posix_spawn_file_actions_adddup2(actions.get(), output, STDOUT_FILENO), "dup2");
  check(posix_spawn_file_actions_adddup2(actions.get(), output, STDERR_FILENO), "dup2");
  check(posix_spawn_file_actions_addchdir_np(actions.get(), command.directory.c_str()), "chdir");
  const Attributes attributes;
  const auto argv = pointers(command.argv);
  const auto env = pointers(command.env);
  pid_t pid = 0;
  check(posix_spawn(&pid, command.argv[0].c_str(), actions.get(), attributes.get(), argv.data(), env.data()),
        command.argv[0].c_str());
  // Best effort: it has run for a moment already, but not long enough to have begun anything.
  const rlimit memory{kMaxMemory, kMaxMemory};
  const rlimit file{kMaxFile, kMaxFile};
  ::prlimit(pid, RLIMIT_AS, &memory, nullptr);
  ::prlimit(pid, RLIMIT_FSIZE, &file, nullptr);
  return pid;
}

// Collects the output until every writer is gone. False where the time is over first.
bool collect(int fd, Clock::time_point deadline, std::string& output) {
  std::array<char, 16384> buffer{};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd ready{fd, POLLIN, 0};
    constexpr std::int64_t kLongestWait = 60'000;
    if (::poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(left, kLongestWait))) <= 0) continue;
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count == 0) return true;
    if (count < 0 && errno != EINTR) return true;
    if (count > 0)
      output.append(buffer.data(), std::min(static_cast<std::size_t>(count), kMaxOutput - output.size()));
  }
}

}  // namespace

ProcessResult run(const Command& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) check(errno, "pipe2");
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);

  const auto deadline = Clock::now() + command.time_limit;
  const pid_t pid = spawn(command, writer.get());
  writer.close();

  ProcessResult outcome;
  outcome.timed_out = !collect(reader.get(), deadline, outcome.output);
  // Unreaped, so the number is still its group's: whatever it left behind ends here.
  if (outcome.timed_out) ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int kSignalled = 128;  // as shells count
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  return outcome;
}

std::optional<std::filesystem::path> find_on_path(std::string_view name) {
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable ? variable : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::filesystem::path folder(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
    const std::filesystem::path candidate = folder / name;
    std::error_code error;
    if (folder.is_absolute() && std::filesystem::is_regular_file(candidate, error) &&
        ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return std::nullopt;
}

}  // namespace trapline::scenario
