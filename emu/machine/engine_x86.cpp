#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "emu/machine/engine_impl.hpp"
#include "isa/byte_order.hpp"
#include "isa/x86/prefixes.hpp"

namespace trapline::machine {

namespace {

using isa::x86::Reg;

constexpr std::array<int, isa::x86::kRegs> kUnicornRegs{
    UC_X86_REG_RAX,     UC_X86_REG_RBX,     UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RSI, UC_X86_REG_RDI,
    UC_X86_REG_RBP,     UC_X86_REG_RSP,     UC_X86_REG_R8,  UC_X86_REG_R9,  UC_X86_REG_R10, UC_X86_REG_R11,
    UC_X86_REG_R12,     UC_X86_REG_R13,     UC_X86_REG_R14, UC_X86_REG_R15, UC_X86_REG_RIP, UC_X86_REG_EFLAGS,
    UC_X86_REG_CS,      UC_X86_REG_SS,      UC_X86_REG_DS,  UC_X86_REG_ES,  UC_X86_REG_FS,  UC_X86_REG_GS,
    UC_X86_REG_FS_BASE, UC_X86_REG_GS_BASE,
};

// Interrupt vectors (Intel SDM vol. 3, table 6-1).
enum Vector : unsigned {
  kDivideError = 0,
  kDebug = 1,
  kBreakpoint = 3,
  kOverflow = 4,
  kInvalidOpcode = 6,
  kInvalidTss = 10,
  kGeneralProtection = 13,
  kFpuError = 16,
  kAlignmentCheck = 17,
  kSimdError = 19,
  kSyscallGate = 0x80,
};

// What matters of an instruction to whoever steps it: which flags it moves, and how a REP ends.
struct Shape {
  bool pushes_flags = false;
  bool pops_flags = false;
  bool repeated = false;
  bool ends_on_zf = false;  // REPE/REPNE with cmps or scas
  bool zf_to_end = false;   // the ZF that ends it
  bool ecx = false;         // counts in ECX, by an address-size prefix
};

Shape shape_of(std::span<const std::byte> code) {
  Shape shape;
  const isa::x86::Prefixes prefixes = isa::x86::scan_prefixes(code);
  if (prefixes.length == code.size()) return shape;
  const auto opcode = std::to_integer<unsigned>(code[prefixes.length]);
  shape.ecx = prefixes.address_size;
  shape.pushes_flags = opcode == 0x9c;
  shape.pops_flags = opcode == 0x9d || opcode == 0xcf;
  // cmps and scas; movs, stos, lods, ins and outs
  const bool compares = opcode == 0xa6 || opcode == 0xa7 || opcode == 0xae || opcode == 0xaf;
  const bool moves = opcode == 0xa4 || opcode == 0xa5 || (opcode >= 0xaa && opcode <= 0xad) ||
                     (opcode >= 0x6c && opcode <= 0x6f);
  shape.repeated = prefixes.repeat != 0 && (compares || moves);
  shape.ends_on_zf = shape.repeated && compares;
  shape.zf_to_end = prefixes.repeat == 0xf2;
  return shape;
}

class X86Engine final : public Engine::Impl {
 public:
  X86Engine(PhysicalMemory& memory_, const EngineSpec& spec) : Impl(isa::Isa::X86_64, memory_, spec) {
    const auto add = [this](int instruction, auto* function) {
      uc_hook hook = 0;
      check(uc_hook_add(uc, &hook, UC_HOOK_INSN, reinterpret_cast<void*>(function), this, 1, 0, instruction),
            "hook an instruction");
    };
    add(UC_X86_INS_SYSCALL, on_syscall);
    add(UC_X86_INS_RDTSC, on_rdtsc);
  }

 private:
  std::uint64_t read(int reg) const {
    std::uint64_t value = 0;
    check(uc_reg_read(uc, reg, &value), "read a register");
    return value;
  }
  void write(int reg, std::uint64_t value) { check(uc_reg_write(uc, reg, &value), "write a register"); }

