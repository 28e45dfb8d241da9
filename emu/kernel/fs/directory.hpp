// An open directory.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/fs/allowance.hpp"
#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/fs/inotify.hpp"
#include "emu/kernel/task/pid.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

class Directory final : public File {
 public:
  // What lies in it when asked, in the order in which it is to be shown.
  using Lister = std::function<Result<std::vector<DirectoryEntry>>()>;

  using Closed = std::function<void(const File&)>;

  // `place` stands for the folder (O_PATH); `closed` is told when this goes. `room` is how many entries all
  // open directories may hold; past it, ENOMEM.
  Directory(std::string name, std::uint64_t flags, FileRef place, Allowance& room, Lister list, Closed closed)
      : File(std::move(name), flags),
        place_(std::move(place)),
        room_(room),
        list_(std::move(list)),
        closed_(std::move(closed)) {}
  ~Directory() override {
    closed_(*this);
    forget();
  }

  SyscallResult read(std::span<std::byte>) override { return Error{EISDIR}; }
  SyscallResult pread(std::span<std::byte>, std::uint64_t) override { return Error{EISDIR}; }
  SyscallResult seek(std::int64_t offset, Whence whence) override;
  Result<FileStatus> status() const override { return place_->status(); }
  Status change_attributes(const AttributeChange& change) override {
    return place_->change_attributes(change);
  }
  Result<Xattrs*> xattrs(bool change) override { return place_->xattrs(change); }
  Status sync() override { return place_->sync(); }
  int host_descriptor() const override { return place_->host_descriptor(); }
  Result<std::span<const DirectoryEntry>> entries() override;
  Result<FileRef> reopen(std::uint64_t flags) const override {
    if ((flags & isa::linux_abi::kOAccMode) != 0) return Error{EISDIR};
    const auto again = std::make_shared<Directory>(name(), flags, place_, room_, list_, closed_);
    again->process_ = process_;
    return FileRef(again);
  }

  // /proc/PID, which stands for the process in pidfd_send_signal(2); null: another folder.
  const Pid* process() const { return process_.get(); }
  void set_process(std::shared_ptr<const Pid> process) { process_ = std::move(process); }

  // F_NOTIFY, until it is closed.
  void watch(std::unique_ptr<FileWatcher> watcher) { watcher_ = std::move(watcher); }

 private:
  void forget();

  FileRef place_;
  Allowance& room_;
  Lister list_;
  Closed closed_;
  std::shared_ptr<const Pid> process_;
  std::unique_ptr<FileWatcher> watcher_;
  std::optional<std::vector<DirectoryEntry>> entries_;
  std::uint64_t position_ = 0;  // counts entries
};

}  // namespace trapline::kernel
