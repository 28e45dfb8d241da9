#include "emu/kernel/kprobes/kprobes.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

// struct kprobe, struct kretprobe and struct kretprobe_instance of the headers for modules: bytes.
namespace kprobe_fields {
constexpr std::uint64_t kMissed = 32;
constexpr std::uint64_t kAddr = 40;
constexpr std::uint64_t kSymbolName = 48;
constexpr std::uint64_t kOffset = 56;
constexpr std::uint64_t kFlags = 60;
constexpr std::uint64_t kPreHandler = 64;
constexpr std::uint64_t kPostHandler = 72;
constexpr std::uint64_t kOpcode = 88;
}  // namespace kprobe_fields

namespace kretprobe_fields {
constexpr std::uint64_t kHandler = 104;
constexpr std::uint64_t kEntryHandler = 112;
constexpr std::uint64_t kMaxActive = 120;
constexpr std::uint64_t kMissed = 124;
constexpr std::uint64_t kDataSize = 128;
}  // namespace kretprobe_fields

namespace instance_fields {
constexpr std::uint64_t kRp = 16;
constexpr std::uint64_t kRetAddr = 24;
constexpr std::uint64_t kTask = 32;
constexpr std::uint64_t kSize = 48;  // without its data
}  // namespace instance_fields

// KPROBE_FLAG_*
constexpr std::uint32_t kGone = 1;
constexpr std::uint32_t kDisabled = 2;

constexpr std::uint32_t kInt3 = 0xcc;
constexpr std::uint32_t kTrap = 0x7fe00008;  // BREAKPOINT_INSTRUCTION of PPC64: trap

constexpr std::uint64_t kMostData = 4096;  // bytes that an instance may have

void count(KernelSpace& space, GuestVa counter, std::size_t size) {
  (void)space.write_word(counter, space.read_word(counter, size).value_or(0) + 1, size);
}

}  // namespace

Kprobes::Kprobes(KprobeUses uses)
    : uses_(std::move(uses)), active_(uses_.code.space().machine().cpus()), decoder_(space().isa()) {}

bool Kprobes::x86() const { return space().isa() == isa::Isa::X86_64; }

std::uint32_t Kprobes::flags(GuestVa kprobe) const {
  return static_cast<std::uint32_t>(space().read_word(kprobe + kprobe_fields::kFlags, 4).value_or(0));
}

bool Kprobes::enabled(GuestVa kprobe) const { return (flags(kprobe) & (kDisabled | kGone)) == 0; }

bool Kprobes::is_registered(GuestVa address, GuestVa kprobe) const {
  const auto probe = probes_.find(address.value);
  return probe != probes_.end() &&
         std::ranges::find(probe->second.kprobes, kprobe) != probe->second.kprobes.end();
}

// --- Registration ---

// kprobe_addr(): by a symbol or a number, plus an offset.
std::optional<GuestVa> Kprobes::address_of(GuestVa kprobe, int& error) const {
  GuestVa address(word(kprobe + kprobe_fields::kAddr));
  const GuestVa name(word(kprobe + kprobe_fields::kSymbolName));
  error = -EINVAL;
  if ((address.value != 0) == (name.value != 0)) return std::nullopt;
  if (name.value != 0) {
    const KernelSymbol* const symbol = uses_.code.kallsyms().find(space().read_string(name).value_or(""));
    error = -ENOENT;
    if (symbol == nullptr) return std::nullopt;
    address = symbol->address;
  }
  error = -EINVAL;
  address = address + space().read_word(kprobe + kprobe_fields::kOffset, 4).value_or(0);
  const auto page = space().space().translate(address);
  const bool text = page && page->permissions.execute;
  if (!text && !uses_.code.is_entry(address)) return std::nullopt;
  if (address == uses_.code.return_trampoline()) return std::nullopt;  // NOKPROBE_SYMBOL
  if (!x86() && address.value % 4 != 0) return std::nullopt;
  return address;
}

