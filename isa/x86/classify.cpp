#include "isa/x86/classify.hpp"

#include <capstone/capstone.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "isa/x86/prefixes.hpp"

namespace trapline::isa::x86 {
namespace {

// How a row of classes.inc reads its class.
enum class Rule : std::uint8_t {
  None,      // not in the table
  Always,    // the class
  Loads,     // with a memory operand Load, else the class
  Stores,    // with a memory operand Store, else the class
  Moves,     // Store where memory is the destination, Load where it is a source, else the class
  Modifies,  // ReadModify where memory is the destination, Load where it is a source, else the class
  Pushes,    // with a memory operand ReadModify, else the class
};

struct Row {
  Rule rule = Rule::None;
  InstructionClass cls = InstructionClass::System;
};

constexpr std::array<Row, X86_INS_ENDING> kRows = [] {
  std::array<Row, X86_INS_ENDING> rows{};
#define X86_CLASS_RANGE(first, last, rule, cls)                      \
  for (std::size_t id = X86_INS_##first; id <= X86_INS_##last; ++id) \
    rows[id] = {Rule::rule, InstructionClass::cls};
#define X86_CLASS(id, rule, cls) X86_CLASS_RANGE(id, id, rule, cls)
#include "isa/x86/classes.inc"
#undef X86_CLASS
#undef X86_CLASS_RANGE
  return rows;
}();

// How many of its class an instruction is carried out as.
constexpr std::array<std::uint8_t, X86_INS_ENDING> kTimes = [] {
  std::array<std::uint8_t, X86_INS_ENDING> times{};
  times.fill(1);
#define X86_TIMES(id, count) times[X86_INS_##id] = count;
#include "isa/x86/times.inc"
#undef X86_TIMES
  return times;
}();

// MOV to a segment register reads a descriptor and checks it.
constexpr std::uint8_t kSegmentTimes = 4;

// The string instructions (SDM vol. 1, 7.3.9.1 and vol. 2, REP), by opcode: Capstone has one identifier for
// movsd of the string and of the SSE kind.
struct StringOpcode {
  std::uint8_t opcode;  // of the byte form; the next one is the word, doubleword and quadword form
  InstructionClass cls;
};

constexpr std::array kStringOpcodes{
    StringOpcode{0x6c, InstructionClass::System},      // ins
    StringOpcode{0x6e, InstructionClass::System},      // outs
    StringOpcode{0xa4, InstructionClass::ReadModify},  // movs
    StringOpcode{0xa6, InstructionClass::Load},        // cmps
    StringOpcode{0xaa, InstructionClass::Store},       // stos
    StringOpcode{0xac, InstructionClass::Load},        // lods
    StringOpcode{0xae, InstructionClass::Load},        // scas
};

struct GroupClass {
  std::uint8_t group;
  InstructionClass cls;
};

// The first row that matches wins.
constexpr std::array kGroupClasses{
    GroupClass{X86_GRP_PRIVILEGE, InstructionClass::System},
    GroupClass{X86_GRP_VM, InstructionClass::System},
    GroupClass{X86_GRP_INT, InstructionClass::System},
    GroupClass{X86_GRP_IRET, InstructionClass::System},
    GroupClass{X86_GRP_CALL, InstructionClass::Call},
    GroupClass{X86_GRP_RET, InstructionClass::Call},
    GroupClass{X86_GRP_JUMP, InstructionClass::Branch},
    GroupClass{X86_GRP_FPU, InstructionClass::Float},
};

constexpr auto kBlockEndGroups = std::to_array<std::uint8_t>({
    X86_GRP_JUMP,
    X86_GRP_BRANCH_RELATIVE,
    X86_GRP_CALL,
    X86_GRP_RET,
    X86_GRP_INT,
    X86_GRP_IRET,
    X86_GRP_VM,
});

constexpr auto kBlockEnds = std::to_array<unsigned>({
    X86_INS_HLT,
    X86_INS_UD0,
    X86_INS_UD2,
    X86_INS_UD2B,
    X86_INS_INT1,
    X86_INS_INTO,
    X86_INS_RSM,
    X86_INS_SYSENTER,
    X86_INS_SYSEXIT,
    X86_INS_LJMP,
    X86_INS_XBEGIN,
    X86_INS_XABORT,
});

// An instruction whose operands are vectors. Its destination comes first, as always in Intel's syntax.
constexpr auto kVectorGroups = std::to_array<std::uint8_t>({
    X86_GRP_MMX,   X86_GRP_3DNOW, X86_GRP_SSE1,  X86_GRP_SSE2, X86_GRP_SSE3,   X86_GRP_SSSE3, X86_GRP_SSE41,
    X86_GRP_SSE42, X86_GRP_SSE4A, X86_GRP_AES,   X86_GRP_SHA,  X86_GRP_PCLMUL, X86_GRP_AVX,   X86_GRP_AVX2,
    X86_GRP_F16C,  X86_GRP_FMA,   X86_GRP_FMA4,  X86_GRP_XOP,  X86_GRP_AVX512, X86_GRP_CDI,   X86_GRP_ERI,
    X86_GRP_PFI,   X86_GRP_VLX,   X86_GRP_NOVLX, X86_GRP_DQI,  X86_GRP_BWI,
});

struct Memory {
  bool any = false;
  bool first = false;  // the operand that Intel's syntax puts first: the destination, if there is one
  bool read = false;
  bool written = false;
};

Memory memory_of(const cs_x86& detail) {
  Memory result;
  for (std::size_t i = 0; i < detail.op_count; ++i) {
    const cs_x86_op& operand = detail.operands[i];
    if (operand.type != X86_OP_MEM) continue;
    result.any = true;
    result.first = result.first || i == 0;
    result.read = result.read || (operand.access & CS_AC_READ) != 0;
    result.written = result.written || (operand.access & CS_AC_WRITE) != 0;
  }
  return result;
}

InstructionClass apply(Row row, Memory memory) {
  if (!memory.any) return row.cls;
  switch (row.rule) {
    case Rule::None:
    case Rule::Always:
      break;
    case Rule::Loads:
      return InstructionClass::Load;
    case Rule::Stores:
      return InstructionClass::Store;
    case Rule::Moves:
      return memory.first ? InstructionClass::Store : InstructionClass::Load;
    case Rule::Modifies:
      return memory.first ? InstructionClass::ReadModify : InstructionClass::Load;
    case Rule::Pushes:
      return InstructionClass::ReadModify;
  }
  return row.cls;
}

InstructionClass by_access(Memory memory) {
  if (memory.read && memory.written) return InstructionClass::ReadModify;
  if (memory.written) return InstructionClass::Store;
  return memory.read ? InstructionClass::Load : InstructionClass::Simple;
}

template <class Table>
bool in_any(std::span<const std::uint8_t> groups, const Table& wanted) {
  return std::ranges::any_of(
      groups, [&wanted](std::uint8_t group) { return std::ranges::find(wanted, group) != wanted.end(); });
}

// What addresses memory through SS: by RSP or RBP, or as a stack (SDM vol. 1, 3.7.4).
bool uses_stack(const cs_insn& decoded, std::span<const std::uint8_t> groups) {
  const cs_x86& detail = decoded.detail->x86;
  for (std::size_t i = 0; i < detail.op_count; ++i) {
    const cs_x86_op& operand = detail.operands[i];
    if (operand.type != X86_OP_MEM) continue;
    const bool overridden = operand.mem.segment == X86_REG_FS || operand.mem.segment == X86_REG_GS;
    return !overridden && (operand.mem.base == X86_REG_RSP || operand.mem.base == X86_REG_RBP);
  }
  constexpr std::array<std::uint32_t, 6> kOthers{X86_INS_PUSH,  X86_INS_POP,   X86_INS_PUSHFQ,
                                                 X86_INS_POPFQ, X86_INS_ENTER, X86_INS_LEAVE};
  constexpr std::array<std::uint8_t, 2> kGroups{CS_GRP_CALL, CS_GRP_RET};
  return in_any(groups, kGroups) || std::ranges::find(kOthers, decoded.id) != kOthers.end();
}

bool loads_segment(const cs_insn& decoded) {
  constexpr std::array<unsigned, 6> kSegments{X86_REG_CS, X86_REG_DS, X86_REG_ES,
                                              X86_REG_FS, X86_REG_GS, X86_REG_SS};
  const cs_x86& detail = decoded.detail->x86;
  return decoded.id == X86_INS_MOV && detail.op_count > 0 && detail.operands[0].type == X86_OP_REG &&
         std::ranges::find(kSegments, static_cast<unsigned>(detail.operands[0].reg)) != kSegments.end();
}

std::optional<InstructionClass> string_class(std::uint8_t opcode) {
  const auto row = std::ranges::find_if(
      kStringOpcodes, [opcode](const StringOpcode& entry) { return (opcode & 0xfe) == entry.opcode; });
  if (row == kStringOpcodes.end()) return std::nullopt;
  return row->cls;
}

InstructionClass class_of(const cs_insn& decoded, std::span<const std::uint8_t> groups) {
  const Memory memory = memory_of(decoded.detail->x86);
  const Row row = decoded.id < kRows.size() ? kRows[decoded.id] : Row{};
  if (row.rule != Rule::None) return apply(row, memory);

  for (const GroupClass& entry : kGroupClasses) {
    if (std::ranges::find(groups, entry.group) != groups.end()) return entry.cls;
  }
  if (in_any(groups, kVectorGroups)) return memory.first ? InstructionClass::Store : InstructionClass::Vector;
  return by_access(memory);
}

}  // namespace

Instruction classify(const cs_insn& decoded, std::span<const std::byte> bytes) {
  const Prefixes prefixes = scan_prefixes(bytes.first(decoded.size));
  const auto opcode =
      std::to_integer<std::uint8_t>(bytes[std::min<std::size_t>(prefixes.length, decoded.size - 1u)]);
  const std::span groups(decoded.detail->groups, decoded.detail->groups_count);

  Instruction result{.size = static_cast<std::uint8_t>(decoded.size)};
  result.stack_segment = uses_stack(decoded, groups);
  if (const auto cls = string_class(opcode)) {
    result.cls = *cls;
    result.repeated = prefixes.repeat != 0;
  } else {
    result.cls = class_of(decoded, groups);
    if (decoded.id < kTimes.size()) result.times = kTimes[decoded.id];
    if (loads_segment(decoded)) {
      result.cls = InstructionClass::System;
      result.times = kSegmentTimes;
    }
    result.ends_block =
        in_any(groups, kBlockEndGroups) || std::ranges::find(kBlockEnds, decoded.id) != kBlockEnds.end();
  }
  return result;
}

}  // namespace trapline::isa::x86
