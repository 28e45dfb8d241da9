// PERF_RECORD_SAMPLE, field by field (perf_output_sample() in kernel/events/core.c), and PERF_RECORD_READ.
#include <algorithm>
#include <array>
#include <bit>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/perf/output.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

// enum perf_sample_regs_abi
constexpr std::uint64_t kRegsAbiNone = 0;
constexpr std::uint64_t kRegsAbi64 = 2;

constexpr std::uint64_t kRootCgroup = 1;  // the id of the only control group that there is

// PERF_MEM_NA: each field of union perf_mem_data_src, by its shift, says "not available".
constexpr std::uint64_t kMemNa = 1ull << 0 |    // OP
                                 1ull << 5 |    // LVL
                                 1ull << 19 |   // SNOOP
                                 1ull << 24 |   // LOCK
                                 1ull << 26 |   // TLB
                                 0xfull << 33;  // LVLNUM

// A CPU on which nobody runs is in the kernel.
bool in_kernel(const PerfOccurrence& at) { return at.kernel || at.task == nullptr; }

constexpr isa::GuestVa kernel_text(isa::Isa isa) {
  return isa::GuestVa(isa::linux_abi::differing(isa).kernel_text);
}

std::uint64_t phys_addr(const Mm* mm, isa::GuestVa address) {
  if (mm == nullptr || address.value == 0) return 0;
  const auto translation = mm->space().translate(address);
  return translation && translation->permissions.read ? translation->address.value : 0;
}

std::uint64_t page_size(const Mm* mm, isa::GuestVa address) {
  return mm != nullptr && mm->space().page(address) != nullptr ? mm->page_size() : 0;
}

// What follows PERF_SAMPLE_STACK_USER in a sample, in bytes.
std::uint64_t size_after_stack(const PerfEventAttr& attr) {
  constexpr std::uint64_t kWords = kSampleDataSrc | kSampleTransaction | kSamplePhysAddr |
                                   kSampleDataPageSize | kSampleCodePageSize | kSampleAux | kSampleCgroup;
  const auto has = [&](std::uint64_t what) { return (attr.sample_type & what) != 0; };
  const int regs = has(kSampleRegsIntr) ? 1 + std::popcount(attr.sample_regs_intr) : 0;
  const int words =
      std::popcount(attr.sample_type & kWords) + (has(kSampleWeight | kSampleWeightStruct) ? 1 : 0);
  return 8 * static_cast<std::uint64_t>(words + regs);
}

}  // namespace

isa::GuestVa sample_ip(isa::Isa isa, const PerfOccurrence& at) {
  // Of the model's own work there is no address.
  const bool own_work = in_kernel(at) && static_cast<std::int64_t>(at.ip.value) >= 0;
  return own_work ? kernel_text(isa) : at.ip;
}

// The CPU has the program's registers for so long, whatever of the kernel runs for it.
class PerfOutput::UserRegisters {
 public:
  UserRegisters(PerfUpcalls& upcalls, const PerfOccurrence& at)
      : cpu_(at.cpu), user_(at.task == nullptr ? nullptr : upcalls.user_registers(*at.task)) {
    if (user_ == nullptr) return;
    own_ = cpu_.state();
    cpu_.use(user_);
  }
  ~UserRegisters() {
    if (user_ != nullptr) cpu_.use(own_);
  }
  UserRegisters(const UserRegisters&) = delete;
  UserRegisters& operator=(const UserRegisters&) = delete;

 private:
  machine::Cpu& cpu_;
  machine::CpuState* user_;
  machine::CpuState* own_ = nullptr;
};

