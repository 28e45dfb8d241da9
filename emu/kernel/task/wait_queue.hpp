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
  friend class WaitQueues;
  std::vector<Task*> tasks_;
};

// The queues that a task waits in. It leaves them when it goes.
class WaitQueues {
 public:
  explicit WaitQueues(Task& self) : self_(self) {}
  ~WaitQueues() { leave(); }
  WaitQueues(const WaitQueues&) = delete;
  WaitQueues& operator=(const WaitQueues&) = delete;

  void enter(WaitQueue& queue) {
    queue.tasks_.push_back(&self_);
    queues_.push_back(&queue);
  }
  void leave() {
    for (WaitQueue* const queue : queues_) std::erase(queue->tasks_, &self_);
    queues_.clear();
  }

 private:
  Task& self_;
  std::vector<WaitQueue*> queues_;
};

}  // namespace trapline::kernel
