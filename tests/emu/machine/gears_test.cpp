// Random privileged programs, with breakpoints on what they touch and handlers that pass over what faults:
// both gears must give the same exceptions at the same cycles, the same registers and the same memory,
// wherever the runs are left and gone on with.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "emu/machine/bare/bare_machine.hpp"
#include "isa/byte_order.hpp"

namespace trapline::machine {
namespace {

using isa::Isa;

constexpr std::uint64_t kMemory = 4 << 20;  // bytes
constexpr std::uint64_t kTables = 0x10000;
constexpr std::uint64_t kCode = 0x20000;
constexpr std::uint64_t kWindow =
    0x30000;  // two granules, a third that is read only, and nothing behind them
constexpr std::uint64_t kCycles = 4000;
constexpr unsigned kPrograms = 300;  // of each instruction set

using Random = std::mt19937_64;
std::uint64_t below(Random& random, std::uint64_t bound) { return random() % bound; }
bool one_in(Random& random, std::uint64_t n) { return below(random, n) == 0; }

class Code {
 public:
  explicit Code(std::endian order) : order_(order) {}
  void put(std::uint64_t value, std::size_t size) {
    std::array<std::byte, 8> word{};
    isa::store_word(std::span(word).first(size), value, order_);
    bytes_.insert(bytes_.end(), word.begin(), word.begin() + static_cast<std::ptrdiff_t>(size));
  }
  void put(std::initializer_list<unsigned> bytes) {
    for (const unsigned byte : bytes) put(byte, 1);
  }
  void fill_to(std::size_t size, std::uint64_t value, std::size_t value_size) {
    while (bytes_.size() < size) put(value, value_size);
  }
  std::size_t size() const { return bytes_.size(); }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::endian order_;
  std::vector<std::byte> bytes_;
};

// Mostly an address at or near an edge of the window, or a small number.
std::uint64_t value(Random& random) {
  switch (below(random, 8)) {
    case 0:
      return random();
    case 1:
      return below(random, 16);
    case 2:
      return kCode + below(random, 0x200);
    default: {
      const std::uint64_t at = kWindow + kGranule * below(random, 4) + below(random, 64) - 32;
      return one_in(random, 2) ? at & ~std::uint64_t{7} : at;
    }
  }
}

struct Program {
  Code tables;
  Code code;
};

// The handlers stand behind the table of gates: one adds 1 to the RIP that was pushed, the other drops the
// error code first.
constexpr std::uint64_t kIdtSize = 256 * 16;
Program x86_program(Random& random) {
  Program program{Code(std::endian::little), Code(std::endian::little)};
  Code& tables = program.tables;
  constexpr std::uint64_t kHandler = kTables + kIdtSize;
  constexpr std::uint64_t kErrorHandler = kHandler + 16;
  constexpr std::uint64_t kDescriptor = kHandler + 32;
  constexpr std::uint64_t kWithError =
      1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 17;
  for (unsigned vector = 0; vector < 256; ++vector) {
    const bool error = vector < 32 && (kWithError >> vector & 1) != 0;
    const std::uint64_t to = error ? kErrorHandler : kHandler;
    tables.put(to & 0xffff, 2);
    tables.put(0x08, 2);
    tables.put(0xee00, 2);  // present, DPL 3, 64-bit interrupt gate
    tables.put(to >> 16, 2);
    tables.put(0, 8);
  }
  tables.put({0x48, 0xff, 0x04, 0x24, 0x48, 0xcf});  // inc qword [rsp]; iretq
  tables.fill_to(kErrorHandler - kTables, 0x90, 1);
  tables.put({0x48, 0x83, 0xc4, 0x08, 0x48, 0xff, 0x04, 0x24, 0x48, 0xcf});  // add rsp, 8; the same
  tables.fill_to(kDescriptor - kTables, 0x90, 1);
  tables.put(kIdtSize - 1, 2);
  tables.put(kTables, 8);

  Code& code = program.code;
  code.put({0x0f, 0x01, 0x1c, 0x25});  // lidt [kDescriptor]
  code.put(kDescriptor, 4);
  const auto load_rax = [&](std::uint64_t number) {
    code.put({0x48, 0xb8});
    code.put(number, 8);
  };
  std::uint64_t dr7 = 0;
  for (unsigned slot = 0; slot < 4; ++slot) {
    if (one_in(random, 2)) continue;
    constexpr std::array<unsigned, 4> kKinds{0, 1, 3, 3};
    constexpr std::array<unsigned, 4> kSizes{1, 2, 8, 4};
    const unsigned kind = kKinds[below(random, 4)];
    const auto length = kind == 0 ? 0 : static_cast<unsigned>(below(random, 4));
    load_rax(kind == 0 ? kCode + 0x80 + below(random, 0x80)
                       : (kWindow + below(random, 2) * kGranule + below(random, 64)) / kSizes[length] *
                             kSizes[length]);
    code.put({0x0f, 0x23, 0xc0 + 8 * slot});  // mov dr, rax
    dr7 |= (std::uint64_t{1} << (2 * slot)) | std::uint64_t{kind | length << 2} << (16 + 4 * slot);
  }
  load_rax(dr7);
  code.put({0x0f, 0x23, 0xf8});                                           // mov dr7, rax
  if (one_in(random, 4)) code.put({0x68, 0x02, 0x01, 0x00, 0x00, 0x9d});  // push 0x102; popfq: TF
  for (unsigned reg = 0; reg < 8; ++reg) {
    if (reg == 4) continue;  // RSP
    code.put({0x48, 0xb8 + reg});
    code.put(value(random), 8);
  }
  const std::size_t size = code.size() + 16 + below(random, 80);
  while (code.size() < size) {
    constexpr std::array<unsigned, 24> kOften{0x0f, 0x48, 0x66, 0xf3, 0x01, 0x03, 0x29, 0x89,
                                              0x8b, 0xff, 0xa5, 0xab, 0xd1, 0xf7, 0x83, 0x31,
                                              0x11, 0x06, 0x07, 0x0e, 0x5d, 0xae, 0xc7, 0x50};
    code.put(one_in(random, 2) ? kOften[below(random, kOften.size())] : random() & 0xff, 1);
  }
  code.put({0xf4});  // hlt
  code.fill_to(kGranule, 0x90, 1);
  return program;
}

// Each vector's handler goes on behind the instruction; that of the trace interrupt with the next one, which
// SRR0 has.
Program ppc64_program(Random& random) {
  Program program{Code(std::endian::big), Code(std::endian::big)};
  Code& tables = program.tables;  // from address 0 here
  for (std::uint64_t vector = 0; vector < 0x1800; vector += 0x20) {
    constexpr std::uint64_t kTrace = 0xd00, kFirstHypervisor = 0xe00, kPastHypervisor = 0xec0;
    const bool hypervisor = vector >= kFirstHypervisor && vector < kPastHypervisor;
    const std::uint32_t spr = hypervisor ? 314 : 26;  // HSRR0, SRR0
    const std::uint32_t field = (spr & 31) << 16 | (spr >> 5) << 11;
    const std::uint32_t reg = 31u << 21;
    tables.put(0x7c0002a6 | reg | field, 4);                   // mfspr r31, spr
    tables.put(0x3bff0000 | (vector == kTrace ? 0u : 4u), 4);  // addi r31, r31, 4
    tables.put(0x7c0003a6 | reg | field, 4);                   // mtspr spr, r31
    tables.put(hypervisor ? 0x4c000224 : 0x4c000024, 4);       // hrfid, rfid
    tables.fill_to(vector + 0x20, 0x60000000, 4);
  }
  Code& code = program.code;
  const auto load = [&](std::uint32_t reg, std::uint64_t number) {
    const std::uint32_t to = reg << 21, both = reg << 21 | reg << 16;
    code.put(0x3c000000 | to | (number >> 48 & 0xffff), 4);    // lis
    code.put(0x60000000 | both | (number >> 32 & 0xffff), 4);  // ori
    code.put(0x780007c6 | both, 4);                            // sldi 32
    code.put(0x64000000 | both | (number >> 16 & 0xffff), 4);  // oris
    code.put(0x60000000 | both | (number & 0xffff), 4);        // ori
  };
  const auto move_to_spr = [&](std::uint32_t spr) {
    code.put(0x7c0003a6 | (spr & 31) << 16 | (spr >> 5) << 11, 4);
  };
  constexpr std::uint32_t kDabr = 1013, kDabrx = 1015;
  load(0, 0xf);
  move_to_spr(kDabrx);
  load(0, ((kWindow + below(random, 2) * kGranule + below(random, 64)) & ~std::uint64_t{7}) | 4 |
              below(random, 4));
  move_to_spr(kDabr);
  if (one_in(random, 3)) {
    code.put(0x7c0000a6, 4);  // mfmsr r0
    code.put(0x60000400, 4);  // ori r0, r0, MSR[SE]
    code.put(0x7c000164, 4);  // mtmsrd r0
  }
  for (std::uint32_t reg = 2; reg < 31; ++reg) load(reg, value(random));
  const std::size_t size = code.size() + 4 * (4 + below(random, 24));
  while (code.size() < size) {
    constexpr std::array<std::uint32_t, 16> kPrimary{31, 31, 31, 32, 36, 38, 44, 46,
                                                     47, 50, 54, 58, 62, 4,  60, 63};
    std::uint64_t word = random() & 0xffffffff;
    if (!one_in(random, 3)) word = (word & 0x3ffffff) | kPrimary[below(random, kPrimary.size())] << 26;
    const std::uint64_t primary = word >> 26;
    if (primary >= 32 && primary < 64 && one_in(random, 2))
      word = (word & 0xffff0000) | (below(random, 64) & 0xfffc);
    if (primary == 16 || primary == 18) word = (word & 0xfc000000) | 0x02800000 | 8;
    code.put(word, 4);
  }
  code.put(0x00000200, 4);  // attn
  code.fill_to(kGranule, 0x00000200, 4);
  return program;
}

// Left at random points, by cycles and by single instructions, at which all registers are read.
BareResult run_with_halts(BareMachine& bare, const Machine& machine, Random& random) {
  std::uint64_t next = 0;
  for (;;) {
    HaltAt at{.cycle = next += 1 + below(random, 40)};
    if (one_in(random, 2)) at = {.instruction_of = 0};
    if (bare.advance(kCycles, at) == Left::Ended) return bare.result();
    for (const std::string_view name : bare_register_names(machine.isa())) EXPECT_TRUE(bare.read(name));
  }
}

// `halts`: where it is left, if it is.
std::string run(Isa isa, Gear gear, const Program& program, Random* halts = nullptr) {
  MachineSpec spec = MachineSpec::defaults(isa);
  spec.gear = gear;
  spec.bare = true;
  spec.memory = kMemory;
  Machine machine(spec);
  const std::vector<std::byte> window(3 * kGranule, std::byte{0x5a});
  const std::uint64_t tables = isa == Isa::X86_64 ? kTables : 0;
  const std::array<BareSegment, 4> segments{{
      {GuestVa(tables),
       program.tables.bytes(),
       program.tables.size(),
       {.read = true, .write = true, .execute = true}},
      {GuestVa(kCode), program.code.bytes(), program.code.size(), {.read = true, .execute = true}},
      {GuestVa(kWindow), window, 2 * kGranule, {.read = true, .write = true}},
      {GuestVa(kWindow + 2 * kGranule), window, kGranule, {.read = true}},
  }};
  std::array<BareSegment, 4> parts = segments;
  parts[2].bytes = parts[2].bytes.first(2 * kGranule);
  parts[3].bytes = parts[3].bytes.first(kGranule);
  BareMachine bare(machine, parts, GuestVa(kCode));
  const BareResult result = halts == nullptr ? bare.run(kCycles) : run_with_halts(bare, machine, *halts);
  std::string account;
  for (const ExceptionTaken& taken : result.exceptions) {
    account += fmt::format("{} {}", taken.cycle, taken.name);
    for (const NamedValue& state : taken.state) account += fmt::format(" {} {:#x}", state.name, state.value);
    account += '\n';
  }
  account += fmt::format("end {} {} at {:#x}, {} exceptions, {} cycles, memory {:#x}\n",
                         static_cast<int>(result.end), result.message, result.stopped_at.value,
                         result.exceptions_taken, result.cycles, result.memory_checksum);
  for (const std::string_view name : bare_register_names(isa)) {
    account += fmt::format("{} {:#x}\n", name, bare.read(name).value_or(0));
  }
  return account;
}

std::string text(const Program& program) {
  std::string text;
  for (const std::byte byte : program.code.bytes())
    text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text.substr(0, 800);
}

// With TRAPLINE_GEARS_SEEDS=FIRST:COUNT in the environment other programs than those of the usual run.
std::pair<std::uint64_t, std::uint64_t> seeds() {
  std::uint64_t first = 1, count = kPrograms;
  if (const char* const asked = std::getenv("TRAPLINE_GEARS_SEEDS")) {
    std::sscanf(asked, "%lu:%lu", &first, &count);
  }
  return {first, count};
}

class GearsAgree : public testing::TestWithParam<Isa> {};
INSTANTIATE_TEST_SUITE_P(InstructionSets, GearsAgree, testing::Values(Isa::X86_64, Isa::Ppc64),
                         [](const auto& isa) { return isa.param == Isa::X86_64 ? "X86" : "Ppc64"; });

TEST_P(GearsAgree, OverRandomPrivilegedPrograms) {
  const auto [first, count] = seeds();
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Random random(seed);
    const Program program = GetParam() == Isa::X86_64 ? x86_program(random) : ppc64_program(random);
    const std::string watched = run(GetParam(), Gear::WatchedPages, program);
    ASSERT_EQ(watched, run(GetParam(), Gear::Everything, program))
        << "seed " << seed << ", code " << text(program);
  }
}

// emu/machine/run.hpp
TEST_P(GearsAgree, WhereRunsAreLeftChangesNothing) {
  const auto [first, count] = seeds();
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Random random(seed);
    const Program program = GetParam() == Isa::X86_64 ? x86_program(random) : ppc64_program(random);
    for (const Gear gear : {Gear::WatchedPages, Gear::Everything}) {
      ASSERT_EQ(run(GetParam(), gear, program, &random), run(GetParam(), gear, program))
          << "seed " << seed << ", code " << text(program);
    }
  }
}

}  // namespace
}  // namespace trapline::machine
