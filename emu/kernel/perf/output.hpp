// The records that events put into ring buffers (perf_event_open(2), "MMAP layout"): samples, and what goes
// on beside them.
#pragma once

#include <cstdint>

#include "emu/kernel/perf/environment.hpp"
#include "emu/kernel/perf/perf_event.hpp"
#include "emu/kernel/perf/record_writer.hpp"
#include "emu/kernel/task/scheduler.hpp"

namespace trapline::kernel {

class Mm;
struct Vma;

// The address that a sample has of where something happened. There is no kernel code that could have run:
// what happened in the kernel, or while a CPU had nothing to do, happened where the kernels of the
// instruction set begin (_text).
isa::GuestVa sample_ip(isa::Isa isa, const PerfOccurrence& at);

class PerfOutput {
 public:
  PerfOutput(PerfCore& core, const PerfEnvironment& environment);

  // --- One event's own (sample.cpp) ---
  // PERF_RECORD_SAMPLE of the event.
  void sample(PerfEvent& event, const PerfOccurrence& at, std::uint64_t period);
  // PERF_RECORD_READ: what an inherited event has counted, when its task ends (attr.inherit_stat).
  void read(PerfEvent& event, const Task& task);

  // --- Side-band records, to every event of the task and of its CPU that asks for them (sideband.cpp) ---
  // The task has a new name; or, with `exec`, is a new program.
  void comm(Task& task, bool exec);
  // The task has a new mapping, or one whose place or permissions are new.
  void mmap(Task& task, const Vma& vma);
  void fork(Task& parent, const Task& child);
  // While its events are still there, but count no more.
  void exit(Task& task);
  // The task comes onto the CPU, after its events did, or leaves it, before they do. `other`: the task that
  // was there before it, or will be next. `preempted`: it could have gone on (task_struct::on_rq).
  void context_switch(Task& task, machine::Cpu& cpu, bool out, const TaskIds& other, bool preempted = false);

 private:
  class UserRegisters;

  // Where something happened, and who ran there; null: nobody.
  struct Context {
    machine::Cpu& cpu;
    const Task* task;
  };

  // --- output.cpp ---
  static std::uint64_t time(const PerfEvent& event, const machine::Cpu& cpu);
  // TIME, CPU and so on, where a record that is no sample ends with them (attr.sample_id_all).
  static void put_sample_id(RecordWriter& record, const PerfEvent& event, const Context& at);
  // Appends record_ to where the event's records go, and wakes who waits for it.
  void append(PerfEvent& event, const Context& at, bool sample = false);
  machine::Cpu& cpu_of(const Task& task);

  // --- sample.cpp ---
  void put_callchain(const PerfEvent& event, const PerfOccurrence& at, Mm* mm);
  void put_regs(std::uint64_t mask, const PerfOccurrence& at, bool known);
  void put_stack_user(const PerfEvent& event, const PerfOccurrence& at, const Mm* mm);

  // --- sideband.cpp ---
  void put_switch(const Context& at, bool out, const TaskIds& other, bool preempted);
  void put_task(RecordType type, Task& current, const Task& task, int ppid, int ptid);

  template <class Function>
  void each_event(const Task* task, const machine::Cpu& cpu, Function function);
  int parent_tid(const Task& task) const;

  PerfCore& core_;
  machine::Machine& machine_;
  Scheduler& scheduler_;
  TaskTable& tasks_;
  PerfArch& arch_;
  PerfUpcalls& upcalls_;
  RecordWriter record_;
  RecordWriter lost_;
};

}  // namespace trapline::kernel