// Each instruction from the symbol's beginning on, as it was before probes.
bool Kprobes::can_probe(GuestVa address) const {
  constexpr std::size_t kLongest = 15;
  const KernelSymbol* const symbol = uses_.code.kallsyms().at(address);
  if (symbol == nullptr) return false;
  GuestVa at = symbol->address;
  while (at < address) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < kLongest; ++i) {
      const auto byte = space().read_word(at + i, 1);
      if (!byte) break;
      bytes.push_back(static_cast<std::byte>(*byte));
    }
    const auto probe = probes_.find(at.value);
    if (probe != probes_.end() && probe->second.instruction && !bytes.empty())
      bytes.front() = static_cast<std::byte>(*probe->second.instruction);
    const std::uint8_t size = decoder_.decode(bytes, at).size;
    if (size == 0) return false;
    at = at + size;
  }
  return at == address;
}

int Kprobes::register_kprobe(GuestVa kprobe) {
  int error = 0;
  const auto address = address_of(kprobe, error);
  if (!address) return error;
  if (is_registered(*address, kprobe)) return -EINVAL;
  if (x86() && !uses_.code.is_entry(*address) && !can_probe(*address)) return -EILSEQ;
  (void)space().write_word(kprobe + kprobe_fields::kAddr, address->value);
  (void)space().write_word(kprobe + kprobe_fields::kMissed, 0);
  (void)space().write_word(kprobe + kprobe_fields::kFlags, flags(kprobe) & kDisabled, 4);
  Probe& probe = probes_[address->value];
  if (probe.kprobes.empty() && !uses_.code.is_entry(*address))
    probe.instruction = static_cast<std::uint32_t>(space().read_word(*address, x86() ? 1 : 4).value_or(0));
  probe.kprobes.insert(probe.kprobes.begin(), kprobe);
  (void)space().write_word(kprobe + kprobe_fields::kOpcode, probe.instruction.value_or(0), x86() ? 1 : 4);
  arm(*address, probe);
  return 0;
}

void Kprobes::unregister_kprobe(GuestVa kprobe) {
  const GuestVa address(word(kprobe + kprobe_fields::kAddr));
  if (!is_registered(address, kprobe)) return;
  Probe& probe = probes_.at(address.value);
  std::erase(probe.kprobes, kprobe);
  arm(address, probe);
  if (probe.kprobes.empty()) probes_.erase(address.value);
}

int Kprobes::enable(GuestVa kprobe, bool on) {
  const GuestVa address(word(kprobe + kprobe_fields::kAddr));
  if (!is_registered(address, kprobe)) return -EINVAL;
  const std::uint32_t others = flags(kprobe) & ~kDisabled;
  (void)space().write_word(kprobe + kprobe_fields::kFlags, on ? others : others | kDisabled, 4);
  arm(address, probes_.at(address.value));
  return 0;
}

GuestVa Kprobes::at(GuestVa address) const {
  const auto probe = probes_.find(address.value);
  return probe == probes_.end() ? GuestVa(0) : probe->second.kprobes.front();
}

int Kprobes::register_kretprobe(GuestVa kretprobe) {
  const std::uint64_t data = word(kretprobe + kretprobe_fields::kDataSize);
  if (data > kMostData) return -E2BIG;  // KRETPROBE_MAX_DATA_SIZE
  if (kretprobes_.contains(kretprobe.value)) return -EINVAL;
  const auto wanted =
      static_cast<std::int32_t>(space().read_word(kretprobe + kretprobe_fields::kMaxActive, 4).value_or(0));
  // "Pre-allocate": by default twice as many as there are CPUs, and ten at least.
  const auto cpus = static_cast<unsigned>(active_.size());
  const std::uint32_t most = wanted > 0 ? std::min<std::uint32_t>(static_cast<std::uint32_t>(wanted), 4096)
                                        : std::max(10U, 2 * cpus);
  (void)space().write_word(kretprobe + kretprobe_fields::kMaxActive, most, 4);
  (void)space().write_word(kretprobe + kretprobe_fields::kMissed, 0, 4);
  Kretprobe made;
  for (std::uint32_t i = 0; i < most; ++i) {
    const GuestVa instance = space().kmalloc(instance_fields::kSize + data);
    if (instance.value == 0) break;
    made.instances.push_back(instance);
  }
  made.free = made.instances;
  kretprobes_.emplace(kretprobe.value, std::move(made));
  const int result =
      kretprobes_.at(kretprobe.value).instances.size() < most ? -ENOMEM : register_kprobe(kretprobe);
  if (result != 0) unregister_kretprobe(kretprobe);
  return result;
}

