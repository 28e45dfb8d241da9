#include "emu/kernel/task/task_table.hpp"

#include <algorithm>

namespace trapline::kernel {

// Numbers go round, and start over above those that daemons have on a real system.
Result<int> TaskTable::allocate() {
  if (tasks_.size() >= kMost) return Error{EAGAIN};
  constexpr int kReserved = 300;  // RESERVED_PIDS
  for (std::size_t tried = 0; tried <= tasks_.size(); ++tried) {
    if (next_ >= pid_max_) next_ = kReserved;
    const int tid = next_++;
    if (!tasks_.contains(tid)) return tid;
  }
  return Error{EAGAIN};
}

Task& TaskTable::add(std::shared_ptr<Task> task) {
  const int tid = task->tid();
  last_ = tid;
  ++made_;
  return *tasks_.emplace(tid, std::move(task)).first->second;
}

void TaskTable::remove(Task& task) { tasks_.erase(task.tid()); }

void TaskTable::rename(Task& task, int tid) {
  tasks_.erase(tid);
  auto node = tasks_.extract(task.tid());
  node.key() = tid;
  task.set_tid(tid);
  tasks_.insert(std::move(node));
}

Task* TaskTable::find(int tid) const {
  const auto task = tasks_.find(tid);
  return task == tasks_.end() ? nullptr : task->second.get();
}

std::vector<Process*> TaskTable::group(int group) const {
  std::vector<Process*> found;
  looked_ += tasks_.size();
  for (const auto& [tid, task] : tasks_) {
    if (task->leader() && task->process->group == group) found.push_back(task->process.get());
  }
  return found;
}

bool TaskTable::orphaned(int group, const Process* leaving) const {
  const auto members = this->group(group);
  return std::ranges::none_of(members, [&](const Process* member) {
    const Process* const parent = member->parent;
    if (member->from_shell && member->session != member->pid && member != leaving) return true;
    const bool ended = member->leader->state == TaskState::Zombie && member->alone();
    return member != leaving && !ended && parent != nullptr && parent->group != group &&
           parent->session == member->session;
  });
}

}  // namespace trapline::kernel
