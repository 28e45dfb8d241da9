#include "emu/scenario/confinement.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>

#include "emu/scenario/descriptor.hpp"
#include "emu/scenario/system_call_filter.hpp"

namespace trapline::scenario {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostRefused = 1000;
constexpr std::string_view kNull = "/dev/null";
// A precompiled header is an image of the compiler's memory, which it believes.
constexpr std::string_view kPrecompiled = ".gch";

// The text at an address of another process; nothing where there is none.
std::optional<std::string> read_path(pid_t process, std::uint64_t address) {
  constexpr std::uint64_t kPage = 4096;
  std::string text;
  std::array<char, kPage> buffer{};
  while (text.size() < PATH_MAX) {
    const std::size_t length = kPage - address % kPage;
    const iovec here{buffer.data(), length};
    // NOLINTNEXTLINE(performance-no-int-to-ptr,cppcoreguidelines-pro-type-reinterpret-cast)
    const iovec there{reinterpret_cast<void*>(address), length};
    const ssize_t count = ::process_vm_readv(process, &here, 1, &there, 1, 0);
    if (count <= 0) return std::nullopt;
    const std::string_view part(buffer.data(), static_cast<std::size_t>(count));
    const std::size_t end = part.find('\0');
    text += part.substr(0, end);
    if (end != std::string_view::npos) return text;
    address += part.size();
  }
  return std::nullopt;
}

std::string path_of(const Descriptor& fd) { return fmt::format("/proc/self/fd/{}", fd.get()); }

// Where an open descriptor leads.
fs::path real_path(const Descriptor& fd) {
  std::error_code error;
  return fs::read_symlink(path_of(fd), error);
}

}  // namespace

bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto [in_folder, in_path] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return in_folder == folder.end() || (in_folder->empty() && std::next(in_folder) == folder.end());
}

struct Supervisor::Call {
  const PathCall* kind = nullptr;
  std::uint64_t id = 0;
  std::array<std::uint64_t, 6> arguments{};
  std::string path = {};

  int argument(int n) const {
    return n < 0 ? 0 : static_cast<int>(arguments.at(static_cast<std::size_t>(n)));
  }
};

struct Supervisor::Answer {
  int error = 0;         // of the call; 0: see below
  Descriptor file = {};  // opened for the process; none: it makes the call itself
};

Supervisor::Supervisor(const Confinement& confinement, fs::path folder, int listener)
    : confinement_(confinement), folder_(std::move(folder)), listener_(listener) {
  // Who asks waits for the answer, and who answers for the next question: either goes on where the other was
  // (SECCOMP_IOCTL_NOTIF_SET_FLAGS with SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, Linux 6.6; before that it takes
  // longer).
  constexpr std::uint64_t kSyncWakeUp = 1;
  (void)::ioctl(listener_, _IOW('!', 4, std::uint64_t), kSyncWakeUp);
}