void PerfOutput::sample(PerfEvent& event, const PerfOccurrence& at, std::uint64_t period) {
  const PerfEvent& opened = event.opened();
  if (opened.buffer == nullptr) return;
  const PerfEventAttr& attr = event.attr;
  const auto has = [&](std::uint64_t what) { return (attr.sample_type & what) != 0; };
  const bool kernel = in_kernel(at);
  const isa::GuestVa ip = sample_ip(machine_.isa(), at);
  Mm* const mm = at.task != nullptr ? at.task->mm.get() : nullptr;

  record_.begin(RecordType::Sample, kernel ? kMiscKernel : kMiscUser);
  if (has(kSampleIdentifier)) record_.put(opened.id);
  if (has(kSampleIp)) record_.put(ip.value);
  if (has(kSampleTid)) {
    record_.put_pair(at.task != nullptr ? at.task->tgid() : 0, at.task != nullptr ? at.task->tid() : 0);
  }
  if (has(kSampleTime)) record_.put(time(event, at.cpu));
  if (has(kSampleAddr)) record_.put(at.address.value);
  if (has(kSampleId)) record_.put(opened.id);
  if (has(kSampleStreamId)) record_.put(event.id);
  if (has(kSampleCpu)) record_.put_pair(static_cast<int>(at.cpu.index()), 0);
  if (has(kSamplePeriod)) record_.put(period);
  if (has(kSampleRead)) {
    for (const std::uint64_t value : core_.read_values(event)) record_.put(value);
  }
  if (has(kSampleCallchain)) put_callchain(event, at, mm);
  if (has(kSampleRaw)) {  // none: its size, and what fills it up
    record_.put(std::uint32_t{4});
    record_.put(std::uint32_t{0});
  }
  if (has(kSampleBranchStack)) record_.put(std::uint64_t{0});
  if (has(kSampleRegsUser)) put_regs(attr.sample_regs_user, at, mm != nullptr);
  if (has(kSampleStackUser)) put_stack_user(event, at, mm);
  if (has(kSampleWeight | kSampleWeightStruct)) record_.put(std::uint64_t{0});
  if (has(kSampleDataSrc)) record_.put(kMemNa);
  if (has(kSampleTransaction)) record_.put(std::uint64_t{0});
  // The kernel's own are not modelled.
  if (has(kSampleRegsIntr)) put_regs(attr.sample_regs_intr, at, !kernel);
  if (has(kSamplePhysAddr)) record_.put(phys_addr(mm, at.address));
  if (has(kSampleCgroup)) record_.put(kRootCgroup);
  if (has(kSampleDataPageSize)) record_.put(page_size(mm, at.address));
  if (has(kSampleCodePageSize)) record_.put(page_size(mm, ip));
  if (has(kSampleAux)) record_.put(std::uint64_t{0});
  append(event, {at.cpu, at.task}, true);
}

void PerfOutput::put_callchain(const PerfEvent& event, const PerfOccurrence& at, Mm* mm) {
  PerfCallchain chain(event.attr.sample_max_stack);
  const bool kernel = in_kernel(at);
  if (kernel && !event.attr.exclude_callchain_kernel) {
    chain.store_context(kPerfContextKernel);
    std::vector<isa::GuestVa> callers;
    if (at.task != nullptr) callers = upcalls_.kernel_callers(at.cpu, *at.task, event.attr.sample_max_stack);
    if (callers.empty()) callers.push_back(kernel_text(machine_.isa()));
    for (const isa::GuestVa caller : callers) chain.store(caller);
  }
  const UserRegisters user(upcalls_, at);
  if (mm != nullptr && !event.attr.exclude_callchain_user) {
    chain.store_context(kPerfContextUser);
    chain.store(kernel ? at.cpu.pc() : at.ip);  // where it goes on
    arch_.perf_callchain_user(at.cpu, *mm, chain);
  }
  record_.put(std::uint64_t{chain.entries().size()});
  for (const std::uint64_t entry : chain.entries()) record_.put(entry);
}

void PerfOutput::put_regs(std::uint64_t mask, const PerfOccurrence& at, bool known) {
  if (!known) {
    record_.put(kRegsAbiNone);
    return;
  }
  const UserRegisters user(upcalls_, at);
  std::array<std::uint64_t, 64> values{};
  const std::size_t count = arch_.perf_regs(at.cpu, at.task->arch, mask, values);
  record_.put(kRegsAbi64);
  for (const std::uint64_t value : std::span(values).first(count)) record_.put(value);
}

// A size, so many bytes from the stack pointer on, and how many of them could be read.
void PerfOutput::put_stack_user(const PerfEvent& event, const PerfOccurrence& at, const Mm* mm) {
  std::uint64_t size = 0;
  isa::GuestVa sp;
  if (mm != nullptr) {
    const UserRegisters user(upcalls_, at);
    sp = arch_.stack_pointer(at.cpu);
    const isa::GuestVa end = mm->layout().task_size;
    if (sp.value != 0 && sp < end) size = std::min<std::uint64_t>(event.attr.sample_stack_user, end - sp);
    const std::uint64_t others = record_.size() + 2 * sizeof(std::uint64_t) + size_after_stack(event.attr);
    const std::uint64_t room = others < RecordWriter::kMaxRecord ? RecordWriter::kMaxRecord - others : 0;
    size = std::min(size, room) / 8 * 8;
  }
  record_.put(size);
  if (size == 0) return;
  const std::size_t dyn_size = mm->read_present(sp, record_.put_zeros(size));
  record_.put(std::uint64_t{dyn_size});
}

void PerfOutput::read(PerfEvent& event, const Task& task) {
  if (event.opened().buffer == nullptr) return;
  const Context at{cpu_of(task), &task};
  record_.begin(RecordType::Read, 0);
  record_.put_pair(task.tgid(), task.tid());
  for (const std::uint64_t value : core_.read_values(event)) record_.put(value);
  put_sample_id(record_, event, at);
  append(event, at);
}

}  // namespace trapline::kernel
