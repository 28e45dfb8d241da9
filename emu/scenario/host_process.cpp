#include "emu/scenario/host_process.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "emu/scenario/descriptor.hpp"
#include "emu/scenario/system_call_filter.hpp"

namespace trapline::scenario {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxOutput = std::size_t{1} << 20;
// A hostile source (".incbin" of an endless file, a macro bomb) must not take the host's memory or disk.
constexpr rlim_t kCompilerMemory = rlim_t{4} << 30;
constexpr rlim_t kMaxFile = rlim_t{256} << 20;

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

// In the form that execve(2) takes, which leaves the texts alone.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    result.push_back(const_cast<char*>(text.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

// What the new process tells Trapline until it has become the command, over a socket: that it is under the
// filter, with the listener's descriptor beside it, or what does not work.
enum class Step : std::uint8_t { Filtered, Prepare, Confine, Execute };
struct Report {
  Step step = Step::Filtered;
  int error = 0;
};

union DescriptorMessage {
  cmsghdr header;
  std::array<char, CMSG_SPACE(sizeof(int))> space;
};

// Everything that the new process needs, made before fork(2): in it nothing may be allocated.
struct Prepared {
  const Command& command;
  std::vector<char*> argv = pointers(command.argv);
  std::vector<char*> env = pointers(command.env);
  std::vector<sock_filter> filter = {};
  pid_t parent = ::getpid();
};

void send(int socket, const Report& report, int descriptor = -1) {
  Report copy = report;
  iovec text{&copy, sizeof copy};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  DescriptorMessage control{};
  if (descriptor >= 0) {
    message.msg_control = &control;
    message.msg_controllen = sizeof control.space;
    control.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    std::memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
  }
  ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

// Nothing where the other end is closed.
std::optional<Report> receive(int socket, Descriptor& descriptor) {
  Report report;
  iovec text{&report, sizeof report};
  DescriptorMessage control{};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control.space;
  ssize_t count = 0;
  while ((count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  if (count != sizeof report) return std::nullopt;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    descriptor = Descriptor(fd);
  }
  return report;
}

// Never more than there is already, which only root could.
bool limit(int resource, rlim_t value) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  now.rlim_max = std::min(now.rlim_max, value);
  now.rlim_cur = now.rlim_max;
  return ::setrlimit(resource, &now) == 0;
}

bool prepare(const Command& command, pid_t parent, int output) {
  if (::setpgid(0, 0) != 0) return false;  // so that a compiler's own children end with it
  // Nor does it outlive Trapline, of which a signal may have made an end already.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) return false;
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (!limit(RLIMIT_AS, kCompilerMemory) || !limit(RLIMIT_FSIZE, kMaxFile) || !limit(RLIMIT_CORE, 0))
    return false;
  const int input = ::open(command.input.c_str(), O_RDONLY | O_CLOEXEC);
  if (input < 0 || ::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
      ::dup2(output, STDERR_FILENO) < 0 || ::chdir(command.directory.c_str()) != 0) {
    return false;
  }
  // What is open here for others to write is not the compiler's. Before Linux 5.11 all that matters is marked
  // already.
  constexpr unsigned kFirst = 3;
  ::close_range(kFirst, ~0U, CLOSE_RANGE_CLOEXEC);
  return true;
}

[[noreturn]] void become(Prepared& prepared, int output, int socket) {
  constexpr int kFailed = 127;
  if (!prepare(prepared.command, prepared.parent, output)) {
    send(socket, {Step::Prepare, errno});
    ::_exit(kFailed);
  }
  if (!prepared.filter.empty()) {
    const int listener = enter_filter(prepared.filter);
    if (listener < 0) {
      send(socket, {Step::Confine, errno});
      ::_exit(kFailed);
    }
    send(socket, {}, listener);
    ::close(listener);
  }
  ::execve(prepared.argv[0], prepared.argv.data(), prepared.env.data());
  send(socket, {Step::Execute, errno});
  ::_exit(kFailed);
}

// Collects the output until every writer is gone, and answers what the processes ask. False where the time is
// over first.
bool collect(int fd, Supervisor* supervisor, int listener, Clock::time_point deadline, std::string& output) {
  std::array<char, 16384> buffer{};
  std::array<pollfd, 2> ready{pollfd{fd, POLLIN, 0}, pollfd{listener, POLLIN, 0}};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    constexpr std::int64_t kLongestWait = 60'000;
    if (::poll(ready.data(), ready.size(), static_cast<int>(std::min<std::int64_t>(left, kLongestWait))) <= 0)
      continue;
    if ((ready[1].revents & POLLIN) != 0 && supervisor->answer()) continue;
    if (ready[1].revents != 0) ready[1].fd = -1;  // nobody is under the filter any more
    if (ready[0].revents == 0) continue;
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count == 0) return true;
    if (count < 0 && errno != EINTR) return true;
    if (count > 0)
      output.append(buffer.data(), std::min(static_cast<std::size_t>(count), kMaxOutput - output.size()));
  }
}

