// Tasks that wait for something (wait_queue_head_t). A system call that has to wait is carried out again from
// its start whenever something that it waits for may have happened (Syscall::sleep), so to wake too many does
// no harm.
#pragma once

#include <vector>

namespace trapline::kernel {

class Scheduler;
class Task;

class WaitQueue {
 public:
  WaitQueue() = default;
  ~WaitQueue();
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  bool empty() const { return tasks_.empty(); }
  // In the order in which they began to wait.
  void wake_all();

 private:
  friend class Scheduler;
  std::vector<Task*> tasks_;
};

}  // namespace trapline::kernel