bool Supervisor::answer() {
  // The kernel's structure may be longer than the one that this was compiled with.
  seccomp_notif_sizes sizes{};
  if (::syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0) return false;
  std::vector<std::uint64_t> space(std::max<std::size_t>(sizes.seccomp_notif, sizeof(seccomp_notif)) / 8 + 1);
  auto* const received = static_cast<seccomp_notif*>(static_cast<void*>(space.data()));
  if (::ioctl(listener_, SECCOMP_IOCTL_NOTIF_RECV, received) != 0) return errno == EINTR || errno == ENOENT;

  Call call{.kind = path_call(received->data.nr), .id = received->id};
  std::ranges::copy(received->data.args, call.arguments.begin());
  Answer answer{.error = EFAULT};
  if (call.kind) {
    const auto path = read_path(static_cast<pid_t>(received->pid),
                                call.arguments.at(static_cast<std::size_t>(call.kind->path)));
    // Still the process that asked, and not one that has its number since.
    if (::ioctl(listener_, SECCOMP_IOCTL_NOTIF_ID_VALID, &call.id) != 0) return true;
    if (path) {
      call.path = *path;
      answer = decide(call);
    }
  }

  std::vector<std::uint64_t> reply_space(
      std::max<std::size_t>(sizes.seccomp_notif_resp, sizeof(seccomp_notif_resp)) / 8 + 1);
  auto* const reply = static_cast<seccomp_notif_resp*>(static_cast<void*>(reply_space.data()));
  reply->id = call.id;
  if (answer.error != 0) {
    reply->error = -answer.error;
  } else if (answer.file) {
    seccomp_notif_addfd add{};
    add.id = call.id;
    add.srcfd = static_cast<std::uint32_t>(answer.file.get());
    add.newfd_flags = static_cast<std::uint32_t>(call.argument(call.kind->flags) & O_CLOEXEC);
    const int fd = ::ioctl(listener_, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
    reply->val = fd;
    if (fd < 0) {
      reply->val = 0;
      reply->error = -errno;
    }
  } else {
    reply->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  }
  ::ioctl(listener_, SECCOMP_IOCTL_NOTIF_SEND, reply);  // fails where the process is gone
  return true;
}

Supervisor::Answer Supervisor::decide(const Call& call) {
  const PathCall& kind = *call.kind;
  const bool from_folder =
      kind.folder >= 0 && call.argument(kind.folder) != AT_FDCWD && !call.path.starts_with('/');
  if (from_folder) {
    // fstat(2) is newfstatat(2) with an empty path and AT_EMPTY_PATH; else the kernel finds nothing there.
    if (kind.use == PathUse::Look && call.path.empty()) return {};
    return {.error = ENOENT};
  }
  if (call.path.empty()) return {.error = ENOENT};
  const fs::path path = folder_ / call.path;
  if (kind.use != PathUse::Change) note(path);
  switch (kind.use) {
    case PathUse::Open:
      return open(call, path);
    case PathUse::Look:
    case PathUse::LookAtLink: {
      const int follow = kind.use == PathUse::LookAtLink ? O_NOFOLLOW : 0;
      const Descriptor fd(::open(path.c_str(), O_PATH | O_CLOEXEC | follow));
      if (!fd) return refuse(path);
      const fs::path real = real_path(fd);
      return may_read(real) || on_the_way(real) ? Answer{} : refuse(path);
    }
    case PathUse::Change: {
      const Descriptor fd(::open(path.parent_path().c_str(), O_PATH | O_CLOEXEC | O_DIRECTORY));
      return fd && lies_in(real_path(fd), confinement_.write) ? Answer{} : refuse(path);
    }
    case PathUse::Execute: {
      const Descriptor fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
      const fs::path real = fd ? real_path(fd) : fs::path();
      const bool tool =
          std::ranges::any_of(confinement_.tools, [&](const auto& root) { return lies_in(real, root); });
      return fd && tool ? Answer{} : refuse(path);
    }
  }
  return {.error = ENOSYS};
}

Supervisor::Answer Supervisor::open(const Call& call, const fs::path& path) {
  const int flags = call.argument(call.kind->flags);
  const Descriptor found(::open(path.c_str(), O_PATH | O_CLOEXEC));
  const fs::path real = found ? real_path(found) : fs::path();
  const bool reads = (flags & O_ACCMODE) == O_RDONLY && (flags & (O_CREAT | O_TRUNC | O_PATH)) == 0;
  if (!reads && real != kNull) return make(call, path);
  if (!found || !may_read(real) || real.extension() == kPrecompiled) return refuse(path);
  // Pipes and devices may wait for ever.
  struct stat status {};
  const bool plain =
      ::fstat(found.get(), &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
  if (!plain && real != kNull) return refuse(path);
  Descriptor file(::open(path_of(found).c_str(), (flags & (O_ACCMODE | O_DIRECTORY)) | O_CLOEXEC | O_NOCTTY));
  const int error = file ? 0 : errno;
  return {.error = error, .file = std::move(file)};
}

Supervisor::Answer Supervisor::make(const Call& call, const fs::path& path) const {
  const Descriptor parent(::open(path.parent_path().c_str(), O_PATH | O_CLOEXEC | O_DIRECTORY));
  const std::string name = path.filename().string();
  if (!parent || !lies_in(real_path(parent), confinement_.write) || name.empty() || name == "." ||
      name == "..")
    return {.error = EACCES};
  constexpr int kTaken = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND;
  constexpr mode_t kPermissions = 0777;
  const int flags = (call.argument(call.kind->flags) & kTaken) | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  Descriptor file(::openat(parent.get(), name.c_str(), flags,
                           static_cast<mode_t>(call.argument(call.kind->mode)) & kPermissions));
  const int error = file ? 0 : errno;
  return {.error = error, .file = std::move(file)};
}

void Supervisor::note(const fs::path& path) {
  const fs::path named = path.lexically_normal();
  if (!lies_in(named, confinement_.write)) looked_at_.insert(named);
}

// As if nothing were there, which it may not know.
Supervisor::Answer Supervisor::refuse(const fs::path& path) {
  const fs::path named = path.lexically_normal();
  if (!may_read(named) && refused_.size() < kMostRefused) refused_.push_back(named);
  return {.error = ENOENT};
}

bool Supervisor::may_read(const fs::path& real) const {
  const auto holds = [&](const fs::path& root) { return lies_in(real, root); };
  return real == kNull || holds(confinement_.write) || std::ranges::any_of(confinement_.tools, holds) ||
         std::ranges::any_of(confinement_.read, holds);
}

// A folder that leads to what may be read: those who resolve links by themselves look at each.
bool Supervisor::on_the_way(const fs::path& real) const {
  const auto leads = [&](const fs::path& root) { return lies_in(root, real); };
  return leads(confinement_.write) || std::ranges::any_of(confinement_.tools, leads) ||
         std::ranges::any_of(confinement_.read, leads);
}

}  // namespace trapline::scenario