// Those that are under way return without it.
void Kprobes::unregister_kretprobe(GuestVa kretprobe) {
  const auto found = kretprobes_.find(kretprobe.value);
  if (found == kretprobes_.end()) return;
  unregister_kprobe(kretprobe);
  for (const GuestVa instance : found->second.instances) (void)space().kfree(instance);
  kretprobes_.erase(found);
}

// The trap is there while anybody wants it.
void Kprobes::arm(GuestVa address, Probe& probe) {
  const bool wanted = std::ranges::any_of(probe.kprobes, [this](GuestVa each) { return enabled(each); });
  if (wanted == probe.armed) return;
  probe.armed = wanted;
  if (probe.instruction) put_instruction(address, probe, wanted);
}

void Kprobes::put_instruction(GuestVa address, const Probe& probe, bool trap) {
  const std::uint32_t trap_instruction = x86() ? kInt3 : kTrap;
  (void)space().write_word(address, trap ? trap_instruction : *probe.instruction, x86() ? 1 : 4);
}

// --- A hit ---

bool Kprobes::breakpoint(machine::Cpu& cpu, Task& task) {
  const GuestVa address = x86() ? cpu.pc() - 1 : cpu.pc();
  const auto found = probes_.find(address.value);
  if (found == probes_.end() || !found->second.instruction || !found->second.armed) return false;
  hit(cpu, task, address, found->second);
  return true;
}

bool Kprobes::entered(machine::Cpu& cpu, Task& task) {
  const GuestVa address = cpu.pc();
  if (task.kernel->past_probe == address) {
    task.kernel->past_probe = GuestVa(0);
    return false;
  }
  const auto found = probes_.find(address.value);
  if (found == probes_.end() || !found->second.armed) return false;
  // As an int3 there would leave it.
  if (x86()) {
    cpu.set_resume(false);
    cpu.set_pc(address + 1);
  }
  hit(cpu, task, address, found->second);
  return true;
}

void Kprobes::hit(machine::Cpu& cpu, Task& task, GuestVa address, const Probe& probe) {
  Active& active = active_[cpu.index()];
  if (active.address.value != 0) {
    // reenter_kprobe(): nobody is called from within a handler.
    for (const GuestVa kprobe : probe.kprobes) count(space(), kprobe + kprobe_fields::kMissed, 8);
    if (probe.instruction) return single_step(cpu, task, address, probe);
    cpu.set_pc(address);
    task.kernel->past_probe = address;
    return;
  }
  cpu.trace(machine::Layer::FrontEnd, "kprobe", {{"address", machine::Hex{address.value}}});
  active = {.address = address, .kprobes = probe.kprobes};
  call_pre_handlers(cpu, task);
}

void Kprobes::call_pre_handlers(machine::Cpu& cpu, Task& task) {
  Active& active = active_[cpu.index()];
  while (active.next < active.kprobes.size()) {
    const GuestVa kprobe = active.kprobes[active.next++];
    if (!is_registered(active.address, kprobe) || !enabled(kprobe)) continue;
    active.running = kprobe;
    if (kretprobes_.contains(kprobe.value)) {
      if (enter_function(cpu, task, kprobe)) return;
      continue;
    }
    const GuestVa handler(word(kprobe + kprobe_fields::kPreHandler));
    if (handler.value == 0) continue;
    uses_.code.call(task, {.function = handler,
                           .arguments = {kprobe.value, KernelCall::Registers{}},
                           .reason = "a kprobe",
                           .returned =
                               [this, &cpu, &task](std::uint64_t result) {
                                 // "If it has set up its own way on, there is nothing to step."
                                 if (static_cast<std::int32_t>(result) != 0)
                                   abandon(cpu);
                                 else
                                   call_pre_handlers(cpu, task);
                               },
                           .context = KernelCall::Context::Exception});
    return;
  }
  step(cpu, task);
}