  // Only a return from interrupt lowers the privilege for good; so the engine runs one, on a frame and with a
  // descriptor table in a page of guest memory that goes back to the free ones afterwards (the descriptors
  // stay loaded).
  void enter_user_mode() override {
    const std::array<std::uint64_t, 8> descriptors{
        0,
        0x00af9b000000ffff,  // 0x08 kernel code
        0x00cf93000000ffff,  // 0x10 kernel data
        0,
        0x00cffb000000ffff,  // 0x20 user code, 32 bit
        0x00cff3000000ffff,  // 0x28 user data
        0x00affb000000ffff,  // 0x30 user code
        0,
    };
    constexpr GuestPa kPage(kGranule);
    constexpr std::uint64_t kCode = kPage.value + 0x100;
    constexpr std::uint64_t kStack = kPage.value + 0x200;
    constexpr std::uint64_t kMxcsr = 0x1f80;  // as Linux starts a program: all exceptions masked
    const std::array<std::uint64_t, 6> frame{kCode + 9, isa::x86::kUserCs, 0x202,
                                             0,         isa::x86::kUserSs, kMxcsr};
    const std::array<std::uint8_t, 10> code{
        0xdb, 0xe3,                    // fninit
        0x0f, 0xae, 0x54, 0x24, 0x28,  // ldmxcsr [rsp+40]: behind the frame
        0x48, 0xcf,                    // iretq
        0xcc,                          // int3, in user mode
    };

    std::memcpy(memory.bytes(kPage, sizeof descriptors).data(), descriptors.data(), sizeof descriptors);
    std::memcpy(memory.bytes(GuestPa(kCode), sizeof code).data(), code.data(), sizeof code);
    std::memcpy(memory.bytes(GuestPa(kStack), sizeof frame).data(), frame.data(), sizeof frame);
    const uc_x86_mmr table{0, kPage.value, sizeof descriptors - 1, 0};
    check(uc_reg_write(uc, UC_X86_REG_GDTR, &table), "load the descriptor table");
    constexpr std::uint64_t kOsFxsr = 1u << 9;       // FXSAVE saves the SSE registers
    constexpr std::uint64_t kOsXmmExcpt = 1u << 10;  // their exceptions are #XM
    write(UC_X86_REG_CR4, read(UC_X86_REG_CR4) | kOsFxsr | kOsXmmExcpt);
    write(UC_X86_REG_CS, 0x08);
    write(UC_X86_REG_SS, 0x10);
    write(UC_X86_REG_RSP, kStack);
    filling = Filling::Identity;
    pc = GuestVa(kCode);
    if (start() != EngineStop::Interrupt || interrupt != kBreakpoint) {
      throw std::runtime_error("Unicorn: cannot enter user mode");
    }
    filling = Filling::Guest;
    forget_code(kPage);
    std::ranges::fill(memory.bytes(kPage, kGranule), std::byte{0});
    write(UC_X86_REG_RSP, 0);
    write(UC_X86_REG_EFLAGS, 0x202);
    clean_ = make_context(uc);
    check(uc_context_save(uc, clean_.get()), "save the clean state");
  }

  Shape shape_at(GuestVa address) const { return shape_of(costs.code(*space, address)); }

  void begin_step() override {
    shape_ = shape_at(pc);
    const std::uint64_t flags = read(UC_X86_REG_EFLAGS);
    guest_steps_ = (flags & isa::x86::kTf) != 0;
    if (!guest_steps_) write(UC_X86_REG_EFLAGS, flags | isa::x86::kTf);
    if (shape_.repeated) count_before_ = count(shape_);
  }

  bool guest_steps() const override { return guest_steps_; }
  bool untraced(GuestVa /*address*/) const override { return false; }

  void end_step(bool completed) override {
    const Shape shape = std::exchange(shape_, {});
    if (guest_steps_) return;
    if (!(completed && shape.pops_flags)) {
      write(UC_X86_REG_EFLAGS, read(UC_X86_REG_EFLAGS) & ~isa::x86::kTf);
    }
    if (completed && shape.pushes_flags) {
      // The flag that was ours went to the stack with the rest: bit 8, so the second byte.
      const auto page = space->translate(GuestVa(read(UC_X86_REG_RSP) + 1));
      if (page) memory.bytes(page->address, 1)[0] &= ~std::byte{isa::x86::kTf >> 8};
    }
  }

