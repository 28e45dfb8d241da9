#include "emu/machine/bare/x86_processor.hpp"

#include <algorithm>

#include "isa/byte_order.hpp"

namespace trapline::machine {

namespace {

// The descriptors that a boot loader would leave: the program may load its own.
constexpr std::array<std::uint64_t, 7> kDescriptors{
    0,
    0x00af9b000000ffff,  // 0x08 code, CPL 0
    0x00cf93000000ffff,  // 0x10 data, CPL 0
    0,
    0,
    0x00cff3000000ffff,  // 0x28 data, CPL 3
    0x00affb000000ffff,  // 0x30 code, CPL 3
};
constexpr std::uint16_t kKernelCode = 0x08;
constexpr std::uint16_t kKernelData = 0x10;

}  // namespace

X86Processor::X86Processor(Machine& machine, Cpu& cpu_of_it, const ProgramMemory& memory_of_it,
                           ProgramEvents& events, GuestVa entry)
    : Processor(machine, cpu_of_it, memory_of_it, events),
      gdt_{memory().stack_end() - ProgramMemory::kStackSize, sizeof kDescriptors - 1} {
  // They are in the lowest page of the stack.
  std::array<std::byte, sizeof kDescriptors> bytes{};
  for (std::size_t i = 0; i < kDescriptors.size(); ++i)
    isa::store_word(std::span(bytes).subspan(8 * i, 8), kDescriptors[i], std::endian::little);
  machine.write(GuestPa(gdt_.base.value), bytes);
  selectors_ = {kKernelData, kKernelCode, kKernelData, kKernelData, 0, 0};
  cpu().load_fresh();
  cpu().set_address_space(&pages());
  cpu().set_pc(entry);
  cpu().set(Reg::rsp, memory().stack_end().value);
  set_flags(kReservedFlag);
  set_debug_extensions();
}

void X86Processor::set_debug_extensions() {
  debugunit::Context context = cpu().debug_context();
  context.debug_extensions = (cr4_ & cr4::kDe) != 0;
  context.privilege = cpl_ == 0 ? debugunit::Privilege::Kernel : debugunit::Privilege::User;
  cpu().set_debug_context(context);
}

void X86Processor::stopped(const Stop& stop) {
  if (const auto* const exception = std::get_if<DebugException>(&stop)) {
    debug_exception(*exception);
  } else if (const auto* const missing = std::get_if<PageFault>(&stop)) {
    PageFault exact = *missing;
    exact.address = cpu().locate_fault(*missing);
    page_fault(exact);
  } else if (const auto* const refused = std::get_if<Fault>(&stop)) {
    if (carry_out()) return;
    Raise raise{.vector = refused->vector};
    if (refused->vector == kGp) raise.error = 0;
    raise_fault(raise);
  } else if (std::holds_alternative<BudgetUsed>(stop)) {
    return;
  } else if (const auto* const failure = std::get_if<EngineFailure>(&stop)) {
    unsupported(failure->what);
  } else if (!carry_out()) {
    unsupported("this instruction");
  }
}

std::uint64_t X86Processor::flags() {
  return (cpu().get(Reg::rflags) & ~(isa::x86::kIf | isa::x86::kIopl | isa::x86::kNt)) | system_flags_;
}

void X86Processor::set_flags(std::uint64_t value) {
  constexpr std::uint64_t kKeptHere = isa::x86::kIf | isa::x86::kIopl | isa::x86::kNt;
  system_flags_ = value & kKeptHere;
  cpu().set(Reg::rflags, (value & kModelledFlags & ~kKeptHere) | isa::x86::kIf | kReservedFlag);
}

std::uint64_t X86Processor::load(GuestVa address, std::size_t size) const {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) {
    const auto page = pages().translate(address + i);
    const std::byte byte = page ? machine().memory().bytes(page->address, 1)[0] : std::byte{0};
    value = value << 8 | std::to_integer<std::uint64_t>(byte);
  }
  return value;
}

std::optional<std::uint64_t> X86Processor::descriptor(std::uint64_t selector) const {
  constexpr std::uint64_t kLocalTable = 4;
  const std::uint64_t offset = selector & 0xfff8;
  if (offset == 0 || (selector & kLocalTable) != 0 || offset + 7 > gdt_.limit) return std::nullopt;
  return load(gdt_.base + offset, 8);
}

