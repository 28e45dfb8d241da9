// Side-band records: what a reader of samples has to know of tasks and their memory. They go to the events of
// the CPU first, then to those of the task (perf_iterate_sb() in kernel/events/core.c).
#include <string>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/perf/output.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

// PERF_RECORD_MISC_* of mmap, comm and switch records.
constexpr std::uint16_t kMiscMmapData = 1u << 13;
constexpr std::uint16_t kMiscCommExec = 1u << 13;
constexpr std::uint16_t kMiscSwitchOut = 1u << 13;
constexpr std::uint16_t kMiscSwitchOutPreempt = 1u << 14;

template <class Function>
void each_event_of(const PerfContext& context, unsigned cpu, Function function) {
  for (PerfEvent* const event : context.events) {
    if (event->state < EventState::Inactive || event->opened().buffer == nullptr) continue;
    if (event->cpu < 0 || static_cast<unsigned>(event->cpu) == cpu) function(*event);
  }
}
std::string name_in_record(const Mm& mm, const Vma& vma) {
  constexpr std::size_t kLongestPath = 4096 - 8 - 1;  // PATH_MAX, room for padding, and a NUL
  const std::string_view name = mm.name_of(vma);
  if (name.empty()) return "//anon";
  return std::string(name.size() > kLongestPath ? "//toolong" : name);
}

// What PERF_RECORD_MMAP2 has beyond PERF_RECORD_MMAP.
struct MappingDetails {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t prot = 0;
  std::uint32_t flags = 0;
};
MappingDetails details_of(PerfUpcalls& upcalls, isa::Isa isa, Task& task, const Vma& vma) {
  using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): PROT_*, MAP_*
  MappingDetails details;
  // As in /proc/PID/maps.
  if (vma.object && !vma.special()) {
    details.device = vma.object->backed() ? kRootDevice : kMemoryDevice;
    details.inode = vma.object->inode();
  } else if (vma.name.starts_with('/')) {
    details.device = FileStatus{}.device;
    details.inode = upcalls.inode_of(task, vma.name);
  }
  details.prot = static_cast<std::uint32_t>((vma.permissions.read ? kProtRead : 0) |
                                            (vma.permissions.write ? kProtWrite : 0) |
                                            (vma.permissions.execute ? kProtExec : 0));
  details.flags = static_cast<std::uint32_t>((vma.shared ? kMapShared : kMapPrivate) |
                                             ((vma.flags & kVmLocked) != 0 ? differing(isa).map_locked : 0));
  return details;
}

}  // namespace

// `function(event)` for each that may get a record of what the task does there.
template <class Function>
void PerfOutput::each_event(const Task* task, const machine::Cpu& cpu, Function function) {
  each_event_of(core_.cpu_context(cpu.index()), cpu.index(), function);
  if (task != nullptr) each_event_of(task->perf, cpu.index(), function);
}

// real_parent: the thread that made the process, or the first of its process.
int PerfOutput::parent_tid(const Task& task) const {
  const Process* const parent = task.process->parent;
  if (parent == nullptr) return TaskTable::kInit;
  const Task* const maker = tasks_.find(task.process->leader->real_parent);
  const bool there = maker != nullptr && maker->process.get() == parent && maker->alive();
  return there ? maker->tid() : parent->pid;
}

// A thread may name another of its process, and it is its own events that tell of it.
void PerfOutput::comm(Task& task, bool exec) {
  const auto cpu = scheduler_.active_cpu();
  Task* const current = cpu ? scheduler_.running(*cpu) : &task;
  const Context at{cpu_of(*current), current};
  each_event(current, at.cpu, [&](PerfEvent& event) {
    if (!event.attr.comm) return;
    record_.begin(RecordType::Comm, exec ? kMiscCommExec : 0);
    record_.put_pair(task.tgid(), task.tid());
    record_.put_string(task.comm);
    put_sample_id(record_, event, at);
    append(event, at);
  });
}

void PerfOutput::mmap(Task& task, const Vma& vma) {
  const Context at{cpu_of(task), &task};
  const bool execute = vma.permissions.execute;
  std::string name;
  std::optional<MappingDetails> details;
  each_event(&task, at.cpu, [&](PerfEvent& event) {
    const PerfEventAttr& attr = event.attr;
    if (execute ? !attr.mmap && !attr.mmap2 : !attr.mmap_data) return;
    if (name.empty()) name = name_in_record(*task.mm, vma);
    const auto misc = static_cast<std::uint16_t>(kMiscUser | (execute ? 0 : kMiscMmapData));
    record_.begin(attr.mmap2 ? RecordType::Mmap2 : RecordType::Mmap, misc);
    record_.put_pair(task.tgid(), task.tid());
    record_.put(vma.start.value);
    record_.put(vma.size());
    record_.put(vma.file_offset);
    if (attr.mmap2) {
      if (!details) details = details_of(upcalls_, machine_.isa(), task, vma);
      record_.put(std::uint32_t{0});  // maj
      record_.put(static_cast<std::uint32_t>(details->device));
      record_.put(details->inode);
      record_.put(std::uint64_t{0});  // ino_generation
      record_.put(details->prot);
      record_.put(details->flags);
    }
    record_.put_string(name);
    put_sample_id(record_, event, at);
    append(event, at);
  });
}

void PerfOutput::put_task(RecordType type, Task& current, const Task& task, int ppid, int ptid) {
  const Context at{cpu_of(current), &current};
  each_event(&current, at.cpu, [&](PerfEvent& event) {
    const PerfEventAttr& attr = event.attr;
    if (!attr.comm && !attr.mmap && !attr.mmap2 && !attr.mmap_data && !attr.task) return;
    record_.begin(type, 0);
    record_.put_pair(task.tgid(), ppid);
    record_.put_pair(task.tid(), ptid);
    record_.put(time(event, at.cpu));
    put_sample_id(record_, event, at);
    append(event, at);
  });
}

void PerfOutput::fork(Task& parent, const Task& child) {
  put_task(RecordType::Fork, parent, child, parent.tgid(), parent.tid());
}

void PerfOutput::exit(Task& task) {
  const Process* const parent = task.process->parent;
  put_task(RecordType::Exit, task, task, parent != nullptr ? parent->pid : TaskTable::kInit,
           parent_tid(task));
}

void PerfOutput::put_switch(const Context& at, bool out, const TaskIds& other, bool preempted) {
  const auto misc =
      static_cast<std::uint16_t>((out ? kMiscSwitchOut : 0) | (preempted ? kMiscSwitchOutPreempt : 0));
  each_event(at.task, at.cpu, [&](PerfEvent& event) {
    if (!event.attr.context_switch) return;
    // Only who watches a whole CPU may see whom else it runs.
    const bool cpu_wide = event.task == nullptr;
    record_.begin(cpu_wide ? RecordType::SwitchCpuWide : RecordType::Switch, misc);
    if (cpu_wide) record_.put_pair(other.tgid, other.tid);
    put_sample_id(record_, event, at);
    append(event, at);
  });
}

// A CPU without work runs the idle task, which is switched to and from like any other, and could always go
// on.
void PerfOutput::context_switch(Task& task, machine::Cpu& cpu, bool out, const TaskIds& other,
                                bool preempted) {
  const Context self{cpu, &task};
  const Context idle{cpu, nullptr};
  const TaskIds own{task.tgid(), task.tid()};
  if (!out && other.tid == 0) put_switch(idle, true, own, true);
  put_switch(self, out, other, preempted);
  if (out && other.tid == 0) put_switch(idle, false, own, false);
}

}  // namespace trapline::kernel
