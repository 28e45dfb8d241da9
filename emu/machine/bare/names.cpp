// The words in which bare machines are described and questioned.
#include <array>

#include "emu/machine/bare/bare_machine.hpp"

namespace trapline::machine {

namespace {

using isa::Isa;

// Intel SDM vol. 3A, table 6-1; `INT n` stands for the vectors that only software raises.
constexpr std::array<std::string_view, 18> kX86ExceptionNames{"#DE", "#DB", "#BP", "#OF", "#BR", "#UD",
                                                              "#NM", "#DF", "#TS", "#NP", "#SS", "#GP",
                                                              "#PF", "#MF", "#AC", "#MC", "#XM", "INT n"};
constexpr std::array<std::string_view, 7> kX86State{"rip", "rflags", "cs", "error", "cr2", "dr6", "dr7"};
constexpr std::array<std::string_view, 37> kX86Registers{
    "rax", "rbx", "rcx", "rdx", "rsi",    "rdi", "rbp", "rsp", "r8",  "r9",  "r10", "r11",     "r12",
    "r13", "r14", "r15", "rip", "rflags", "cs",  "ss",  "ds",  "es",  "fs",  "gs",  "fs_base", "gs_base",
    "cr0", "cr2", "cr3", "cr4", "cr8",    "dr0", "dr1", "dr2", "dr3", "dr6", "dr7"};

// Power ISA v2.07, Book III-S, 6.5, in the order of their vectors.
constexpr std::array<std::string_view, 16> kPpc64Exceptions{"system-reset",
                                                            "machine-check",
                                                            "data-storage",
                                                            "data-segment",
                                                            "instruction-storage",
                                                            "instruction-segment",
                                                            "external",
                                                            "alignment",
                                                            "program",
                                                            "floating-point-unavailable",
                                                            "system-call",
                                                            "trace",
                                                            "hypervisor-emulation-assistance",
                                                            "vector-unavailable",
                                                            "vsx-unavailable",
                                                            "facility-unavailable"};
constexpr std::array<std::string_view, 6> kPpc64State{"srr0", "srr1", "hsrr0", "hsrr1", "dar", "dsisr"};
constexpr std::array<std::string_view, 58> kPpc64Registers{
    "r0",    "r1",    "r2",    "r3",    "r4",     "r5",    "r6",     "r7",    "r8",     "r9",
    "r10",   "r11",   "r12",   "r13",   "r14",    "r15",   "r16",    "r17",   "r18",    "r19",
    "r20",   "r21",   "r22",   "r23",   "r24",    "r25",   "r26",    "r27",   "r28",    "r29",
    "r30",   "r31",   "nip",   "msr",   "ctr",    "lr",    "xer",    "cr",    "srr0",   "srr1",
    "hsrr0", "hsrr1", "dar",   "dsisr", "sprg0",  "sprg1", "sprg2",  "sprg3", "hsprg0", "hsprg1",
    "heir",  "dabr",  "dabrx", "dawr0", "dawrx0", "dawr1", "dawrx1", "lpcr"};

}  // namespace

std::span<const std::string_view> bare_exception_names(Isa isa) {
  if (isa == Isa::X86_64) return kX86ExceptionNames;
  return kPpc64Exceptions;
}

std::span<const std::string_view> bare_state_names(Isa isa) {
  if (isa == Isa::X86_64) return kX86State;
  return kPpc64State;
}

std::span<const std::string_view> bare_register_names(Isa isa) {
  if (isa == Isa::X86_64) return kX86Registers;
  return kPpc64Registers;
}

}  // namespace trapline::machine
