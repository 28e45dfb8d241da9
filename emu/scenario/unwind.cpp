#include "emu/scenario/unwind.hpp"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <array>
#include <cstdlib>
#include <span>
#include <unordered_map>

#include "emu/scenario/elf_file.hpp"

namespace trapline::scenario {

namespace {

using isa::GuestVa;

struct EndFrame {
  // libdw's frames are the caller's to free.
  void operator()(Dwarf_Frame* frame) const { std::free(frame); }  // NOLINT(cppcoreguidelines-no-malloc)
};
struct EndCfi {
  void operator()(Dwarf_CFI* cfi) const { dwarf_cfi_end(cfi); }
};

// Registers by their numbers in DWARF: System V ABI AMD64, figure 3.36; 64-bit ELF V1 ABI for PowerPC.
constexpr std::size_t kX86Registers = 17;  // the last is the return address
constexpr std::size_t kPpc64Registers = 66;
constexpr std::size_t kPpc64Lr = 65;
using isa::x86::Reg;
constexpr std::array kX86Order{Reg::rax, Reg::rdx, Reg::rcx, Reg::rbx, Reg::rsi, Reg::rdi,
                               Reg::rbp, Reg::rsp, Reg::r8,  Reg::r9,  Reg::r10, Reg::r11,
                               Reg::r12, Reg::r13, Reg::r14, Reg::r15};
using Registers = std::vector<std::optional<std::uint64_t>>;

Registers registers_of(machine::Cpu& cpu) {
  Registers registers;
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

// A DWARF expression (DWARF 5, 2.5), as far as call frame information has them.
class Expression {
 public:
  Expression(const Registers& registers, std::optional<std::uint64_t> cfa, const Unwinder::Load& load)
      : registers_(registers), cfa_(cfa), load_(load) {}

  std::optional<std::uint64_t> value(std::span<const Dwarf_Op> ops) {
    stack_.clear();
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
    return number < registers_.size() ? registers_[number] : std::nullopt;
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
        return push(cfa_);
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
        const auto loaded = load_(GuestVa(stack_.back()));
        stack_.pop_back();
        return push(loaded);
      }
      case DW_OP_stack_value:
        return true;
      default:
        return false;
    }
  }

  const Registers& registers_;
  std::optional<std::uint64_t> cfa_;
  const Unwinder::Load& load_;
  std::vector<std::uint64_t> stack_;
};

}  // namespace

struct Unwinder::Impl {
  explicit Impl(const std::filesystem::path& program) : file(program), cfi(dwarf_getcfi_elf(file.get())) {}

  Dwarf_Frame* frame_at(std::uint64_t pc) {
    const auto [known, fresh] = frames.try_emplace(pc);
    if (fresh) {
      Dwarf_Frame* frame = nullptr;
      if (cfi != nullptr && dwarf_cfi_addrframe(cfi.get(), pc, &frame) == 0) known->second.reset(frame);
    }
    return known->second.get();
  }

  // From a function to the one that called it; nothing at the outermost. The result is where that goes on.
  static std::optional<std::uint64_t> step(Dwarf_Frame* frame, Registers& registers, const Load& load) {
    Dwarf_Op* ops = nullptr;
    std::size_t count = 0;
    if (dwarf_frame_cfa(frame, &ops, &count) != 0) return std::nullopt;
    const auto cfa = Expression(registers, std::nullopt, load).value({ops, count});
    const int return_address = dwarf_frame_info(frame, nullptr, nullptr, nullptr);
    if (!cfa || return_address < 0) return std::nullopt;
    Registers before(registers.size());
    for (std::size_t i = 0; i < registers.size(); ++i) {
      std::array<Dwarf_Op, 3> memory{};
      if (dwarf_frame_register(frame, static_cast<int>(i), memory.data(), &ops, &count) != 0) continue;
      if (count == 0) {
        if (ops == nullptr) before[i] = registers[i];  // the same; otherwise it is lost
        continue;
      }
      Expression expression(registers, cfa, load);
      const auto value = expression.value({ops, count});
      const unsigned last = ops[count - 1].atom;
      const bool place =
          last != DW_OP_stack_value && last != DW_OP_regx && !(last >= DW_OP_reg0 && last <= DW_OP_reg31);
      before[i] = value && place ? load(GuestVa(*value)) : value;
    }
    registers = std::move(before);
    const auto column = static_cast<std::size_t>(return_address);
    return column < registers.size() ? registers[column] : std::nullopt;
  }

  ElfFile file;
  std::unique_ptr<Dwarf_CFI, EndCfi> cfi;                                            // null: there is none
  std::unordered_map<std::uint64_t, std::unique_ptr<Dwarf_Frame, EndFrame>> frames;  // by address
};

Unwinder::Unwinder(const std::filesystem::path& program) : impl_(std::make_unique<Impl>(program)) {}
Unwinder::~Unwinder() = default;

std::vector<std::uint64_t> Unwinder::callers(machine::Cpu& cpu, const Load& load, std::size_t most) {
  std::vector<std::uint64_t> callers;
  Registers registers = registers_of(cpu);
  std::uint64_t pc = cpu.pc().value;
  while (callers.size() < most) {
    Dwarf_Frame* const frame = impl_->frame_at(pc - bias_);
    if (frame == nullptr) break;
    const auto caller = Impl::step(frame, registers, load);
    if (!caller || *caller == 0) break;
    callers.push_back(*caller);
    pc = *caller - 1;  // in the call, which may be a function's last instruction
  }
  return callers;
}

}  // namespace trapline::scenario
