#include "emu/kernel/exported/die_notifiers.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kPriority = 16;      // struct notifier_block
constexpr std::uint64_t kStopMask = 0x8000;  // NOTIFY_STOP_MASK

// struct die_args
namespace die_fields {
constexpr std::uint64_t kText = 8;
constexpr std::uint64_t kError = 16;
constexpr std::uint64_t kTrap = 24;
constexpr std::uint64_t kSignal = 28;
constexpr std::uint64_t kPointed = 32;  // behind it
constexpr std::uint64_t kSize = 40;
}  // namespace die_fields

}  // namespace

DieNotifiers::DieNotifiers(Kernel& kernel, KernelCode& code) : kernel_(kernel), code_(code) {}

void DieNotifiers::add(GuestVa block) {
  const auto priority = [this](GuestVa at) {
    return static_cast<std::int32_t>(code_.space().read_word(at + kPriority, 4).value_or(0));
  };
  const auto place =
      std::ranges::find_if(blocks_, [&](GuestVa each) { return priority(block) > priority(each); });
  blocks_.insert(place, block);
}

bool DieNotifiers::remove(GuestVa block) { return std::erase(blocks_, block) != 0; }

std::uint64_t DieNotifiers::value(GuestDieVal val) const {
  const bool x86 = code_.space().isa() == isa::Isa::X86_64;
  switch (val) {
    case GuestDieVal::Oops:
      return 1;
    case GuestDieVal::Breakpoint:
      return x86 ? 2 : 4;  // DIE_INT3, DIE_BPT
    case GuestDieVal::Debug:
      return 3;
    case GuestDieVal::SingleStep:
      return 5;
    case GuestDieVal::DabrMatch:
      return 3;
  }
  return 0;
}

Notify DieNotifiers::call(machine::Cpu& cpu, Task& task, const What& what) {
  answer_ = 0;
  if (blocks_.empty()) return Notify::Done;
  KernelSpace& space = code_.space();
  std::vector<std::byte> text;
  for (const char c : what.text) text.push_back(static_cast<std::byte>(c));
  text.push_back(std::byte{0});
  const GuestVa args = space.kmalloc(die_fields::kSize + text.size());
  if (args.value == 0) return Notify::Done;
  (void)space.write_word(args + die_fields::kText, (args + die_fields::kSize).value);
  (void)space.write_word(args + die_fields::kError, what.pointed != nullptr
                                                        ? (args + die_fields::kPointed).value
                                                        : static_cast<std::uint64_t>(what.error));
  if (what.pointed != nullptr) (void)space.write_word(args + die_fields::kPointed, *what.pointed);
  (void)space.write_word(args + die_fields::kTrap, static_cast<std::uint32_t>(what.trap), 4);
  (void)space.write_word(args + die_fields::kSignal, static_cast<std::uint32_t>(what.signal), 4);
  (void)space.write(args + die_fields::kSize, text);
  Notify stops = Notify::Done;
  for (const GuestVa block : std::vector(blocks_)) {
    if (std::ranges::find(blocks_, block) == blocks_.end()) continue;
    const auto answer = kernel_.call_now(cpu, task,
                                         {.function = GuestVa(space.read_word(block).value_or(0)),
                                          .arguments = {block.value, what.val, args.value},
                                          .reason = "a die notifier",
                                          .context = KernelCall::Context::Exception,
                                          .registers_to = args});
    if (!answer) break;
    answer_ = *answer & 0xffffffff;
    if ((answer_ & kStopMask) == 0) continue;
    stops = Notify::Stop;
    break;
  }
  if (what.pointed != nullptr)
    *what.pointed = space.read_word(args + die_fields::kPointed).value_or(*what.pointed);
  (void)space.kfree(args);
  return stops;
}

}  // namespace trapline::kernel
