#include "emu/scenario/target_address.hpp"

#include <algorithm>
#include <array>
#include <variant>

#include "emu/scenario/guest_memory.hpp"

namespace trapline::scenario {

namespace {

// PPC64's thread pointer is so much above its block (64-bit ELF ABI, TLS; variant I). x86-64's is at the
// block's end (variant II).
constexpr std::uint64_t kPpc64ThreadPointer = 0x7000;

std::optional<std::uint64_t> in_innermost_frame(const LocalBase& local, machine::Cpu& cpu,
                                                const kernel::Task& task, CallChains& callers,
                                                std::uint64_t bias) {
  const GuestLoad load = memory_of(task);
  std::optional<std::uint64_t> address;
  callers.walk(cpu, task, [&](const Frame& frame, const DwarfRegisters& registers) {
    // A call may be its function's last instruction.
    const std::uint64_t pc = frame.pc - bias;
    const auto site = std::ranges::find_if(local.sites, [pc](const LocalBase::Site& candidate) {
      return std::ranges::any_of(candidate.ranges, [pc](const AddressRange& range) {
        return range.holds(pc) || range.holds(pc - 1);
      });
    });
    if (site == local.sites.end()) return true;
    address = local_address(*site, frame, registers, load, bias);
    return false;
  });
  return address;
}

}  // namespace

std::optional<std::uint64_t> local_address(const LocalBase::Site& site, const Frame& frame,
                                           const DwarfRegisters& registers, const GuestLoad& load,
                                           std::uint64_t bias) {
  DwarfContext context{.registers = registers, .load = load, .cfa = frame.cfa, .load_bias = bias};
  context.frame_base = evaluate(site.frame_base, context);
  return evaluate(site.location, context);
}

std::optional<std::uint64_t> thread_local_address(const ThreadLocalBase& base, machine::Cpu& cpu) {
  std::uint64_t pointer = 0;
  std::uint64_t below = 0;
  switch (cpu.isa()) {
    case isa::Isa::X86_64:
      pointer = cpu.get(isa::x86::Reg::fs_base);
      below = base.block;
      break;
    case isa::Isa::Ppc64:
      pointer = cpu.get(isa::ppc64::gpr(13));
      below = kPpc64ThreadPointer;
      break;
  }
  return pointer == 0 ? std::nullopt : std::optional(pointer - below + base.offset);
}

std::optional<std::uint64_t> address_now(const Target& target, machine::Cpu& cpu, const kernel::Task& task,
                                         CallChains& callers, std::uint64_t bias) {
  std::optional<std::uint64_t> address;
  if (const auto* const fixed = std::get_if<FixedBase>(&target.base))
    address = fixed->address + (fixed->absolute ? 0 : bias);
  if (const auto* const thread = std::get_if<ThreadLocalBase>(&target.base))
    address = thread_local_address(*thread, cpu);
  if (const auto* const local = std::get_if<LocalBase>(&target.base))
    address = in_innermost_frame(*local, cpu, task, callers, bias);
  if (const auto* const code = std::get_if<CodeBase>(&target.base);
      code != nullptr && !code->addresses.empty())
    address = code->addresses.front() + bias;
  for (const std::uint64_t offset : target.pointers) {
    if (!address) break;
    address = memory_of(task)(isa::GuestVa(*address + offset));
    if (address == 0) address.reset();
  }
  return address ? std::optional(*address + target.offset) : std::nullopt;
}

}  // namespace trapline::scenario
