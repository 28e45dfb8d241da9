#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

Task::Task(int tid, std::string comm_) : Task(tid, std::move(comm_), std::make_shared<Process>()) {
  process->pid = process->group = process->session = tid;
  process->leader = this;
  fs = std::make_shared<FsInfo>();
  actions = std::make_shared<SignalActions>();
}

Task::Task(int tid, std::string comm_, std::shared_ptr<Process> process_)
    : tid_(tid), comm(std::move(comm_)), process(std::move(process_)) {
  process->threads.push_back(this);
}

}  // namespace trapline::kernel
