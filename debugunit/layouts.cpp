#include "debugunit/layouts.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "debugunit/ppc64/dabr.hpp"
#include "debugunit/ppc64/dawr.hpp"
#include "debugunit/x86/debug_registers.hpp"

namespace trapline::debugunit {

namespace {

using isa::BitField;
using isa::Isa;
using isa::RegisterLayout;
using Words = std::array<std::string_view, 2>;

// --- x86-64 ---

constexpr std::array kAddress{BitField{"ADDRESS", 0, 64, "the linear address that is watched"}};

constexpr Words kMet0{"the condition of breakpoint 0 was not met", "the condition of breakpoint 0 was met"};
constexpr Words kMet1{"the condition of breakpoint 1 was not met", "the condition of breakpoint 1 was met"};
constexpr Words kMet2{"the condition of breakpoint 2 was not met", "the condition of breakpoint 2 was met"};
constexpr Words kMet3{"the condition of breakpoint 3 was not met", "the condition of breakpoint 3 was met"};
constexpr Words kBusLock{"a bus lock", "no bus lock, or a processor that does not tell"};
constexpr Words kDetected{"no access to a debug register under DR7.GD",
                          "an access to a debug register under DR7.GD"};
constexpr Words kSingleStep{"no single step", "a single step, under RFLAGS.TF"};
constexpr Words kTaskSwitch{"no task switch", "a task switch, to a TSS with the T flag"};
constexpr Words kTransaction{"in a transactional region", "not in a transactional region"};

constexpr std::array kDr6{
    BitField{"B0", 0, 1, "breakpoint 0", kMet0},
    BitField{"B1", 1, 1, "breakpoint 1", kMet1},
    BitField{"B2", 2, 1, "breakpoint 2", kMet2},
    BitField{"B3", 3, 1, "breakpoint 3", kMet3},
    BitField{"BLD", 11, 1, "bus lock detected, told by 0", kBusLock},
    BitField{"BD", 13, 1, "debug register access detected", kDetected},
    BitField{"BS", 14, 1, "single step", kSingleStep},
    BitField{"BT", 15, 1, "task switch", kTaskSwitch},
    BitField{"RTM", 16, 1, "restricted transactional memory, told by 0", kTransaction},
};
constexpr std::uint64_t kDr6Ones = x86::dr6::kFixedOnes & ~(x86::dr6::kBld | x86::dr6::kRtm);

constexpr Words kLocal{"not enabled locally", "enabled locally (a task switch clears it)"};
constexpr Words kGlobal{"not enabled globally", "enabled globally"};
constexpr Words kExact{"no exact match; without effect since the P6",
                       "exact match; without effect since the P6"};
constexpr Words kInTransactions{"breakpoints in transactional regions abort them",
                                "breakpoints in transactional regions are told (with IA32_DEBUGCTL.RTM)"};
constexpr Words kGeneralDetect{"debug registers may be accessed",
                               "#DB before each access to a debug register"};
constexpr std::array<std::string_view, 4> kReadWrite{"execution of the instruction", "data writes",
                                                     "I/O reads and writes (with CR4.DE)",
                                                     "data reads and writes"};
constexpr std::array<std::string_view, 4> kLength{"1 byte", "2 bytes", "8 bytes", "4 bytes"};

constexpr std::array kDr7{
    BitField{"L0", 0, 1, "breakpoint 0", kLocal},
    BitField{"G0", 1, 1, "breakpoint 0", kGlobal},
    BitField{"L1", 2, 1, "breakpoint 1", kLocal},
    BitField{"G1", 3, 1, "breakpoint 1", kGlobal},
    BitField{"L2", 4, 1, "breakpoint 2", kLocal},
    BitField{"G2", 5, 1, "breakpoint 2", kGlobal},
    BitField{"L3", 6, 1, "breakpoint 3", kLocal},
    BitField{"G3", 7, 1, "breakpoint 3", kGlobal},
    BitField{"LE", 8, 1, "local exact breakpoint enable", kExact},
    BitField{"GE", 9, 1, "global exact breakpoint enable", kExact},
    BitField{"RTM", 11, 1, "restricted transactional memory", kInTransactions},
    BitField{"GD", 13, 1, "general detect enable", kGeneralDetect},
    BitField{"R/W0", 16, 2, "breakpoint 0", kReadWrite},
    BitField{"LEN0", 18, 2, "breakpoint 0", kLength},
    BitField{"R/W1", 20, 2, "breakpoint 1", kReadWrite},
    BitField{"LEN1", 22, 2, "breakpoint 1", kLength},
    BitField{"R/W2", 24, 2, "breakpoint 2", kReadWrite},
    BitField{"LEN2", 26, 2, "breakpoint 2", kLength},
    BitField{"R/W3", 28, 2, "breakpoint 3", kReadWrite},
    BitField{"LEN3", 30, 2, "breakpoint 3", kLength},
};

// --- PPC64 ---

constexpr Words kLoads{"loads do not match", "loads match"};
constexpr Words kStores{"stores do not match", "stores match"};
constexpr Words kTranslated{"matches while MSR[DR] is 0", "matches while MSR[DR] is 1"};
constexpr Words kHyp{"not in hypervisor state", "in hypervisor state"};
constexpr Words kPnh{"not in privileged, non-hypervisor state", "in privileged, non-hypervisor state"};
constexpr Words kPro{"not in problem state", "in problem state"};
constexpr Words kHrammc{"all bits of addresses are compared",
                        "bit 0 of addresses in hypervisor real mode is not compared"};

constexpr Words kIgnoreBt{"BT counts", "BT is ignored"};
constexpr Words kIgnoreWt{"WT counts", "WT is ignored"};

constexpr std::array kDabr{
    BitField{"DR", 0, 1, "data read", kLoads},
    BitField{"DW", 1, 1, "data write", kStores},
    BitField{"BT", 2, 1, "breakpoint translation", kTranslated},
    BitField{"DAB", 3, 61, "the doubleword that is watched, its address divided by 8"},
};
constexpr std::array kDabrx{
    BitField{"PRO", 0, 1, "PRIVM: problem state", kPro},
    BitField{"PNH", 1, 1, "PRIVM: privileged, non-hypervisor state", kPnh},
    BitField{"HYP", 2, 1, "PRIVM: hypervisor state", kHyp},
    BitField{"BTI", 3, 1, "breakpoint translation ignore", kIgnoreBt},
};
constexpr std::array kDawr{
    BitField{"DEAW", 3, 61, "the first doubleword that is watched, its address divided by 8"}};
constexpr std::array kDawrx{
    BitField{"PRO", 0, 1, "PRIVM: problem state", kPro},
    BitField{"PNH", 1, 1, "PRIVM: privileged, non-hypervisor state", kPnh},
    BitField{"HYP", 2, 1, "PRIVM: hypervisor state", kHyp},
    BitField{"WTI", 3, 1, "watchpoint translation ignore", kIgnoreWt},
    BitField{"WT", 4, 1, "watchpoint translation", kTranslated},
    BitField{"DR", 5, 1, "data read", kLoads},
    BitField{"DW", 6, 1, "data write", kStores},
    BitField{"HRAMMC", 7, 1, "hypervisor real addressing mode match control", kHrammc},
    BitField{"MRD", ppc64::dawrx::kMrdShift, 6, "match range: doublewords after the first"},
};

constexpr std::string_view kDrSource = "Intel SDM vol. 3B, 17.2.1";
constexpr std::string_view kDabrSource = "Power ISA v2.06, Book III-S, \"Data Address Breakpoint\"";
constexpr std::string_view kDawrSource = "Power ISA v2.07 and v3.1, Book III, \"Data Address Watchpoint\"";

constexpr std::array kLayouts{
    RegisterLayout{"dr0", Isa::X86_64, "debug address register of breakpoint 0", kDrSource, kAddress},
    RegisterLayout{"dr1", Isa::X86_64, "debug address register of breakpoint 1", kDrSource, kAddress},
    RegisterLayout{"dr2", Isa::X86_64, "debug address register of breakpoint 2", kDrSource, kAddress},
    RegisterLayout{"dr3", Isa::X86_64, "debug address register of breakpoint 3", kDrSource, kAddress},
    RegisterLayout{"dr6", Isa::X86_64, "debug status register", "Intel SDM vol. 3B, 17.2.3", kDr6, kDr6Ones},
    RegisterLayout{"dr7", Isa::X86_64, "debug control register", "Intel SDM vol. 3B, 17.2.4", kDr7,
                   x86::dr7::kFixedOnes},
    RegisterLayout{"dabr", Isa::Ppc64, "Data Address Breakpoint Register", kDabrSource, kDabr},
    RegisterLayout{"dabrx", Isa::Ppc64, "Data Address Breakpoint Register Extension", kDabrSource, kDabrx},
    RegisterLayout{"dawr0", Isa::Ppc64, "Data Address Watchpoint 0", kDawrSource, kDawr},
    RegisterLayout{"dawrx0", Isa::Ppc64, "Data Address Watchpoint Extension 0", kDawrSource, kDawrx},
    RegisterLayout{"dawr1", Isa::Ppc64, "Data Address Watchpoint 1", kDawrSource, kDawr},
    RegisterLayout{"dawrx1", Isa::Ppc64, "Data Address Watchpoint Extension 1", kDawrSource, kDawrx},
};

// Names for the same bits.
struct OtherName {
  Isa isa;
  std::string_view name;
  std::string_view is;
};
constexpr std::array kOtherNames{
    OtherName{Isa::X86_64, "eflags", "rflags"}, OtherName{Isa::X86_64, "ia32_debugctl", "debugctl"},
    OtherName{Isa::Ppc64, "dawr", "dawr0"},     OtherName{Isa::Ppc64, "dawrx", "dawrx0"},
    OtherName{Isa::Ppc64, "srr1", "msr"},       OtherName{Isa::Ppc64, "hsrr1", "msr"},
};

}  // namespace

const isa::RegisterLayout* layout_of(Isa isa, std::string_view name) {
  std::string wanted(name);
  std::ranges::transform(wanted, wanted.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const OtherName& other : kOtherNames) {
    if (other.isa == isa && other.name == wanted) wanted = other.is;
  }
  for (const std::span<const RegisterLayout> layouts :
       {std::span<const RegisterLayout>(kLayouts), isa::system_register_layouts()}) {
    for (const RegisterLayout& layout : layouts) {
      if (layout.isa == isa && layout.name == wanted) return &layout;
    }
  }
  return nullptr;
}

std::vector<std::string_view> layout_names() {
  std::vector<std::string_view> names;
  for (const RegisterLayout& layout : kLayouts) names.push_back(layout.name);
  for (const RegisterLayout& layout : isa::system_register_layouts()) names.push_back(layout.name);
  return names;
}

}  // namespace trapline::debugunit
