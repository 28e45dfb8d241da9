#include <array>

#include "emu/machine/engine_impl.hpp"
#include "emu/machine/vector_layout.hpp"
#include "isa/byte_order.hpp"
#include "isa/ppc64/operand.hpp"

namespace trapline::machine {

namespace {

using isa::ppc64::Reg;

int unicorn_reg(Reg reg) {
  switch (reg) {
    case Reg::nip:
      return UC_PPC_REG_PC;
    case Reg::msr:
      return UC_PPC_REG_MSR;
    case Reg::ctr:
      return UC_PPC_REG_CTR;
    case Reg::lr:
      return UC_PPC_REG_LR;
    case Reg::xer:
      return UC_PPC_REG_XER;
    case Reg::cr:
      return UC_PPC_REG_CR;
    default:
      return UC_PPC_REG_0 + static_cast<int>(reg);
  }
}

// The numbers by which the engine names interrupts (its own, not the vectors of Power ISA Book III-S, 6.5).
enum Interrupt : unsigned { kSystemCall = 8, kTrace = 68 };

class Ppc64Engine final : public Engine::Impl {
 public:
  Ppc64Engine(PhysicalMemory& memory_, const EngineSpec& spec) : Impl(isa::Isa::Ppc64, memory_, spec) {
    if (spec.gear == Gear::Everything) return;  // has a hook everywhere
    uc_hook hook = 0;
    check(uc_hook_add(uc, &hook, UC_HOOK_CODE, callback(on_untraced), this, kUntraced, kUntracedEnd),
          "hook the interrupt vectors");
  }

 private:
  std::uint64_t msr() const {
    std::uint64_t value = 0;
    check(uc_reg_read(uc, UC_PPC_REG_MSR, &value), "read MSR");
    return value;
  }
  void set_msr(std::uint64_t value) { check(uc_reg_write(uc, UC_PPC_REG_MSR, &value), "write MSR"); }

  void enter_user_mode() override { set_msr(isa::ppc64::kUserMsr); }

  void begin_step() override {
    guest_msr_ = msr();
    if ((guest_msr_ & isa::ppc64::kMsrSe) == 0) set_msr(guest_msr_ | isa::ppc64::kMsrSe);
  }
  void end_step(bool /*completed*/) override {
    if ((guest_msr_ & isa::ppc64::kMsrSe) == 0) set_msr(msr() & ~isa::ppc64::kMsrSe);
  }
  bool guest_steps() const override { return (guest_msr_ & isa::ppc64::kMsrSe) != 0; }
  std::uint64_t extra_step_cycles() override { return 0; }

  // The engine's single step leaves out the interrupt vectors: by where the next instruction is.
  static constexpr std::uint64_t kUntraced = 0x100 - 4 + 1;
  static constexpr std::uint64_t kUntracedEnd = 0xf00;
  bool untraced(GuestVa address) const override {
    return address.value >= kUntraced && address.value < kUntracedEnd;
  }

  EngineStop on_interrupt(unsigned number) override {
    if (number == kSystemCall) return EngineStop::SystemCall;
    pc = pc - 4;  // the engine moves on before it reports, which is right for `sc` only
    return number == kTrace ? EngineStop::Stepped : EngineStop::Interrupt;
  }

  std::optional<isa::Access> helper_store(GuestVa address) override {
    const auto page = space->translate(address);
    if (!page) return std::nullopt;
    const auto word =
        static_cast<std::uint32_t>(isa::load_word(memory.bytes(page->address, 4), std::endian::big));
    return isa::ppc64::storage_operand(word, [this](Reg reg) {
      std::uint64_t value = 0;
      check(uc_reg_read(uc, unicorn_reg(reg), &value), "read a register");
      return value;
    });
  }

  std::optional<std::uint64_t> repeat_count(GuestVa /*address*/) override { return std::nullopt; }
  void clear_exception(unsigned /*number*/) override {}
  void keep_flags(GuestVa /*address*/) override {}
  void put_back_flags(bool /*faulted*/) override {}
  bool untranslatable(std::span<const std::byte> /*code*/) const override { return false; }
  UntranslatableCode look_for_untranslatable(std::span<const std::byte> /*granule*/) const override {
    return {};
  }

  std::uint64_t guest_msr_ = 0;
};

}  // namespace

std::unique_ptr<Engine::Impl> make_ppc64_engine(PhysicalMemory& memory, const EngineSpec& spec) {
  return std::make_unique<Ppc64Engine>(memory, spec);
}

std::uint64_t Engine::get(Reg reg) const {
  if (reg == Reg::nip) return impl_->pc.value;
  std::uint64_t value = 0;
  check(uc_reg_read(impl_->uc, unicorn_reg(reg), &value), "read a register");
  return value;
}

void Engine::set(Reg reg, std::uint64_t value) {
  if (reg == Reg::nip) {
    impl_->pc = GuestVa(value);
    return;
  }
  check(uc_reg_write(impl_->uc, unicorn_reg(reg), &value), "write a register");
}

VsxState Engine::vsx_state() const {
  VsxState registers;
  VectorLayout::get().read(impl_->packer->peek(), registers);
  check(uc_reg_read(impl_->uc, UC_PPC_REG_FPSCR, &registers.fpscr), "read FPSCR");
  return registers;
}

void Engine::set_vsx_state(const VsxState& registers) {
  impl_->packer->edit([&](std::span<std::byte> state) { VectorLayout::get().write(state, registers); });
  // Written by its name, so that the engine's rounding mode follows.
  check(uc_reg_write(impl_->uc, UC_PPC_REG_FPSCR, &registers.fpscr), "write FPSCR");
}

}  // namespace trapline::machine