  std::uint64_t count(const Shape& shape) const {
    const std::uint64_t rcx = read(UC_X86_REG_RCX);
    return shape.ecx ? rcx & 0xffffffff : rcx;
  }
  std::optional<std::uint64_t> repeat_count(GuestVa address) override {
    const Shape shape = shape_at(address);
    if (!shape.repeated) return std::nullopt;
    return count(shape);
  }

  // Unstepped, the engine enters a REP once more after its last iteration and finds the count used up;
  // stepped, it does not.
  std::uint64_t extra_step_cycles() override {
    if (!shape_.repeated || count_before_ == 0 || count(shape_) != 0) return 0;
    if (shape_.ends_on_zf) {
      const bool zf = (read(UC_X86_REG_EFLAGS) & (1u << 6)) != 0;
      if (zf == shape_.zf_to_end) return 0;
    }
    return costs.of(costs.instruction(*space, GuestVa(block_address)));
  }

  EngineStop on_interrupt(unsigned number) override {
    return number == kDebug ? EngineStop::Stepped : EngineStop::Interrupt;
  }

  // The engine remembers one of these exceptions for ever, and would take the next for a double fault. No
  // register shows the memory, so everything else is carried over a state that never had it.
  void clear_exception(unsigned number) override {
    const bool remembered = number == kDivideError || (number >= kInvalidTss && number <= kGeneralProtection);
    if (!remembered) return;
    constexpr std::array kWhole{UC_X86_REG_EFLAGS, UC_X86_REG_FS_BASE, UC_X86_REG_GS_BASE, UC_X86_REG_MXCSR,
                                UC_X86_REG_FPCW,   UC_X86_REG_FPSW,    UC_X86_REG_FPTAG};
    struct Wide {
      std::array<std::uint64_t, 2> words{};
    };
    std::array<std::uint64_t, 16> general{};
    std::array<std::uint64_t, kWhole.size()> whole{};
    std::array<Wide, 16> xmm{};
    std::array<Wide, 8> x87{};
    for (std::size_t i = 0; i < general.size(); ++i) general[i] = read(kUnicornRegs[i]);
    for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = read(kWhole[i]);
    for (std::size_t i = 0; i < xmm.size(); ++i) {
      check(uc_reg_read(uc, UC_X86_REG_XMM0 + static_cast<int>(i), &xmm[i]), "read a register");
    }
    for (std::size_t i = 0; i < x87.size(); ++i) {
      check(uc_reg_read(uc, UC_X86_REG_FP0 + static_cast<int>(i), &x87[i]), "read a register");
    }
    check(uc_context_restore(uc, clean_.get()), "load the clean state");
    for (std::size_t i = 0; i < general.size(); ++i) write(kUnicornRegs[i], general[i]);
    for (std::size_t i = 0; i < whole.size(); ++i) write(kWhole[i], whole[i]);
    for (std::size_t i = 0; i < xmm.size(); ++i) {
      check(uc_reg_write(uc, UC_X86_REG_XMM0 + static_cast<int>(i), &xmm[i]), "write a register");
    }
    for (std::size_t i = 0; i < x87.size(); ++i) {
      check(uc_reg_write(uc, UC_X86_REG_FP0 + static_cast<int>(i), &x87[i]), "write a register");
    }
  }

  static void on_syscall(uc_engine* engine, void* self) {
    static_cast<X86Engine*>(self)->stop = EngineStop::SystemCall;
    uc_emu_stop(engine);
  }