// The status that the process ended with; only then its number may be another's.
int reap(pid_t pid, Leftovers* leftovers) {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  // Unreaped, so the number is still its group's: whatever it left behind ends here.
  ::kill(-pid, SIGKILL);
  if (leftovers) leftovers->forget_group(pid);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int kSignalled = 128;  // as shells count
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

[[noreturn]] void fail_to_start(const Command& command, const Report& report) {
  if (report.step == Step::Confine) {
    fail(report.error,
         "this host cannot confine compilers, which takes Linux 5.9 with seccomp filters; where the "
         "scenarios are your "
         "own, --trust builds them without");
  }
  fail(report.error, command.argv[0]);
}

}  // namespace

ProcessResult run(const Command& command) {
  Prepared prepared{command};
  if (command.confinement) {
    auto filter = system_call_filter();
    if (!filter) fail_to_start(command, {Step::Confine, ENOSYS});
    prepared.filter = std::move(*filter);
  }
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) fail(errno, "pipe2");
  const Descriptor reader(pipe[0]);
  Descriptor writer(pipe[1]);
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0) fail(errno, "socketpair");
  const Descriptor socket(sockets[0]);
  Descriptor its_socket(sockets[1]);

  const auto deadline = Clock::now() + command.time_limit;
  const auto start = [&] {
    const pid_t pid = ::fork();
    if (pid == 0) become(prepared, writer.get(), its_socket.get());
    if (pid < 0) fail(errno, "fork");
    return pid;
  };
  const pid_t pid = command.leftovers ? command.leftovers->add_group(start) : start();
  writer.close();
  its_socket.close();

  ProcessResult outcome;
  Descriptor listener;
  std::optional<Report> problem;
  std::optional<Supervisor> supervisor;
  if (command.confinement) {
    const auto report = receive(socket.get(), listener);
    if (listener) {
      supervisor.emplace(*command.confinement, command.directory, listener.get());
    } else {
      problem = report.value_or(Report{Step::Confine, EIO});
    }
  }
  if (!problem) {
    outcome.timed_out =
        !collect(reader.get(), supervisor ? &*supervisor : nullptr, listener.get(), deadline, outcome.output);
    if (outcome.timed_out) ::kill(-pid, SIGKILL);
    problem = receive(socket.get(), listener);
  }
  if (supervisor) {
    outcome.refused = supervisor->refused();
    outcome.looked_at = supervisor->looked_at();
  }
  outcome.status = reap(pid, command.leftovers);
  if (problem) fail_to_start(command, *problem);
  return outcome;
}

namespace {

std::vector<std::filesystem::path> absolute_folders_on_path() {
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable ? variable : "/usr/local/bin:/usr/bin:/bin";
  std::vector<std::filesystem::path> folders;
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::filesystem::path folder(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
    if (folder.is_absolute()) folders.push_back(folder);
  }
  return folders;
}

}  // namespace

std::vector<std::filesystem::path> all_on_path(std::string_view name) {
  std::vector<std::filesystem::path> found;
  for (const auto& folder : absolute_folders_on_path()) {
    const std::filesystem::path candidate = folder / name;
    std::error_code error;
    if (std::filesystem::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0)
      found.push_back(candidate);
  }
  return found;
}

std::optional<std::filesystem::path> find_on_path(std::string_view name) {
  const auto found = all_on_path(name);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::string absolute_path_variable() {
  std::string text;
  for (const auto& folder : absolute_folders_on_path()) text += (text.empty() ? "" : ":") + folder.string();
  return text;
}

}  // namespace trapline::scenario