void Kprobes::step(machine::Cpu& cpu, Task& task) {
  const GuestVa address = active_[cpu.index()].address;
  const auto found = probes_.find(address.value);
  active_[cpu.index()].next = 0;
  if (uses_.code.is_entry(address)) {
    cpu.set_pc(address);
    task.kernel->past_probe = address;
    return call_post_handlers(cpu, task);
  }
  // Unregistered by its handler, it is the instruction that is there.
  if (found == probes_.end()) {
    cpu.set_pc(address);
    return abandon(cpu);
  }
  single_step(cpu, task, address, found->second);
}

// The instruction in its own place, before any other CPU goes on. Handlers that come after it are called
// before the breakpoints' that it hits.
void Kprobes::single_step(machine::Cpu& cpu, Task& task, GuestVa address, const Probe& probe) {
  const bool outermost = active_[cpu.index()].address == address;
  put_instruction(address, probe, false);
  cpu.set_pc(address);
  bool told = false;
  const auto begins_anew = [&] { return task.step == Step::KernelCode && cpu.pc() == address; };
  // Anew where a page had to be brought in.
  constexpr unsigned kMostFaults = 8;
  for (unsigned faults = 0; faults < kMostFaults && begins_anew(); ++faults) {
    cpu.set_resume(true);
    cpu.set_single_step(true);
    machine::Stop stop = cpu.run(~std::uint64_t{0});
    cpu.set_single_step(false);
    auto* const exception = std::get_if<machine::DebugException>(&stop);
    told = exception != nullptr && exception->single_step;
    if (told && outermost) call_post_handlers(cpu, task);
    if (exception != nullptr) exception->single_step = false;
    // PPC64 reports a match before the access, and whoever takes it carries the instruction out.
    if (!told || exception->match.slots != 0) uses_.exception(cpu, task, stop);
    if (told) break;
  }
  if (const auto still = probes_.find(address.value); still != probes_.end() && still->second.armed)
    put_instruction(address, still->second, true);
  if (!outermost || told) return;
  if (task.step == Step::KernelCode && cpu.pc() != address)
    call_post_handlers(cpu, task);
  else
    abandon(cpu);
}

void Kprobes::call_post_handlers(machine::Cpu& cpu, Task& task) {
  Active& active = active_[cpu.index()];
  while (active.next < active.kprobes.size()) {
    const GuestVa kprobe = active.kprobes[active.next++];
    const GuestVa handler(word(kprobe + kprobe_fields::kPostHandler));
    if (handler.value == 0 || !is_registered(active.address, kprobe) || !enabled(kprobe)) continue;
    active.running = kprobe;
    uses_.code.call(task, {.function = handler,
                           .arguments = {kprobe.value, KernelCall::Registers{}, std::uint64_t{0}},
                           .reason = "a kprobe",
                           .returned = [this, &cpu, &task](std::uint64_t) { call_post_handlers(cpu, task); },
                           .context = KernelCall::Context::Exception});
    return;
  }
  abandon(cpu);
}

// --- Returns ---

