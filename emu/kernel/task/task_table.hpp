// All tasks by their numbers (kernel/pid.c).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "emu/kernel/result.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

class TaskTable {
 public:
  // Bounds what tasks cost the host, as kernel.threads-max does.
  static constexpr std::size_t kMost = 4096;
  static constexpr int kInit = 1;  // who has the children of processes that are gone; not here itself
  static constexpr int kFirst = 1000;
  static constexpr int kPidMax = 32768;  // kernel.pid_max, at the start

  // A number for a new task; EAGAIN where there are too many tasks.
  Result<int> allocate();
  Task& add(std::shared_ptr<Task> task);
  void remove(Task& task);
  // execve(2) in a thread: `task` is known by `tid` from now on, and who had that number is gone.
  void rename(Task& task, int tid);

  Task* find(int tid) const;  // null: ESRCH
  const std::map<int, std::shared_ptr<Task>>& all() const { return tasks_; }
  std::size_t size() const { return tasks_.size(); }
  int last() const { return last_; }            // the number given out last
  std::uint64_t made() const { return made_; }  // how many tasks there have been
  // Numbers of new tasks lie below.
  int pid_max() const { return pid_max_; }
  void set_pid_max(int most) { pid_max_ = most; }
  // How many were gone through for this: time passes with them.
  std::uint64_t take_looked() { return std::exchange(looked_, 0); }
  // All processes of a group, by number.
  std::vector<Process*> group(int group) const;
  // Whether nobody outside of the group, but in its session, is parent of a member: nobody would continue it
  // once it stopped (credentials(7)). `leaving` does not count as a member any more.
  bool orphaned(int group, const Process* leaving = nullptr) const;

 private:
  std::map<int, std::shared_ptr<Task>> tasks_;
  int next_ = kFirst;
  int pid_max_ = kPidMax;
  int last_ = 0;
  std::uint64_t made_ = 0;
  mutable std::uint64_t looked_ = 0;
};

}  // namespace trapline::kernel
