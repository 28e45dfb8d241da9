#include "emu/kernel/module/kernel_abi.hpp"

#include <array>
#include <optional>

#include "isa/byte_order.hpp"
#include "isa/ppc64/registers.hpp"
#include "isa/ppc64/special.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::kernel {

namespace {

void append_word(std::vector<std::byte>& out, std::uint64_t value, std::endian order) {
  std::array<std::byte, 8> bytes{};
  isa::store_word(bytes, value, order);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// System V ABI, AMD64 supplement, 3.2.
class X86KernelAbi final : public KernelAbi {
 public:
  bool call(machine::Cpu& cpu, KernelSpace& space, GuestVa function, std::span<const std::uint64_t> arguments,
            GuestVa stack, GuestVa return_to) const override {
    if (arguments.size() > kArguments.size()) return false;
    const GuestVa at = GuestVa(stack.value & ~std::uint64_t{15}) - 8;
    if (!space.write_word(at, return_to.value)) return false;
    for (std::size_t i = 0; i < arguments.size(); ++i) cpu.set(kArguments.at(i), arguments[i]);
    cpu.set(Reg::rsp, at.value);
    cpu.set(Reg::rbp, 0);
    constexpr std::uint64_t kFlags = 0x202;
    cpu.set(Reg::rflags, kFlags);
    cpu.set_pc(function);
    return true;
  }
  std::uint64_t argument(machine::Cpu& cpu, const KernelSpace& space, std::size_t n) const override {
    if (n < kArguments.size()) return cpu.get(kArguments.at(n));
    return space.read_word(GuestVa(cpu.get(Reg::rsp)) + 8 * (1 + n - kArguments.size())).value_or(0);
  }
  void return_from(machine::Cpu& cpu, const KernelSpace& space, std::uint64_t value) const override {
    const std::uint64_t sp = cpu.get(Reg::rsp);
    cpu.set(Reg::rax, value);
    cpu.set_pc(GuestVa(space.read_word(GuestVa(sp)).value_or(0)));
    cpu.set(Reg::rsp, sp + 8);
  }
  std::uint64_t result(machine::Cpu& cpu) const override { return cpu.get(Reg::rax); }
  GuestVa stack_pointer(machine::Cpu& cpu) const override { return GuestVa(cpu.get(Reg::rsp)); }
  GuestVa caller(machine::Cpu& cpu, const KernelSpace& space) const override {
    return GuestVa(space.read_word(GuestVa(cpu.get(Reg::rsp))).value_or(0));
  }
  std::vector<std::byte> pt_regs(machine::Cpu& cpu, bool user) const override {
    std::vector<std::byte> out;
    const auto add = [&out](std::uint64_t value) { append_word(out, value, std::endian::little); };
    for (const Reg reg : kSaved) add(cpu.get(reg));
    add(~std::uint64_t{0});  // orig_ax: no system call
    add(cpu.pc().value);
    constexpr std::uint64_t kKernelCs = 0x10;
    constexpr std::uint64_t kKernelSs = 0x18;
    add(user ? isa::x86::kUserCs : kKernelCs);
    add(cpu.get(Reg::rflags));
    add(cpu.get(Reg::rsp));
    add(user ? isa::x86::kUserSs : kKernelSs);
    return out;
  }
  void restore(machine::Cpu& cpu, std::span<const std::byte> before,
               std::span<const std::byte> after) const override {
    constexpr std::size_t kIp = 16;
    constexpr std::size_t kFlags = 18;
    constexpr std::size_t kSp = 19;
    constexpr std::uint64_t kArithmetic = 0xcd5;  // CF, PF, AF, ZF, SF, DF, OF
    for (std::size_t i = 0; i < before.size() / 8; ++i) {
      const std::uint64_t old = isa::load_word(before.subspan(8 * i, 8), std::endian::little);
      const std::uint64_t value = isa::load_word(after.subspan(8 * i, 8), std::endian::little);
      if (value == old) continue;
      if (i < kSaved.size()) cpu.set(kSaved.at(i), value);
      if (i == kIp) cpu.set_pc(GuestVa(value));
      if (i == kSp) cpu.set(Reg::rsp, value);
      if (i == kFlags) cpu.set(Reg::rflags, (old & ~kArithmetic) | (value & kArithmetic));
    }
  }
  void set_result(std::span<std::byte> pt_regs, std::uint64_t value) const override {
    constexpr std::size_t kAx = 80;
    isa::store_word(pt_regs.subspan(kAx, 8), value, std::endian::little);
  }
  GuestVa replace_return(machine::Cpu& cpu, KernelSpace& space, GuestVa to) const override {
    const GuestVa at(cpu.get(Reg::rsp));
    const GuestVa old(space.read_word(at).value_or(0));
    (void)space.write_word(at, to.value);
    return old;
  }
  Position position(machine::Cpu& cpu) const override {
    return {cpu.pc(), GuestVa(cpu.get(Reg::rsp)), GuestVa(cpu.get(Reg::rbp))};
  }
  Position position(const KernelSpace& space, GuestVa pt_regs) const override {
    constexpr std::uint64_t kBp = 32;
    constexpr std::uint64_t kIp = 128;
    constexpr std::uint64_t kSp = 152;
    const auto word = [&](std::uint64_t at) { return GuestVa(space.read_word(pt_regs + at).value_or(0)); };
    return {word(kIp), word(kSp), word(kBp)};
  }
  std::vector<GuestVa> callers(const KernelSpace& space, const Position& from, GuestVa function,
                               std::size_t most) const override {
    std::vector<GuestVa> chain;
    // `push %rbp` comes first, `mov %rsp,%rbp` then, and `ret` when %rbp is the caller's again.
    constexpr std::uint64_t kRet = 0xc3;
    constexpr std::uint64_t kPush = 0x55;
    const std::uint64_t offset = from.pc - function;
    const bool pushed = offset == 1 && space.read_word(function, 1) == kPush;
    if (offset == 0 || pushed || space.read_word(from.pc, 1) == kRet) {
      const auto back = space.read_word(from.stack + (pushed ? 8 : 0));
      if (back && *back != 0) chain.emplace_back(*back);
    }
    for (GuestVa frame = from.frame; chain.size() < most;) {
      const auto next = space.read_word(frame);
      const auto back = space.read_word(frame + 8);
      if (!next || !back || *back == 0) break;
      chain.emplace_back(*back);
      if (*next <= frame.value) break;
      frame = GuestVa(*next);
    }
    return chain;
  }

 private:
  using Reg = isa::x86::Reg;
  // By their order in struct pt_regs.
  static constexpr std::array kSaved{Reg::r15, Reg::r14, Reg::r13, Reg::r12, Reg::rbp,
                                     Reg::rbx, Reg::r11, Reg::r10, Reg::r9,  Reg::r8,
                                     Reg::rax, Reg::rcx, Reg::rdx, Reg::rsi, Reg::rdi};
  static constexpr std::array kArguments{Reg::rdi, Reg::rsi, Reg::rdx, Reg::rcx, Reg::r8, Reg::r9};
};

// 64-bit PowerPC ELF ABI Supplement 1.9, 3.2.
class Ppc64KernelAbi final : public KernelAbi {
 public:
  bool call(machine::Cpu& cpu, KernelSpace& space, GuestVa function, std::span<const std::uint64_t> arguments,
            GuestVa stack, GuestVa return_to) const override {
    if (arguments.size() > kRegisterArguments) return false;
    const auto entry = space.read_word(function);
    const auto toc = space.read_word(function + 8);
    constexpr std::uint64_t kFrame = 112;
    const GuestVa at = GuestVa(stack.value & ~std::uint64_t{15}) - kFrame;
    if (!entry || !toc || !space.write_word(at, 0)) return false;
    for (std::size_t i = 0; i < arguments.size(); ++i)
      cpu.set(isa::ppc64::gpr(3 + static_cast<unsigned>(i)), arguments[i]);
    cpu.set(Reg::r1, at.value);
    cpu.set(Reg::r2, *toc);
    cpu.set(Reg::r12, *entry);
    cpu.set(Reg::lr, return_to.value);
    cpu.set_pc(GuestVa(*entry));
    return true;
  }
  std::uint64_t argument(machine::Cpu& cpu, const KernelSpace& space, std::size_t n) const override {
    if (n < kRegisterArguments) return cpu.get(isa::ppc64::gpr(3 + static_cast<unsigned>(n)));
    constexpr std::uint64_t kParameterSave = 48;
    return space.read_word(GuestVa(cpu.get(Reg::r1)) + kParameterSave + 8 * n).value_or(0);
  }
  void return_from(machine::Cpu& cpu, const KernelSpace& /*space*/, std::uint64_t value) const override {
    cpu.set(Reg::r3, value);
    cpu.set_pc(GuestVa(cpu.get(Reg::lr)));
  }
  std::uint64_t result(machine::Cpu& cpu) const override { return cpu.get(Reg::r3); }
  GuestVa stack_pointer(machine::Cpu& cpu) const override { return GuestVa(cpu.get(Reg::r1)); }
  GuestVa caller(machine::Cpu& cpu, const KernelSpace& /*space*/) const override {
    return GuestVa(cpu.get(Reg::lr));
  }
  std::vector<std::byte> pt_regs(machine::Cpu& cpu, bool user) const override {
    std::vector<std::byte> out;
    const auto add = [&out](std::uint64_t value) { append_word(out, value, std::endian::big); };
    for (unsigned i = 0; i < 32; ++i) add(cpu.get(isa::ppc64::gpr(i)));
    add(cpu.pc().value);
    constexpr std::uint64_t kMsrPr = 1u << 14;
    const std::uint64_t msr = cpu.get(Reg::msr);
    add(user ? msr : msr & ~kMsrPr);
    add(cpu.get(isa::ppc64::gpr(3)));  // orig_gpr3
    add(cpu.get(Reg::ctr));
    add(cpu.get(Reg::lr));
    add(cpu.get(Reg::xer));
    add(cpu.get(Reg::cr));
    for (unsigned rest = 0; rest < 5; ++rest) add(0);  // softe, trap, dar, dsisr, result
    return out;
  }
  void restore(machine::Cpu& cpu, std::span<const std::byte> before,
               std::span<const std::byte> after) const override {
    enum : std::size_t { kNip = 32, kCtr = 35, kLink = 36, kXer = 37, kCcr = 38 };
    for (std::size_t i = 0; i < before.size() / 8; ++i) {
      const std::uint64_t old = isa::load_word(before.subspan(8 * i, 8), std::endian::big);
      const std::uint64_t value = isa::load_word(after.subspan(8 * i, 8), std::endian::big);
      if (value == old) continue;
      if (i < kNip) cpu.set(isa::ppc64::gpr(static_cast<unsigned>(i)), value);
      if (i == kNip) cpu.set_pc(GuestVa(value));
      if (i == kCtr) cpu.set(Reg::ctr, value);
      if (i == kLink) cpu.set(Reg::lr, value);
      if (i == kXer) cpu.set(Reg::xer, value);
      if (i == kCcr) cpu.set(Reg::cr, value);
    }
  }
  void set_result(std::span<std::byte> pt_regs, std::uint64_t value) const override {
    constexpr std::size_t kGpr3 = 24;
    isa::store_word(pt_regs.subspan(kGpr3, 8), value, std::endian::big);
  }
  void set_exception(std::span<std::byte> pt_regs, std::uint64_t trap, std::uint64_t address,
                     std::uint64_t status) const override {
    constexpr std::size_t kTrap = 320;  // and dar and dsisr behind it
    isa::store_word(pt_regs.subspan(kTrap, 8), trap, std::endian::big);
    isa::store_word(pt_regs.subspan(kTrap + 8, 8), address, std::endian::big);
    isa::store_word(pt_regs.subspan(kTrap + 16, 8), status, std::endian::big);
  }
  GuestVa replace_return(machine::Cpu& cpu, KernelSpace& /*space*/, GuestVa to) const override {
    const GuestVa old(cpu.get(Reg::lr));
    cpu.set(Reg::lr, to.value);
    return old;
  }
  Position position(machine::Cpu& cpu) const override {
    const GuestVa stack(cpu.get(Reg::r1));
    return {cpu.pc(), stack, stack, GuestVa(cpu.get(Reg::lr))};
  }
  Position position(const KernelSpace& space, GuestVa pt_regs) const override {
    constexpr std::uint64_t kNip = 256;
    constexpr std::uint64_t kLink = 288;
    const auto word = [&](std::uint64_t at) { return GuestVa(space.read_word(pt_regs + at).value_or(0)); };
    return {word(kNip), word(8), word(8), word(kLink)};
  }
  std::vector<GuestVa> callers(const KernelSpace& space, const Position& from, GuestVa function,
                               std::size_t most) const override {
    std::vector<GuestVa> chain;
    // Until it makes a frame (`stdu r1,…(r1)`), and where it never does, LR leads back.
    constexpr std::uint64_t kMakesFrame = 0xf8210001;
    bool framed = false;
    for (GuestVa at = function; at < from.pc && !framed; at = at + 4)
      framed = (space.read_word(at, 4).value_or(0) & 0xffff0003) == kMakesFrame;
    if (!framed && from.link.value != 0) chain.push_back(from.link);
    GuestVa frame = from.frame;
    while (chain.size() < most) {
      const auto next = space.read_word(frame);
      if (!next || *next <= frame.value) break;
      frame = GuestVa(*next);
      constexpr std::uint64_t kLrSave = 16;
      const auto back = space.read_word(frame + kLrSave);
      if (!back || *back == 0) break;
      chain.emplace_back(*back);
    }
    return chain;
  }

 private:
  using Reg = isa::ppc64::Reg;
  static constexpr std::size_t kRegisterArguments = 8;
};

}  // namespace

std::unique_ptr<KernelAbi> make_kernel_abi(isa::Isa isa) {
  if (isa == isa::Isa::X86_64) return std::make_unique<X86KernelAbi>();
  return std::make_unique<Ppc64KernelAbi>();
}

}  // namespace trapline::kernel
