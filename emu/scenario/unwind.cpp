#include "emu/scenario/unwind.hpp"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <unordered_map>
#include <utility>

#include "emu/scenario/elf_file.hpp"

namespace trapline::scenario {

namespace {

using isa::GuestVa;

struct EndFrame {
  // libdw's frames are the caller's to free.
  void operator()(Dwarf_Frame* frame) const { std::free(frame); }  // NOLINT(cppcoreguidelines-no-malloc)
};
struct EndCfi {
  void operator()(Dwarf_CFI* cfi) const { dwarf_cfi_end(cfi); }
};

// Where the function's frame begins (DWARF 5, 6.4: the canonical frame address).
std::optional<std::uint64_t> cfa_of(Dwarf_Frame* frame, const DwarfRegisters& registers,
                                    const GuestLoad& load) {
  Dwarf_Op* ops = nullptr;
  std::size_t count = 0;
  if (dwarf_frame_cfa(frame, &ops, &count) != 0) return std::nullopt;
  return evaluate({ops, count}, {registers, load});
}

// From a function to the one that called it; nothing at the outermost. The result is where that goes on.
std::optional<std::uint64_t> step(Dwarf_Frame* frame, DwarfRegisters& registers, const GuestLoad& load) {
  Dwarf_Op* ops = nullptr;
  std::size_t count = 0;
  const auto cfa = cfa_of(frame, registers, load);
  const int return_address = dwarf_frame_info(frame, nullptr, nullptr, nullptr);
  if (!cfa || return_address < 0) return std::nullopt;
  DwarfRegisters before(registers.size());
  for (std::size_t i = 0; i < registers.size(); ++i) {
    std::array<Dwarf_Op, 3> memory{};
    if (dwarf_frame_register(frame, static_cast<int>(i), memory.data(), &ops, &count) != 0) continue;
    if (count == 0) {
      if (ops == nullptr) before[i] = registers[i];  // the same; otherwise it is lost
      continue;
    }
    const auto value = evaluate({ops, count}, {registers, load, cfa});
    before[i] = value && is_memory({ops, count}) ? load(GuestVa(*value)) : value;
  }
  registers = std::move(before);
  const auto column = static_cast<std::size_t>(return_address);
  return column < registers.size() ? registers[column] : std::nullopt;
}

// Of a function without tables, as small ones in assembly are: as if it had just been entered, or had no
// frame, where what then is the return address is in a function that has.
std::optional<Frame> leaf(std::uint64_t pc, DwarfRegisters& registers, const GuestLoad& load, isa::Isa isa,
                          const FindFrame& find) {
  constexpr std::size_t kRsp = 7;
  constexpr std::size_t kR1 = 1;
  constexpr std::size_t kLr = 65;
  Frame frame{.pc = pc};
  switch (isa) {
    case isa::Isa::X86_64:
      frame.cfa = registers[kRsp].value_or(0) + sizeof(std::uint64_t);
      frame.return_address = load(GuestVa(registers[kRsp].value_or(0))).value_or(0);
      registers[kRsp] = frame.cfa;
      break;
    case isa::Isa::Ppc64:
      frame.cfa = registers[kR1].value_or(0);
      frame.return_address = registers[kLr].value_or(0);
      break;
  }
  if (find(frame.return_address - 1) == nullptr) return std::nullopt;
  return frame;
}

}  // namespace

struct UnwindTables::Impl {
  explicit Impl(ElfFile elf) : file(std::move(elf)), cfi(dwarf_getcfi_elf(file.get())) {}

  ElfFile file;
  std::unique_ptr<Dwarf_CFI, EndCfi> cfi;                                            // null: there is none
  std::unordered_map<std::uint64_t, std::unique_ptr<Dwarf_Frame, EndFrame>> frames;  // by address
};

UnwindTables::UnwindTables(const std::filesystem::path& file)
    : impl_(std::make_unique<Impl>(ElfFile(file))) {}
UnwindTables::UnwindTables(std::vector<char> bytes, const std::string& name)
    : impl_(std::make_unique<Impl>(ElfFile(std::move(bytes), name))) {}
UnwindTables::~UnwindTables() = default;

Dwarf_Frame* UnwindTables::at(std::uint64_t address) {
  const auto [known, fresh] = impl_->frames.try_emplace(address);
  if (fresh) {
    Dwarf_Frame* frame = nullptr;
    if (impl_->cfi != nullptr && dwarf_cfi_addrframe(impl_->cfi.get(), address, &frame) == 0)
      known->second.reset(frame);
  }
  return known->second.get();
}

void walk_stack(machine::Cpu& cpu, const GuestLoad& load, const FindFrame& find, const VisitFrame& visit) {
  DwarfRegisters registers = dwarf_registers(cpu);
  std::uint64_t pc = cpu.pc().value;
  std::uint64_t in_call = pc;
  for (bool innermost = true;; innermost = false) {
    std::optional<Frame> frame;
    DwarfRegisters before = registers;
    if (Dwarf_Frame* const found = find(in_call)) {
      const auto cfa = cfa_of(found, registers, load);
      const auto caller = step(found, before, load);
      if (cfa && caller) frame = Frame{pc, *cfa, *caller};
    } else if (innermost) {
      frame = leaf(pc, before, load, cpu.isa(), find);
    }
    if (!frame || !visit(*frame, registers) || frame->return_address == 0) return;
    registers = std::move(before);
    pc = frame->return_address;
    in_call = pc - 1;  // in the call, which may be a function's last instruction
  }
}

}  // namespace trapline::scenario
