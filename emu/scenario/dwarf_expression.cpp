#include "emu/scenario/dwarf_expression.hpp"

#include <dwarf.h>

#include <array>

namespace trapline::scenario {

namespace {

using isa::GuestVa;
using isa::x86::Reg;

// Registers by their numbers in DWARF: System V ABI AMD64, figure 3.36; 64-bit ELF V1 ABI for PowerPC.
constexpr std::size_t kX86Registers = 17;  // the last is the return address
constexpr std::size_t kPpc64Registers = 66;
constexpr std::size_t kPpc64Lr = 65;
constexpr std::array kX86Order{Reg::rax, Reg::rdx, Reg::rcx, Reg::rbx, Reg::rsi, Reg::rdi,
                               Reg::rbp, Reg::rsp, Reg::r8,  Reg::r9,  Reg::r10, Reg::r11,
                               Reg::r12, Reg::r13, Reg::r14, Reg::r15};

class Expression {
 public:
  explicit Expression(const DwarfContext& context) : context_(context) {}

  std::optional<std::uint64_t> value(std::span<const Dwarf_Op> ops) {
    for (const Dwarf_Op& op : ops) {
      if (!carry_out(op)) return std::nullopt;
    }
    return stack_.empty() ? std::nullopt : std::optional(stack_.back());
  }

 private:
  bool push(std::optional<std::uint64_t> value) {
    if (value) stack_.push_back(*value);
    return value.has_value();
  }
  std::optional<std::uint64_t> of_register(std::uint64_t number) const {
    return number < context_.registers.size() ? context_.registers[number] : std::nullopt;
  }
  std::optional<std::uint64_t> of_register(std::uint64_t number, std::uint64_t offset) const {
    const auto base = of_register(number);
    return base ? std::optional(*base + offset) : std::nullopt;
  }
  template <class Operation>
  bool binary(Operation operation) {
    if (stack_.size() < 2) return false;
    const std::uint64_t right = stack_.back();
    stack_.pop_back();
    stack_.back() = operation(stack_.back(), right);
    return true;
  }

  bool carry_out(const Dwarf_Op& op) {
    if (op.atom >= DW_OP_lit0 && op.atom <= DW_OP_lit31) return push(std::uint64_t{op.atom} - DW_OP_lit0);
    if (op.atom >= DW_OP_breg0 && op.atom <= DW_OP_breg31)
      return push(of_register(std::uint64_t{op.atom} - DW_OP_breg0, op.number));
    if (op.atom >= DW_OP_reg0 && op.atom <= DW_OP_reg31)
      return push(of_register(std::uint64_t{op.atom} - DW_OP_reg0));
    switch (op.atom) {
      case DW_OP_call_frame_cfa:
        return push(context_.cfa);
      case DW_OP_fbreg:
        return context_.frame_base && push(*context_.frame_base + op.number);
      case DW_OP_addr:
        return push(op.number + context_.load_bias);
      case DW_OP_regx:
        return push(of_register(op.number));
      case DW_OP_bregx:
        return push(of_register(op.number, op.number2));
      case DW_OP_const1u:
      case DW_OP_const2u:
      case DW_OP_const4u:
      case DW_OP_const8u:
      case DW_OP_constu:
      case DW_OP_const1s:
      case DW_OP_const2s:
      case DW_OP_const4s:
      case DW_OP_const8s:
      case DW_OP_consts:
        return push(op.number);
      case DW_OP_plus_uconst:
        return push(op.number) && binary([](auto a, auto b) { return a + b; });
      case DW_OP_plus:
        return binary([](auto a, auto b) { return a + b; });
      case DW_OP_minus:
        return binary([](auto a, auto b) { return a - b; });
      case DW_OP_and:
        return binary([](auto a, auto b) { return a & b; });
      case DW_OP_shl:
        return binary([](auto a, auto b) { return b < 64 ? a << b : 0; });
      case DW_OP_ge:
        return binary([](auto a, auto b) {
          return std::uint64_t{static_cast<std::int64_t>(a) >= static_cast<std::int64_t>(b)};
        });
      case DW_OP_deref: {
        if (stack_.empty()) return false;
        const auto loaded = context_.load(GuestVa(stack_.back()));
        stack_.pop_back();
        return push(loaded);
      }
      case DW_OP_stack_value:
        return true;
      default:
        return false;
    }
  }

  const DwarfContext& context_;
  std::vector<std::uint64_t> stack_;
};

}  // namespace

DwarfRegisters dwarf_registers(machine::Cpu& cpu) {
  DwarfRegisters registers;
  switch (cpu.isa()) {
    case isa::Isa::X86_64:
      registers.resize(kX86Registers);
      for (std::size_t i = 0; i < kX86Order.size(); ++i) registers[i] = cpu.get(kX86Order[i]);
      break;
    case isa::Isa::Ppc64:
      registers.resize(kPpc64Registers);
      for (unsigned i = 0; i < 32; ++i) registers[i] = cpu.get(isa::ppc64::gpr(i));
      registers[kPpc64Lr] = cpu.get(isa::ppc64::Reg::lr);
      break;
  }
  return registers;
}

std::optional<std::uint64_t> evaluate(std::span<const Dwarf_Op> ops, const DwarfContext& context) {
  return Expression(context).value(ops);
}

bool is_memory(std::span<const Dwarf_Op> ops) {
  if (ops.empty()) return false;
  const unsigned last = ops.back().atom;
  return last != DW_OP_stack_value && last != DW_OP_implicit_value && last != DW_OP_regx &&
         !(last >= DW_OP_reg0 && last <= DW_OP_reg31);
}

}  // namespace trapline::scenario
