// The privileged side of an x86-64 processor, as far as bare machines have it. The program always runs in the
// engine's user mode: what user mode refuses, or would do differently, is carried out here according to the
// privilege level that the program believes to have.
//
// Sources: Intel SDM vol. 3A, chapters 2 (system registers), 3 and 5 (descriptors, privilege), 6
// (exceptions); vol. 2 for each instruction.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "emu/machine/bare/processor.hpp"
#include "emu/machine/bare/x86_bits.hpp"
#include "emu/machine/emulated_instruction.hpp"
#include "isa/x86/operand.hpp"

namespace trapline::machine {

// Vectors (SDM vol. 3A, table 6-1).
enum Vector : unsigned {
  kDe = 0,
  kDb = 1,
  kBp = 3,
  kUd = 6,
  kDf = 8,
  kTs = 10,
  kNp = 11,
  kSs = 12,
  kGp = 13,
  kPf = 14,
};

// An exception on its way to its handler.
struct Raise {
  unsigned vector = 0;
  std::optional<std::uint32_t> error{};
  bool software = false;  // INT n and INT3: the gate's DPL is checked
  // Of an instruction that raises it by being executed: where its handler returns to.
  std::optional<GuestVa> next{};
};

class X86Processor final : public Processor {
 public:
  X86Processor(Machine& machine, Cpu& cpu, const ProgramMemory& memory, ProgramEvents& events, GuestVa entry);

  void stopped(const Stop& stop) override;
  std::optional<std::uint64_t> read(std::string_view name) override;

 private:
  using Reg = isa::x86::Reg;

  struct DescriptorTable {
    GuestVa base;
    std::uint32_t limit = 0;  // bytes, less one
  };

  // How an instruction that is carried out here went.
  struct Done {
    GuestVa next;
    bool resume = false;         // RF afterwards
    bool hold = false;           // debug exceptions wait (MOV SS)
    std::optional<bool> step{};  // whether a single step is reported, where that is not up to TF beforehand
  };
  struct Halt {
    GuestVa next;
  };
  struct Unmodelled {
    std::string_view what;
  };
  using Result = std::variant<Done, Raise, PageFault, Halt, Unmodelled>;

  // An instruction under way.
  struct Context {
    EmulatedInstruction& instruction;
    isa::x86::Prefixes prefixes;
    std::span<const std::byte> rest;  // after the prefixes: the opcode
    GuestVa next(std::size_t length_after_prefixes) const {
      return instruction.address() + prefixes.length + length_after_prefixes;
    }
    unsigned byte(std::size_t at) const {
      return at < rest.size() ? std::to_integer<unsigned>(rest[at]) : 0U;
    }
  };

  // --- x86_delivery.cpp: through the IDT to a handler ---
  void deliver(Raise raise, GuestVa rip, bool resume);
  std::optional<Raise> try_to_deliver(const Raise& raise, GuestVa rip, bool resume);
  void debug_exception(const DebugException& exception);
  void page_fault(const PageFault& fault);
  void raise_fault(const Raise& raise) { deliver(raise, cpu().pc(), true); }

  // --- x86_instructions.cpp ---
  // False where the instruction at the PC is none of those that are carried out here.
  bool carry_out();
  std::optional<Result> execute(Context& context);
  std::optional<Result> execute_0f(Context& context);
  Result mov_dr(Context& context, bool to);
  Result mov_cr(Context& context, bool to);
  Result group_6(Context& context);
  Result group_7(Context& context);
  Result mov_from_segment(Context& context);
  Result mov_to_segment(Context& context);
  Result software_interrupt(unsigned vector, GuestVa next);
  Result icebp(Context& context);
  Result iret(Context& context);
  Result far_return(Context& context);
  Result push_flags(Context& context);
  Result pop_flags(Context& context);
  Result port(Context& context);
  Result port_string(Context& context);
  Result wrmsr(Context& context);
  Result rdmsr(Context& context);
  Result syscall(Context& context);
  Result sysret(Context& context);

  // --- Registers and segments ---
  std::uint64_t flags();  // with what is kept here
  void set_flags(std::uint64_t value);
  unsigned iopl() const { return static_cast<unsigned>(system_flags_ >> 12 & 3); }
  bool tf() { return cpu().single_step(); }
  std::optional<std::uint64_t> descriptor(std::uint64_t selector) const;
  std::optional<Raise> check_stack_segment(std::uint64_t selector, unsigned cpl) const;
  std::uint64_t load(GuestVa address,
                     std::size_t size) const;  // supervisor reads of tables; 0 where unmapped
  std::optional<PageFault> read_operand(Context& context, const isa::x86::Operand& operand, GuestVa next,
                                        std::size_t size, std::uint64_t& value);
  std::optional<PageFault> write_operand(Context& context, const isa::x86::Operand& operand, GuestVa next,
                                         std::size_t size, std::uint64_t value);
  void write_register(Reg reg, std::uint64_t value, std::size_t size);
  GuestVa address_of(const Context& context, const isa::x86::Operand& operand, GuestVa next);
  void set_debug_extensions();
  std::uint64_t* model_specific(std::uint32_t number);

  unsigned cpl_ = 0;
  std::array<std::uint16_t, 6> selectors_{};  // by their number in instructions: ES CS SS DS FS GS
  std::uint16_t task_register_ = 0;
  GuestVa task_state_;
  DescriptorTable idt_;
  DescriptorTable gdt_;
  std::uint64_t system_flags_ = 0;  // IF, IOPL and NT, which the engine does not get to see
  std::uint64_t cr0_ = cr0::kPe | cr0::kWp | cr0::kNe | cr0::kPg;
  std::uint64_t cr2_ = 0;
  std::uint64_t cr3_ = 0;
  std::uint64_t cr4_ = cr4::kPae | cr4::kOsfxsr | cr4::kOsxmmexcpt;
  std::uint64_t cr8_ = 0;
  std::uint64_t efer_ = efer::kLme | efer::kLma;
  std::uint64_t star_ = 0;
  std::uint64_t lstar_ = 0;
  std::uint64_t fmask_ = 0;
  std::uint64_t kernel_gs_base_ = 0;
  std::uint64_t debugctl_ = 0;
};

}  // namespace trapline::machine