// SDM vol. 3A, 5.7 "Privilege Level Checking When Loading the SS Register".
std::optional<Raise> X86Processor::check_stack_segment(std::uint64_t selector, unsigned cpl) const {
  const std::uint64_t rpl = selector & 3;
  const auto error = static_cast<std::uint32_t>(selector & 0xfffc);
  if (error == 0) {
    if (cpl == 3 || rpl != cpl) return Raise{.vector = kGp, .error = 0};
    return std::nullopt;
  }
  const auto found = descriptor(selector);
  if (!found || rpl != cpl || !descriptor::writable_data(*found) || descriptor::dpl(*found) != cpl)
    return Raise{.vector = kGp, .error = error};
  if (!descriptor::present(*found)) return Raise{.vector = kSs, .error = error};
  return std::nullopt;
}

GuestVa X86Processor::address_of(const Context& context, const isa::x86::Operand& operand, GuestVa next) {
  return linear_address(operand, context.prefixes, next, [this](Reg reg) { return cpu().get(reg); });
}

std::optional<PageFault> X86Processor::read_operand(Context& context, const isa::x86::Operand& operand,
                                                    GuestVa next, std::size_t size, std::uint64_t& value) {
  if (!operand.memory) {
    value = cpu().get(*operand.base);
    if (size < 8) value &= (std::uint64_t{1} << (8 * size)) - 1;
    return std::nullopt;
  }
  std::array<std::byte, 8> bytes{};
  const auto part = std::span(bytes).first(size);
  auto fault = context.instruction.read(address_of(context, operand, next), part);
  value = isa::load_word(part, std::endian::little);
  return fault;
}

std::optional<PageFault> X86Processor::write_operand(Context& context, const isa::x86::Operand& operand,
                                                     GuestVa next, std::size_t size, std::uint64_t value) {
  if (!operand.memory) {
    write_register(*operand.base, value, size);
    return std::nullopt;
  }
  std::array<std::byte, 8> bytes{};
  const auto part = std::span(bytes).first(size);
  isa::store_word(part, value, std::endian::little);
  return context.instruction.write(address_of(context, operand, next), part);
}

// A write of 32 bits clears the upper half; one of 16 or 8 leaves the rest (SDM vol. 1, 3.4.1.1).
void X86Processor::write_register(Reg reg, std::uint64_t value, std::size_t size) {
  if (size < 4) {
    const std::uint64_t mask = (std::uint64_t{1} << (8 * size)) - 1;
    value = (cpu().get(reg) & ~mask) | (value & mask);
  } else if (size == 4) {
    value &= 0xffffffff;
  }
  cpu().set(reg, value);
}

std::optional<std::uint64_t> X86Processor::read(std::string_view name) {
  using debugunit::Register;
  constexpr std::array<std::string_view, 6> kSelectors{"es", "cs", "ss", "ds", "fs", "gs"};
  constexpr std::array kDebug{Register::Dr0, Register::Dr1, Register::Dr2,
                              Register::Dr3, Register::Dr6, Register::Dr7};
  constexpr std::array<std::string_view, kDebug.size()> kDebugNames{"dr0", "dr1", "dr2", "dr3", "dr6", "dr7"};
  const std::array<std::pair<std::string_view, std::uint64_t>, 6> kept{
      {{"rflags", flags()}, {"cr0", cr0_}, {"cr2", cr2_}, {"cr3", cr3_}, {"cr4", cr4_}, {"cr8", cr8_}}};
  for (const auto& [known, value] : kept) {
    if (known == name) return value;
  }
  for (std::size_t i = 0; i < kSelectors.size(); ++i) {
    if (kSelectors[i] == name) return selectors_[i];
  }
  for (std::size_t i = 0; i < kDebug.size(); ++i) {
    if (kDebugNames[i] == name) return cpu().read_debug_register(kDebug[i]);
  }
  const auto reg = std::ranges::find(isa::x86::kRegNames, name);
  if (reg == isa::x86::kRegNames.end()) return std::nullopt;
  return cpu().get(static_cast<Reg>(reg - isa::x86::kRegNames.begin()));
}

}  // namespace trapline::machine