// pre_handler_kretprobe(). True: its entry_handler decides.
bool Kprobes::enter_function(machine::Cpu& cpu, Task& task, GuestVa kretprobe) {
  Kretprobe& state = kretprobes_.at(kretprobe.value);
  if (state.free.empty()) {
    count(space(), kretprobe + kretprobe_fields::kMissed, 4);
    return false;
  }
  const GuestVa instance = state.free.back();
  state.free.pop_back();
  (void)space().write_word(instance + instance_fields::kRp, kretprobe.value);
  (void)space().write_word(instance + instance_fields::kTask, uses_.task_struct(task).value);
  const GuestVa handler(word(kretprobe + kretprobe_fields::kEntryHandler));
  if (handler.value == 0) {
    wait_for_return(cpu, task, kretprobe, instance);
    return false;
  }
  uses_.code.call(task, {.function = handler,
                         .arguments = {instance.value, KernelCall::Registers{}},
                         .reason = "a kretprobe's entry handler",
                         .returned =
                             [this, &cpu, &task, kretprobe, instance](std::uint64_t result) {
                               if (static_cast<std::int32_t>(result) == 0)
                                 wait_for_return(cpu, task, kretprobe, instance);
                               else if (const auto own = kretprobes_.find(kretprobe.value);
                                        own != kretprobes_.end())
                                 own->second.free.push_back(instance);
                               call_pre_handlers(cpu, task);
                             },
                         .context = KernelCall::Context::Exception});
  return true;
}

void Kprobes::wait_for_return(machine::Cpu& cpu, Task& task, GuestVa kretprobe, GuestVa instance) {
  KretprobeInstance waiting{.instance = instance, .kretprobe = kretprobe};
  // Of what an entry only stands for, the work itself is the function.
  waiting.work = task.kernel->frames.back().call.stands_for_work;
  if (!waiting.work) {
    waiting.return_to = uses_.code.abi().replace_return(cpu, space(), uses_.code.return_trampoline());
    (void)space().write_word(instance + instance_fields::kRetAddr, waiting.return_to.value);
  }
  task.kernel->returns.push_back(waiting);
}

void Kprobes::call_return_handler(Task& task, const KretprobeInstance& waiting,
                                  std::optional<std::uint64_t> result) {
  const auto own = kretprobes_.find(waiting.kretprobe.value);
  if (own == kretprobes_.end()) return;
  const GuestVa handler(word(waiting.kretprobe + kretprobe_fields::kHandler));
  const auto give_back = [this, waiting](std::uint64_t) {
    if (const auto state = kretprobes_.find(waiting.kretprobe.value); state != kretprobes_.end())
      state->second.free.push_back(waiting.instance);
  };
  if (handler.value == 0) return give_back(0);
  uses_.code.call(task, {.function = handler,
                         .arguments = {waiting.instance.value, KernelCall::Registers{}},
                         .reason = "a kretprobe",
                         .returned = give_back,
                         .context = KernelCall::Context::Exception,
                         .result = result,
                         .changes_nothing = result.has_value()});
}

void Kprobes::returned(machine::Cpu& cpu, Task& task) {
  std::vector<KretprobeInstance>& returns = task.kernel->returns;
  const GuestVa trampoline = uses_.code.return_trampoline();
  while (!returns.empty()) {
    const KretprobeInstance waiting = returns.back();
    returns.pop_back();
    if (waiting.work) continue;
    if (waiting.return_to != trampoline) cpu.set_pc(waiting.return_to);
    call_return_handler(task, waiting, std::nullopt);
    if (waiting.return_to != trampoline) return;
  }
}

// rethook_flush_task()
void Kprobes::forget(Task& task) {
  if (!task.kernel) return;
  for (const KretprobeInstance& waiting : task.kernel->returns) {
    if (const auto state = kretprobes_.find(waiting.kretprobe.value); state != kretprobes_.end())
      state->second.free.push_back(waiting.instance);
  }
  task.kernel->returns.clear();
}

void Kprobes::work_done(Task& task, std::uint64_t result) {
  if (!task.kernel) return;
  std::vector<KretprobeInstance>& returns = task.kernel->returns;
  while (!returns.empty() && returns.back().work) {
    const KretprobeInstance waiting = returns.back();
    returns.pop_back();
    call_return_handler(task, waiting, result);
  }
}

}  // namespace trapline::kernel