  // The time stamp counter is the CPU's cycle clock, of which the rest of the block under way is not yet
  // part.
  static int on_rdtsc(uc_engine* /*engine*/, void* self) {
    X86Engine& me = *static_cast<X86Engine*>(self);
    const std::uint64_t at = me.read(UC_X86_REG_RIP);
    constexpr std::size_t kOpcode = 2;
    const BlockCosts::Code code = me.costs.code(*me.space, GuestVa(at));
    const std::uint64_t next = at + isa::x86::scan_prefixes(code).length + kOpcode;
    const std::uint64_t done = next - me.block_address;
    std::uint64_t now = me.cycles;
    if (done < me.block_size) {
      now -= me.costs.of(*me.space, next, static_cast<std::uint32_t>(me.block_size - done));
    }
    me.latest_counter = std::max(me.latest_counter, now);
    me.write(UC_X86_REG_RAX, now & 0xffffffff);
    me.write(UC_X86_REG_RDX, now >> 32);
    return 1;
  }

  std::optional<isa::Access> helper_store(GuestVa address) override {
    return x86_helper_store(costs.code(*space, address), address,
                            [this](Reg reg) { return read(kUnicornRegs[static_cast<std::size_t>(reg)]); });
  }

  bool untranslatable(std::span<const std::byte> code) const override { return is_untranslatable(code); }
  UntranslatableCode look_for_untranslatable(std::span<const std::byte> granule) const override {
    return machine::look_for_untranslatable(granule);
  }

  // The engine computes the flags when they are asked for, from the last result; its hook asks for them. What
  // it unwinds a faulting instruction to is the old recipe, with the flags themselves in place of that
  // result.
  void keep_flags(GuestVa address) override { kept_ = Kept{address, read(UC_X86_REG_EFLAGS)}; }
  void put_back_flags(bool faulted) override {
    constexpr std::uint64_t kArithmetic = 0x8d5;  // OF, SF, ZF, AF, PF, CF
    const auto kept = std::exchange(kept_, std::nullopt);
    if (!faulted || !kept || kept->address != pc) return;
    write(UC_X86_REG_EFLAGS, (read(UC_X86_REG_EFLAGS) & ~kArithmetic) | (kept->flags & kArithmetic));
  }

