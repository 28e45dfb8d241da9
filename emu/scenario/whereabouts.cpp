#include "emu/scenario/whereabouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "isa/decode.hpp"
#include "isa/linux/signals.hpp"
#include "isa/x86/extension.hpp"

namespace trapline::scenario {

namespace {

namespace abi = isa::linux_abi;

constexpr std::size_t kMostTasks = 16;  // that are told of

// What lies at an address that the program has no symbol for: a library, the stack.
std::string mapping_at(const kernel::Task& task, std::uint64_t address) {
  if (!task.mm) return {};
  for (const auto& [start, vma] : task.mm->vmas()) {
    if (address < vma.start.value || address >= vma.end.value || vma.name.empty()) continue;
    const std::string base = vma.name.substr(vma.name.rfind('/') + 1);
    return fmt::format("{:#x} in {}", address, base);
  }
  return {};
}

// The instruction at the PC, as the manual writes it, and the extension that brings it.
std::string instruction_at(const kernel::Task& task, std::uint64_t pc, isa::Isa isa) {
  std::array<std::byte, 15> bytes{};
  const std::size_t size = task.mm ? task.mm->read_present(isa::GuestVa(pc), bytes) : 0;
  const auto code = std::span<const std::byte>(bytes).first(size);
  std::string text = isa::Decoder(isa).text(code, isa::GuestVa(pc));
  const std::string extension = isa == isa::Isa::X86_64 ? isa::x86::extension(code) : "";
  // What the engine's CPU model has beyond the base set, a Westmere.
  constexpr std::array<std::string_view, 7> kAnnounced{"AES",   "PCLMUL", "SSE3", "SSE41",
                                                       "SSE42", "SSSE3",  "VM"};
  if (!extension.empty() && std::ranges::find(kAnnounced, extension) == kAnnounced.end())
    text += fmt::format(": {}, which this machine's CPUID does not announce", extension);
  return text;
}

struct FaultName {
  int signal;
  int code;
  std::string_view about;
};
constexpr std::array kFaults{
    FaultName{abi::kSigSegv, abi::kSegvMapErr, "at address {:#x}, where nothing is mapped"},
    FaultName{abi::kSigSegv, abi::kSegvAccErr, "at address {:#x}, which its mapping does not permit"},
    FaultName{abi::kSigBus, abi::kBusAdrAln, "at address {:#x}, which is not aligned"},
    FaultName{abi::kSigBus, abi::kBusAdrErr, "at address {:#x}, which is beyond the end of the file"},
    FaultName{abi::kSigFpe, abi::kFpeIntDiv, "for a division by zero, or one that overflows"},
};

std::string cause(const kernel::SigInfo& info) {
  for (const FaultName& fault : kFaults) {
    if (fault.signal == info.signal() && fault.code == info.code())
      return " " + fmt::format(fmt::runtime(fault.about), info.address().value);
  }
  return {};
}

std::string state_of(const kernel::Task& task) {
  switch (task.state) {
    case kernel::TaskState::Interruptible:
    case kernel::TaskState::Killable:
      return fmt::format("sleeps in {}", kernel::Kernel::work_of(task));
    case kernel::TaskState::Stopped:
      return "is stopped";
    case kernel::TaskState::Traced:
      return "is stopped for its tracer";
    default:
      return task.step == kernel::Step::User ? "runs"
                                             : fmt::format("runs, in {}", kernel::Kernel::work_of(task));
  }
}

}  // namespace

Whereabouts::Whereabouts(Chains chains, kernel::Kernel& kernel)
    : chains_(std::move(chains)), kernel_(kernel) {
  kernel_.signals().set_fatal(
      [this](kernel::Task& task, const kernel::SigInfo& info) { killed(task, info); });
  kernel_.set_unfinished([this] { note_all(nullptr); });
}

Whereabouts::~Whereabouts() {
  kernel_.signals().set_fatal(nullptr);
  kernel_.set_unfinished(nullptr);
}

TaskWhere Whereabouts::where(kernel::Task& task, std::string state) const {
  TaskWhere where{task.tid(), task.comm, std::move(state), {}};
  CallChains* const chains = chains_();
  where.chain = kernel_.scheduler().with_registers(task, [&](machine::Cpu& cpu) {
    if (chains != nullptr) return chains->of(cpu, task);
    const std::uint64_t pc = cpu.pc().value;
    return std::vector{Caller{"", fmt::format("{:#x}", pc), "", pc}};
  });
  for (Caller& caller : where.chain) {
    if (!caller.at.starts_with("0x")) continue;
    if (static_cast<std::int64_t>(caller.address) < 0) {
      caller.at = kernel_.kernel_symbol(isa::GuestVa(caller.address));
      continue;
    }
    if (std::string mapping = mapping_at(task, caller.address); !mapping.empty())
      caller.at = std::move(mapping);
  }
  return where;
}

void Whereabouts::killed(kernel::Task& task, const kernel::SigInfo& info) {
  if (task.process != kernel_.lifecycle().first().process || task.process->group_exit) return;
  std::string state = fmt::format("was killed by {}{}", abi::name(info.signal()), cause(info));
  if (info.signal() == abi::kSigIll && info.code() > 0 && info.code() < abi::kSiKernel) {
    const std::uint64_t pc =
        kernel_.scheduler().with_registers(task, [](machine::Cpu& cpu) { return cpu.pc().value; });
    state += fmt::format(", for {}", instruction_at(task, pc, kernel_.isa()));
  }
  tasks_.clear();
  tasks_.push_back(where(task, std::move(state)));
  note_all(&task);
}

void Whereabouts::note_all(const kernel::Task* but) {
  if (but == nullptr) tasks_.clear();
  std::size_t left = 0;
  for (const auto& [tid, task] : kernel_.tasks().all()) {
    if (task.get() == but || !task->alive()) continue;
    if (tasks_.size() == kMostTasks) {
      ++left;
      continue;
    }
    tasks_.push_back(where(*task, state_of(*task)));
  }
  if (left != 0) tasks_.back().others = left;
}

std::string text(const TaskWhere& where, std::string_view indent) {
  std::string text = fmt::format("{}{}/{} {}", indent, where.comm, where.task, where.state);
  for (std::size_t i = 0; i < where.chain.size(); ++i) {
    const Caller& caller = where.chain[i];
    const std::string line = caller.line.empty() ? "" : fmt::format(" ({})", caller.line);
    text += i == 0 ? fmt::format(", at {}{}\n", caller.at, line)
                   : fmt::format("{}    called by {}{}\n", indent, caller.at, line);
  }
  if (where.chain.empty()) text += "\n";
  if (where.others != 0) text += fmt::format("{}… and {} more tasks\n", indent, where.others);
  return text;
}

}  // namespace trapline::scenario
