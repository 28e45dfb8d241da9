#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

Task::Task(int tid, std::string comm_, machine::PhysicalMemory& memory)
    : Task(tid, std::move(comm_), memory, std::make_shared<Process>()) {
  process->pid = process->group = process->session = tid;
  process->leader.join(leads);
  fs = std::make_shared<FsInfo>();
  actions = std::make_shared<SignalActions>();
}

Task::Task(int tid, std::string comm_, machine::PhysicalMemory& memory, std::shared_ptr<Process> process_)
    : tid_(tid), comm(std::move(comm_)), process(std::move(process_)), charge(memory, kFootprint) {
  thread_of.join(process->threads);
}

void Task::become_kernel_thread(Scheduler& scheduler_) {
  is_kernel_thread = true;
  scheduler = &scheduler_;
  step = Step::KernelThread;
  state = TaskState::Killable;
  actions->fill({.handler = kSigIgn});  // ignore_signals()
}

}  // namespace trapline::kernel
