#include "emu/scenario/perf/registers.hpp"

#include <algorithm>
#include <array>

namespace trapline::scenario {

namespace {

constexpr std::array<std::string_view, 24> kX86{
    "ax", "bx", "cx", "dx", "si", "di", "bp",  "sp",  "ip",  "flags", "cs",  "ss",
    "ds", "es", "fs", "gs", "r8", "r9", "r10", "r11", "r12", "r13",   "r14", "r15",
};
constexpr std::array<std::string_view, 45> kPpc64{
    "r0",   "r1",  "r2",  "r3",    "r4",   "r5",  "r6",    "r7",   "r8",    "r9",  "r10",     "r11",
    "r12",  "r13", "r14", "r15",   "r16",  "r17", "r18",   "r19",  "r20",   "r21", "r22",     "r23",
    "r24",  "r25", "r26", "r27",   "r28",  "r29", "r30",   "r31",  "nip",   "msr", "orig_r3", "ctr",
    "link", "xer", "ccr", "softe", "trap", "dar", "dsisr", "sier", "mmcra",
};

}  // namespace

std::span<const std::string_view> perf_registers(isa::Isa isa) {
  switch (isa) {
    case isa::Isa::X86_64:
      return kX86;
    case isa::Isa::Ppc64:
      return kPpc64;
  }
  return {};
}

std::optional<unsigned> number_of_perf_register(isa::Isa isa, std::string_view name) {
  const auto names = perf_registers(isa);
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<unsigned>(found - names.begin());
}

}  // namespace trapline::scenario
