// The bits of system registers, from the manuals' tables.
#include <array>

#include "isa/register_layout.hpp"

namespace trapline::isa {

namespace {

using Words = std::array<std::string_view, 2>;

// --- x86-64 ---

constexpr Words kTrapFlag{"no single step", "single step: #DB after each instruction"};
constexpr Words kInterrupts{"maskable interrupts are held off", "maskable interrupts come"};
constexpr Words kDirection{"string instructions go upwards", "string instructions go downwards"};
constexpr Words kResume{"instruction breakpoints count",
                        "instruction breakpoints do not count at the next instruction"};
constexpr Words kAlignmentCheck{"no alignment checks", "#AC on unaligned accesses at CPL 3, with CR0.AM"};

constexpr std::array kRflags{
    BitField{"CF", 0, 1, "carry"},
    BitField{"PF", 2, 1, "parity"},
    BitField{"AF", 4, 1, "auxiliary carry"},
    BitField{"ZF", 6, 1, "zero"},
    BitField{"SF", 7, 1, "sign"},
    BitField{"TF", 8, 1, "trap flag", kTrapFlag},
    BitField{"IF", 9, 1, "interrupt enable flag", kInterrupts},
    BitField{"DF", 10, 1, "direction", kDirection},
    BitField{"OF", 11, 1, "overflow"},
    BitField{"IOPL", 12, 2, "the least privileged CPL that may do I/O"},
    BitField{"NT", 14, 1, "nested task"},
    BitField{"RF", 16, 1, "resume flag", kResume},
    BitField{"VM", 17, 1, "virtual-8086 mode"},
    BitField{"AC", 18, 1, "alignment check", kAlignmentCheck},
    BitField{"VIF", 19, 1, "virtual interrupt flag"},
    BitField{"VIP", 20, 1, "virtual interrupt pending"},
    BitField{"ID", 21, 1, "CPUID is there, if it can be changed"},
};

constexpr Words kProtection{"real mode", "protected mode"};
constexpr Words kNumericError{"x87 errors by external interrupt", "x87 errors by #MF"};
constexpr Words kWriteProtect{"the kernel may write to read-only pages",
                              "read-only pages are so for the kernel, too"};
constexpr Words kPaging{"no paging", "paging"};

constexpr std::array kCr0{
    BitField{"PE", 0, 1, "protection enable", kProtection},
    BitField{"MP", 1, 1, "monitor coprocessor: WAIT heeds TS"},
    BitField{"EM", 2, 1, "emulation: x87 instructions are #NM"},
    BitField{"TS", 3, 1, "task switched: x87 and SSE instructions are #NM"},
    BitField{"ET", 4, 1, "extension type, always 1"},
    BitField{"NE", 5, 1, "numeric error", kNumericError},
    BitField{"WP", 16, 1, "write protect", kWriteProtect},
    BitField{"AM", 18, 1, "alignment mask: RFLAGS.AC counts"},
    BitField{"NW", 29, 1, "not write-through"},
    BitField{"CD", 30, 1, "cache disable"},
    BitField{"PG", 31, 1, "paging", kPaging},
};

constexpr Words kDebuggingExtensions{"DR4 and DR5 are DR6 and DR7; no I/O breakpoints",
                                     "DR4 and DR5 are #UD; R/Wn of 10b watches I/O ports"};

constexpr std::array kCr4{
    BitField{"VME", 0, 1, "virtual-8086 mode extensions"},
    BitField{"PVI", 1, 1, "protected-mode virtual interrupts"},
    BitField{"TSD", 2, 1, "RDTSC is privileged"},
    BitField{"DE", 3, 1, "debugging extensions", kDebuggingExtensions},
    BitField{"PSE", 4, 1, "page size extensions"},
    BitField{"PAE", 5, 1, "physical address extension"},
    BitField{"MCE", 6, 1, "machine-check enable"},
    BitField{"PGE", 7, 1, "global pages"},
    BitField{"PCE", 8, 1, "RDPMC at every CPL"},
    BitField{"OSFXSR", 9, 1, "FXSAVE and SSE"},
    BitField{"OSXMMEXCPT", 10, 1, "SSE errors by #XM"},
    BitField{"UMIP", 11, 1, "SGDT, SIDT, SLDT, SMSW and STR are privileged"},
    BitField{"LA57", 12, 1, "57-bit linear addresses"},
    BitField{"VMXE", 13, 1, "VMX"},
    BitField{"SMXE", 14, 1, "SMX"},
    BitField{"FSGSBASE", 16, 1, "RDFSBASE and its like"},
    BitField{"PCIDE", 17, 1, "process-context identifiers"},
    BitField{"OSXSAVE", 18, 1, "XSAVE, and with it AVX"},
    BitField{"KL", 19, 1, "key locker"},
    BitField{"SMEP", 20, 1, "the kernel executes no user pages"},
    BitField{"SMAP", 21, 1, "the kernel accesses no user pages"},
    BitField{"PKE", 22, 1, "protection keys for user pages"},
    BitField{"CET", 23, 1, "control-flow enforcement"},
    BitField{"PKS", 24, 1, "protection keys for supervisor pages"},
    BitField{"UINTR", 25, 1, "user interrupts"},
};

constexpr Words kBranchStep{"RFLAGS.TF steps instructions", "RFLAGS.TF steps branches"};

constexpr std::array kDebugctl{
    BitField{"LBR", 0, 1, "last branch records"},
    BitField{"BTF", 1, 1, "single step on branches", kBranchStep},
    BitField{"BLD", 2, 1, "#DB on bus locks"},
    BitField{"TR", 6, 1, "trace messages"},
    BitField{"BTS", 7, 1, "branch trace store"},
    BitField{"BTINT", 8, 1, "interrupt where the branch trace store is full"},
    BitField{"BTS_OFF_OS", 9, 1, "no branch trace at CPL 0"},
    BitField{"BTS_OFF_USR", 10, 1, "no branch trace at CPL above 0"},
    BitField{"FREEZE_LBRS_ON_PMI", 11, 1, "a counter's interrupt stops last branch records"},
    BitField{"FREEZE_PERFMON_ON_PMI", 12, 1, "a counter's interrupt stops the counters"},
    BitField{"ENABLE_UNCORE_PMI", 13, 1, "interrupts of uncore counters"},
    BitField{"FREEZE_WHILE_SMM", 14, 1, "counters stop in SMM"},
    BitField{"RTM", 15, 1, "advanced debugging of transactional regions"},
};

// --- PPC64 ---

constexpr Words kSixtyFour{"32-bit mode", "64-bit mode"};
constexpr Words kHypervisor{"not hypervisor state", "hypervisor state, unless PR is 1"};
constexpr Words kProblem{"privileged state", "problem state"};
constexpr Words kExternal{"external interrupts and the decrementer are held off",
                          "external interrupts and the decrementer come"};
constexpr Words kStep{"no single-step trace", "trace interrupt after each instruction"};
constexpr Words kBranch{"no branch trace", "trace interrupt after each branch"};
constexpr Words kInstructions{"instruction addresses are real", "instruction addresses are translated"};
constexpr Words kData{"data addresses are real", "data addresses are translated"};
constexpr Words kLittle{"big-endian", "little-endian"};
constexpr Words kAvailable{"not available: their instructions interrupt", "available"};

constexpr std::array kMsr{
    BitField{"LE", 0, 1, "byte order", kLittle},
    BitField{"RI", 1, 1, "an interrupt here can be recovered from"},
    BitField{"PMM", 2, 1, "performance monitor mark"},
    BitField{"DR", 4, 1, "data relocate", kData},
    BitField{"IR", 5, 1, "instruction relocate", kInstructions},
    BitField{"FE1", 8, 1, "floating-point exception mode 1"},
    BitField{"BE", 9, 1, "branch trace enable", kBranch},
    BitField{"SE", 10, 1, "single-step trace enable", kStep},
    BitField{"FE0", 11, 1, "floating-point exception mode 0"},
    BitField{"ME", 12, 1, "machine check interrupts are enabled"},
    BitField{"FP", 13, 1, "floating point", kAvailable},
    BitField{"PR", 14, 1, "problem state", kProblem},
    BitField{"EE", 15, 1, "external interrupt enable", kExternal},
    BitField{"VSX", 23, 1, "VSX", kAvailable},
    BitField{"VEC", 25, 1, "vectors", kAvailable},
    BitField{"TM", 32, 1, "transactional memory", kAvailable},
    BitField{"TS", 33, 2, "transaction state"},
    BitField{"HV", 60, 1, "hypervisor state", kHypervisor},
    BitField{"SF", 63, 1, "64-bit mode", kSixtyFour},
};

constexpr Words kNoTranslation{"not for want of a translation", "no translation was found"};
constexpr Words kProtected{"not for protection", "the access is not permitted"};
constexpr Words kInhibited{"not for the storage's attributes",
                           "an instruction that such storage (caching inhibited) does not allow"};
constexpr Words kStoreAccess{"a load", "a store, or dcbz"};
constexpr Words kMatched{"no match of DABR or DAWR", "DABR or a DAWR matched"};
constexpr Words kKey{"not for a protection key", "the virtual page class key does not permit it"};

constexpr std::array kDsisr{
    BitField{"KEY", 21, 1, "virtual page class key protection", kKey},
    BitField{"MATCH", 22, 1, "Data Address Breakpoint or Watchpoint match", kMatched},
    BitField{"STORE", 25, 1, "the access", kStoreAccess},
    BitField{"CI", 26, 1, "storage control attributes", kInhibited},
    BitField{"PROT", 27, 1, "storage protection", kProtected},
    BitField{"NOPTE", 30, 1, "translation", kNoTranslation},
};

constexpr std::array kLayouts{
    RegisterLayout{"rflags", Isa::X86_64, "flags", "Intel SDM vol. 1, 3.4.3", kRflags, 2},
    RegisterLayout{"cr0", Isa::X86_64, "control register", "Intel SDM vol. 3A, 2.5", kCr0},
    RegisterLayout{"cr4", Isa::X86_64, "control register", "Intel SDM vol. 3A, 2.5", kCr4},
    RegisterLayout{"debugctl", Isa::X86_64, "IA32_DEBUGCTL", "Intel SDM vol. 3B, 17.4.1", kDebugctl},
    RegisterLayout{"msr", Isa::Ppc64, "Machine State Register",
                   "Power ISA v2.07, Book III-S, \"Machine State Register\"", kMsr},
    // The manual has no names for its bits.
    RegisterLayout{"dsisr", Isa::Ppc64,
                   "Data Storage Interrupt Status Register, after a data storage interrupt",
                   "Power ISA v2.07, Book III-S, \"Data Storage Interrupt\"", kDsisr},
};

}  // namespace

std::span<const RegisterLayout> system_register_layouts() { return kLayouts; }

}  // namespace trapline::isa
