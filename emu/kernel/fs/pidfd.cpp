#include "emu/kernel/fs/pidfd.hpp"

#include <fmt/format.h>

#include "emu/kernel/fs/directory.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): O_*, POLL*

class PidFd final : public File {
 public:
  PidFd(const Task& leader, std::uint64_t flags) : File("anon_inode:[pidfd]", flags | kORdWr), pid_(leader) {}

  const Pid& pid() const { return pid_; }

  Result<FileStatus> status() const override {
    FileStatus status{.device = kAnonInodeDevice};
    status.mode = 0600;  // anonymous inodes have no type
    return status;
  }

  // Readable once the last thread has ended, and hung up when somebody has waited for the process.
  std::uint32_t poll_events() override {
    const Task* const leader = pid_.task();
    if (leader == nullptr) return kPollIn | kPollRdNorm | kPollHup;
    return !leader->alive() && leader->process->alone() ? kPollIn | kPollRdNorm : 0;
  }
  WaitQueue* wait_queue() override {
    const auto process = pid_.process();
    return process && pid_.task() != nullptr ? &process->ended : nullptr;
  }

  std::string info() const override {
    const int number = pid_.task() == nullptr ? -1 : pid_.number();
    return fmt::format("Pid:\t{0}\nNSpid:\t{0}\n", number);
  }

 private:
  Pid pid_;
};

}  // namespace

FileRef make_pidfd(const Task& leader, std::uint64_t flags) { return std::make_shared<PidFd>(leader, flags); }

const Pid* pid_of(const File& file) {
  const auto* const pidfd = dynamic_cast<const PidFd*>(&file);
  return pidfd == nullptr ? nullptr : &pidfd->pid();
}

const Pid* tgid_pidfd_to_pid(const File& file) {
  if (const Pid* const pid = pid_of(file)) return pid;
  const auto* const folder = dynamic_cast<const Directory*>(&file);
  return folder == nullptr ? nullptr : folder->process();
}

}  // namespace trapline::kernel