  Context clean_;
  Shape shape_;
  bool guest_steps_ = false;
  std::uint64_t count_before_ = 0;
  struct Kept {
    GuestVa address;
    std::uint64_t flags = 0;
  };
  std::optional<Kept> kept_;  // of the last instruction that a hook was called for
};

}  // namespace

std::unique_ptr<Engine::Impl> make_x86_engine(PhysicalMemory& memory, const EngineSpec& spec) {
  return std::make_unique<X86Engine>(memory, spec);
}

std::uint64_t Engine::get(Reg reg) const {
  if (reg == Reg::rip) return impl_->pc.value;
  std::uint64_t value = 0;
  check(uc_reg_read(impl_->uc, kUnicornRegs[static_cast<std::size_t>(reg)], &value), "read a register");
  return value;
}

void Engine::set(Reg reg, std::uint64_t value) {
  if (reg == Reg::rip) {
    impl_->pc = GuestVa(value);
    return;
  }
  check(uc_reg_write(impl_->uc, kUnicornRegs[static_cast<std::size_t>(reg)], &value), "write a register");
}

namespace {

constexpr std::size_t kX87Registers = 8;
constexpr std::size_t kXmmRegisters = 16;
constexpr std::size_t kX87Size = 10;
constexpr std::size_t kWide = 16;
constexpr unsigned kTopShift = 11;  // FSW: which of the physical registers ST0 is

// The registers that an image holds as they are.
struct Field {
  int reg;
  std::size_t at;
  std::size_t size;
};
constexpr std::array kFields{
    Field{UC_X86_REG_FPCW, fxsave::kFcw, 2}, Field{UC_X86_REG_FPSW, fxsave::kFsw, 2},
    Field{UC_X86_REG_FOP, fxsave::kFop, 2},  Field{UC_X86_REG_FIP, fxsave::kFip, 8},
    Field{UC_X86_REG_FDP, fxsave::kFdp, 8},
};

// What Unicorn reads and writes the widest of.
struct Value {
  std::array<std::byte, kWide> bytes{};
};

Value read_register(uc_engine* uc, int reg) {
  Value value;
  check(uc_reg_read(uc, reg, &value), "read a register");
  return value;
}

void write_register(uc_engine* uc, int reg, std::span<const std::byte> bytes) {
  Value value;
  std::ranges::copy(bytes, value.bytes.begin());
  check(uc_reg_write(uc, reg, &value), "write a register");
}

std::uint64_t word(std::span<const std::byte> bytes) { return isa::load_word(bytes, std::endian::little); }

std::uint64_t read_number(uc_engine* uc, int reg) {
  const Value value = read_register(uc, reg);
  return word(std::span(value.bytes).first(8));
}

// The physical register that is ST(n).
int x87_register(std::uint64_t fsw, std::size_t n) {
  return UC_X86_REG_FP0 + static_cast<int>((fsw >> kTopShift) + n) % static_cast<int>(kX87Registers);
}

constexpr unsigned kTagEmpty = 3;  // in the tag word, two bits for each physical register

}  // namespace

FxsaveImage Engine::fp_state() const {
  uc_engine* const uc = impl_->uc;
  FxsaveImage image{};
  const std::span<std::byte> out(image);
  for (const Field& field : kFields) {
    std::ranges::copy_n(read_register(uc, field.reg).bytes.begin(), static_cast<std::ptrdiff_t>(field.size),
                        out.subspan(field.at).begin());
  }
  const std::uint64_t tags = read_number(uc, UC_X86_REG_FPTAG);
  for (unsigned i = 0; i < kX87Registers; ++i) {
    if ((tags >> (2 * i) & 3) != kTagEmpty) image[fxsave::kFtw] |= std::byte{1} << i;
  }
  const std::uint64_t mxcsr = read_number(uc, UC_X86_REG_MXCSR);
  isa::store_word(out.subspan(fxsave::kMxcsr, 4), mxcsr, std::endian::little);
  isa::store_word(out.subspan(fxsave::kMxcsrMask, 4), fxsave::kMxcsrValid, std::endian::little);
  const std::uint64_t fsw = word(out.subspan(fxsave::kFsw, 2));
  for (std::size_t i = 0; i < kX87Registers; ++i) {
    std::ranges::copy_n(read_register(uc, x87_register(fsw, i)).bytes.begin(), kX87Size,
                        out.subspan(fxsave::kSt + kWide * i).begin());
  }
  for (std::size_t i = 0; i < kXmmRegisters; ++i) {
    std::ranges::copy(read_register(uc, UC_X86_REG_XMM0 + static_cast<int>(i)).bytes,
                      out.subspan(fxsave::kXmm + kWide * i).begin());
  }
  return image;
}

void Engine::set_fp_state(const FxsaveImage& image) {
  uc_engine* const uc = impl_->uc;
  const std::span<const std::byte> in(image);
  for (const Field& field : kFields) write_register(uc, field.reg, in.subspan(field.at, field.size));
  const std::uint64_t fsw = word(in.subspan(fxsave::kFsw, 2));
  for (std::size_t i = 0; i < kX87Registers; ++i) {
    write_register(uc, x87_register(fsw, i), in.subspan(fxsave::kSt + kWide * i, kX87Size));
  }
  // After the registers, whose writing may tag them. The engine makes out itself what is zero and what
  // special.
  std::uint64_t tags = 0;
  for (unsigned i = 0; i < kX87Registers; ++i) {
    if ((image[fxsave::kFtw] >> i & std::byte{1}) == std::byte{0})
      tags |= std::uint64_t{kTagEmpty} << (2 * i);
  }
  check(uc_reg_write(uc, UC_X86_REG_FPTAG, &tags), "write a register");
  const std::uint64_t mxcsr = word(in.subspan(fxsave::kMxcsr, 4)) & fxsave::kMxcsrValid;
  check(uc_reg_write(uc, UC_X86_REG_MXCSR, &mxcsr), "write a register");
  for (std::size_t i = 0; i < kXmmRegisters; ++i) {
    write_register(uc, UC_X86_REG_XMM0 + static_cast<int>(i), in.subspan(fxsave::kXmm + kWide * i, kWide));
  }
}

}  // namespace trapline::machine
