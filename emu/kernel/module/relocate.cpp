#include "emu/kernel/module/relocate.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

namespace trapline::kernel {

namespace {

using Relocation = ModuleObject::Relocation;

[[noreturn]] void overflow(const ModuleObject::Symbol& symbol, const Relocation& relocation) {
  throw ModuleError(ENOEXEC, fmt::format("has an overflow in relocation type {} against `{}`",
                                         relocation.type, symbol.name));
}
[[noreturn]] void unknown(const Relocation& relocation) {
  throw ModuleError(ENOEXEC, fmt::format("has a relocation of type {}, which the module loader does not know",
                                         relocation.type));
}

constexpr bool fits_signed(std::uint64_t value, unsigned bits) {
  const auto with_sign = static_cast<std::int64_t>(value);
  return with_sign >= -(std::int64_t{1} << (bits - 1)) && with_sign < std::int64_t{1} << (bits - 1);
}

// --- x86-64 (System V ABI, AMD64 supplement, table 4.9) ---

void relocate_x86(const PlacedModule& module, KernelSpace& space, GuestVa place,
                  const Relocation& relocation) {
  const ModuleObject::Symbol& symbol = module.object.symbols[relocation.symbol];
  const std::uint64_t value =
      module.symbols[relocation.symbol].value + static_cast<std::uint64_t>(relocation.addend);
  const std::uint64_t relative = value - place.value;
  switch (relocation.type) {
    case R_X86_64_NONE:
      return;
    case R_X86_64_64:
      (void)space.write_word(place, value, 8);
      return;
    case R_X86_64_PC64:
      (void)space.write_word(place, relative, 8);
      return;
    case R_X86_64_32:
      if (value >> 32 != 0) overflow(symbol, relocation);
      (void)space.write_word(place, value, 4);
      return;
    case R_X86_64_32S:
      if (!fits_signed(value, 32)) overflow(symbol, relocation);
      (void)space.write_word(place, value, 4);
      return;
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
      if (!fits_signed(relative, 32)) overflow(symbol, relocation);
      (void)space.write_word(place, relative, 4);
      return;
    default:
      unknown(relocation);
  }
}

// --- PPC64 (64-bit PowerPC ELF ABI Supplement 1.9, 4.5.1) ---

constexpr std::uint64_t kStubSize = 40;  // ten instructions
constexpr std::uint64_t kTocBias = 0x8000;

bool is_external_call(const ModuleObject& object, const Relocation& relocation) {
  return relocation.type == R_PPC64_REL24 && object.symbols[relocation.symbol].section == SHN_UNDEF;
}

// r2 of the module's functions.
std::uint64_t toc_base(const PlacedModule& module) {
  for (const std::string_view name : {".toc", ".got"}) {
    for (std::size_t i = 0; i < module.object.sections.size(); ++i) {
      if (module.object.sections[i].name == name && module.sections[i].value != 0)
        return module.sections[i].value + kTocBias;
    }
  }
  // Without a table of its own: anywhere near its data.
  GuestVa first = module.stubs;
  for (const GuestVa section : module.sections) {
    if (section.value != 0) first = std::max(first, section);
  }
  return first.value + kTocBias;
}

// Saves the caller's r2 and goes by the descriptor at `function`.
void write_stub(KernelSpace& space, GuestVa stub, std::uint64_t function) {
  const auto part = [function](unsigned shift) {
    return static_cast<std::uint32_t>(function >> shift & 0xffff);
  };
  const std::array<std::uint32_t, kStubSize / 4> code{
      0x3d600000 | part(48),  // lis   r11, highest
      0x616b0000 | part(32),  // ori   r11, r11, higher
      0x796b07c6,             // sldi  r11, r11, 32
      0x656b0000 | part(16),  // oris  r11, r11, high
      0x616b0000 | part(0),   // ori   r11, r11, low
      0xf8410028,             // std   r2, 40(r1)
      0xe98b0000,             // ld    r12, 0(r11)
      0xe84b0008,             // ld    r2, 8(r11)
      0x7d8903a6,             // mtctr r12
      0x4e800420,             // bctr
  };
  for (std::size_t i = 0; i < code.size(); ++i) (void)space.write_word(stub + 4 * i, code[i], 4);
}

GuestVa stub_of(PlacedModule& module, KernelSpace& space, std::uint32_t symbol) {
  const auto known = std::ranges::find(module.stub_symbols, symbol);
  const auto index = static_cast<std::uint64_t>(known - module.stub_symbols.begin());
  const GuestVa stub = module.stubs + index * kStubSize;
  if (known == module.stub_symbols.end()) {
    module.stub_symbols.push_back(symbol);
    write_stub(space, stub, module.symbols[symbol].value);
  }
  return stub;
}

// Where a call of a function of the module's own goes: what it names is the descriptor.
std::uint64_t entry_of(const PlacedModule& module, const KernelSpace& space, const Relocation& relocation) {
  const GuestVa value = module.symbols[relocation.symbol] + static_cast<std::uint64_t>(relocation.addend);
  const std::uint16_t section = module.object.symbols[relocation.symbol].section;
  if (section >= module.object.sections.size() || module.object.sections[section].name != ".opd")
    return value.value;
  return space.read_word(value).value_or(value.value);
}

void relocate_ppc64(PlacedModule& module, KernelSpace& space, GuestVa place, const Relocation& relocation,
                    std::uint64_t toc) {
  const ModuleObject::Symbol& symbol = module.object.symbols[relocation.symbol];
  const auto addend = static_cast<std::uint64_t>(relocation.addend);
  const std::uint64_t value = module.symbols[relocation.symbol].value + addend;
  const std::uint64_t relative = value - place.value;
  const std::uint64_t by_toc = value - toc;
  constexpr std::uint64_t kHigh = 16;
  constexpr std::uint64_t kRound = 0x8000;  // the low half counts with its sign
  const auto half = [&](std::uint64_t what) { (void)space.write_word(place, what & 0xffff, 2); };
  // DS-form: the two low bits are the instruction's.
  const auto ds = [&](std::uint64_t what) {
    if ((what & 3) != 0) overflow(symbol, relocation);
    half((space.read_word(place, 2).value_or(0) & 3) | (what & 0xfffc));
  };
  const auto near = [&](std::uint64_t what, unsigned bits) {
    if (!fits_signed(what, bits)) overflow(symbol, relocation);
    return what;
  };
  switch (relocation.type) {
    case R_PPC64_NONE:
      return;
    case R_PPC64_ADDR64:
      (void)space.write_word(place, value, 8);
      return;
    case R_PPC64_ADDR32:
      (void)space.write_word(place, value, 4);
      return;
    case R_PPC64_REL64:
      (void)space.write_word(place, relative, 8);
      return;
    case R_PPC64_REL32:
      (void)space.write_word(place, near(relative, 32), 4);
      return;
    case R_PPC64_TOC:
      (void)space.write_word(place, toc, 8);
      return;
    case R_PPC64_TOC16:
      half(near(by_toc, 16));
      return;
    case R_PPC64_TOC16_LO:
      half(by_toc);
      return;
    case R_PPC64_TOC16_HA:
      half(near(by_toc + kRound, 32) >> kHigh);
      return;
    case R_PPC64_TOC16_DS:
      ds(near(by_toc, 16));
      return;
    case R_PPC64_TOC16_LO_DS:
      ds(by_toc);
      return;
    case R_PPC64_ADDR16_LO:
      half(value);
      return;
    case R_PPC64_ADDR16_LO_DS:
      ds(value);
      return;
    case R_PPC64_ADDR16_HI:
      half(value >> kHigh);
      return;
    case R_PPC64_ADDR16_HA:
      half((value + kRound) >> kHigh);
      return;
    case R_PPC64_ADDR16_HIGHER:
      half(value >> 32);
      return;
    case R_PPC64_ADDR16_HIGHERA:
      half((value + kRound) >> 32);
      return;
    case R_PPC64_ADDR16_HIGHEST:
      half(value >> 48);
      return;
    case R_PPC64_ADDR16_HIGHESTA:
      half((value + kRound) >> 48);
      return;
    case R_PPC64_REL16_LO:
      half(relative);
      return;
    case R_PPC64_REL16_HA:
      half((relative + kRound) >> kHigh);
      return;
    case R_PPC64_REL14:
    case R_PPC64_REL24: {
      std::uint64_t target = entry_of(module, space, relocation);
      const std::uint64_t word = space.read_word(place, 4).value_or(0);
      if (is_external_call(module.object, relocation)) {
        target = stub_of(module, space, relocation.symbol).value;
        // The compiler leaves room after the call for what restores r2.
        constexpr std::uint64_t kNop = 0x60000000;
        constexpr std::uint64_t kRestoreToc = 0xe8410028;  // ld r2, 40(r1)
        const bool links = (word & 1) != 0;
        if (links && space.read_word(place + 4, 4) == kNop) (void)space.write_word(place + 4, kRestoreToc, 4);
      }
      const std::uint64_t distance = target - place.value;
      const bool conditional = relocation.type == R_PPC64_REL14;
      (void)near(distance, conditional ? 16 : 26);
      const std::uint64_t field = conditional ? 0xfffc : 0x3fffffc;
      (void)space.write_word(place, (word & ~field) | (distance & field), 4);
      return;
    }
    default:
      unknown(relocation);
  }
}

}  // namespace

std::uint64_t stub_bytes(const ModuleObject& object) {
  if (object.isa != isa::Isa::Ppc64) return 0;
  std::set<std::uint32_t> called;
  for (const ModuleObject::Relocations& all : object.relocations) {
    for (const Relocation& relocation : all.all) {
      if (is_external_call(object, relocation)) called.insert(relocation.symbol);
    }
  }
  return called.size() * kStubSize;
}

void apply_relocations(PlacedModule& module, KernelSpace& space) {
  const std::uint64_t toc = module.object.isa == isa::Isa::Ppc64 ? toc_base(module) : 0;
  const auto apply = [&](bool descriptors) {
    for (const ModuleObject::Relocations& all : module.object.relocations) {
      const ModuleObject::Section& section = module.object.sections[all.section];
      const GuestVa start = module.sections[all.section];
      if (start.value == 0 || (section.name == ".opd") != descriptors) continue;
      for (const Relocation& relocation : all.all) {
        if (relocation.offset >= section.size)
          throw ModuleError(ENOEXEC,
                            fmt::format("has a relocation beyond the end of its section {}", section.name));
        const GuestVa place = start + relocation.offset;
        if (module.object.isa == isa::Isa::X86_64)
          relocate_x86(module, space, place, relocation);
        else
          relocate_ppc64(module, space, place, relocation, toc);
      }
    }
  };
  // Calls ask the descriptors where functions begin.
  apply(true);
  apply(false);
}

}  // namespace trapline::kernel
