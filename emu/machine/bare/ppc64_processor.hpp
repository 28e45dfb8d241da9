// The privileged side of a 64-bit server Power processor, as far as bare machines have it. The program always
// runs in the engine's problem state: what that refuses is carried out here according to the MSR that the
// program believes to have.
//
// Sources: Power ISA v2.06 and v2.07, Book III-S: 3.2.1 (MSR), 3.3.1 (rfid, sc), 4.4 (SPRs, mtmsrd), 6
// (interrupts).
#pragma once

#include "emu/machine/bare/processor.hpp"
#include "isa/ppc64/registers.hpp"

namespace trapline::machine {

class Ppc64Processor final : public Processor {
 public:
  Ppc64Processor(Machine& machine, Cpu& cpu, const ProgramMemory& memory, ProgramEvents& events,
                 GuestVa entry);

  void stopped(const Stop& stop) override;
  std::optional<std::uint64_t> read(std::string_view name) override;

 private:
  using Reg = isa::ppc64::Reg;

  struct Interrupt {
    std::uint64_t vector = 0;
    GuestVa from;                // for SRR0
    std::uint64_t status = 0;    // bits of SRR1 beside those of MSR
    bool hypervisor = false;     // sets HSRR0 and HSRR1 instead of SRR0 and SRR1
    bool to_hypervisor = false;  // sets MSR[HV]
    bool sets_dar = false;
    bool sets_dsisr = false;
  };

  // A special register that is not in the engine.
  struct Special {
    unsigned number = 0;
    std::string_view name;
    std::uint64_t Ppc64Processor::*value = nullptr;
    bool hypervisor = false;
    std::optional<debugunit::Register> debug{};  // where `value` is null
  };

  void debug_exception(const DebugException& exception);
  void page_fault(const PageFault& fault);
  void alignment();
  void trace(GuestVa instruction);
  void interrupt(const Interrupt& interrupt);
  void program(std::uint64_t reason);

  // False where the word is none of the instructions that are carried out here.
  bool carry_out(std::uint32_t word);
  void move_special(std::uint32_t word, bool to);
  void return_from_interrupt(bool hypervisor);
  void move_to_msr(std::uint32_t word, bool whole);
  void complete(GuestVa next);

  // MSR in all its consequences.
  void set_msr(std::uint64_t value);
  bool problem_state() const { return (msr_ & isa::ppc64::kMsrPr) != 0; }
  bool hypervisor_state() const { return (msr_ & isa::ppc64::kMsrHv) != 0 && !problem_state(); }
  std::uint32_t word_at(GuestVa address);
  bool has(debugunit::Register reg) const;
  std::span<const Special> specials() const;

  AddressSpace real_;
  AddressSpace translated_code_;  // MSR[IR] without MSR[DR]
  AddressSpace translated_data_;  // MSR[DR] without MSR[IR]
  const AddressSpace* space_ = nullptr;
  bool exact_trace_ = false;  // Power ISA v2.07: SRR1 tells what was traced

  std::uint64_t msr_ = 0;
  std::uint64_t srr0_ = 0;
  std::uint64_t srr1_ = 0;
  std::uint64_t hsrr0_ = 0;
  std::uint64_t hsrr1_ = 0;
  std::uint64_t dar_ = 0;
  std::uint64_t dsisr_ = 0;
  std::uint64_t heir_ = 0;
  std::uint64_t lpcr_ = 0;
  std::uint64_t pvr_ = 0x003f0201;  // a POWER7
  std::uint64_t siar_ = 0;
  std::uint64_t sprg0_ = 0;
  std::uint64_t sprg1_ = 0;
  std::uint64_t sprg2_ = 0;
  std::uint64_t sprg3_ = 0;
  std::uint64_t hsprg0_ = 0;
  std::uint64_t hsprg1_ = 0;
};

}  // namespace trapline::machine
