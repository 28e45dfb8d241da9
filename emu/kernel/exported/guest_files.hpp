// Files whose contents are kernel code's (scenarios/kernel/lib/vfs.c): of debugfs, proc, sysfs and devices.
// What a program does with one is a function of guest code that runs in the program's task, and the system
// call is made again when that has returned.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/fs/made_files.hpp"
#include "emu/kernel/module/kernel_code.hpp"

namespace trapline::kernel {

class Exported;
class Kernel;

class GuestFiles {
 public:
  GuestFiles(Kernel& kernel, KernelCode& code);
  GuestFiles(const GuestFiles&) = delete;
  GuestFiles& operator=(const GuestFiles&) = delete;

  // A file that is opened with that struct inode.
  Status add(std::string path, std::uint32_t mode, GuestVa inode);

  // Has the task call a function of the library, with a buffer of so many bytes where it takes one as its
  // second argument. Nothing: it has begun, and the system call is to be made again. `out` gets what is in
  // the buffer then, `in` is put there before.
  struct Request {
    const void* who;
    std::string_view function;
    std::vector<std::uint64_t> arguments;
    std::span<std::byte> out{};
    std::span<const std::byte> in{};
  };
  SyscallResult call(Task& task, const Request& request);
  // One of its descriptors was closed. False: the task is ending, and it is for release() to say so.
  bool flush(GuestVa file);
  // The last user of a file is gone. `flushes`: that are still to be told of.
  void release(GuestVa file, unsigned flushes);

  // --- poll(2) ---
  // What is the case of the events wanted; kSleeps, until the file's function has said so.
  SyscallResult poll(Task& task, const FileRef& self, GuestVa file, std::uint32_t wanted);
  static WaitQueue& poll_queue(Task& task);
  // Nothing was. False: something has changed since, and it is to be asked again.
  static bool sleeps_in_poll(Task& task);
  void end_poll(Task& task);
  // The task's function in a file's wait queue was called.
  static void wake_poll(Task& task);

  KernelSpace& space() { return code_.space(); }
  Task* current() const;
  // The tasks end now: nobody runs any more code.
  void shut_down() { ended_ = true; }

 private:
  // In the task that runs; in one of the kernel's own where that is ending (delayed_fput()).
  void run(std::vector<KernelCall> calls);
  Result<FileRef> open(Task& task, GuestVa inode, const MadeDevice::Request& request);

  Kernel& kernel_;
  KernelCode& code_;
  bool ended_ = false;
};

}  // namespace trapline::kernel
