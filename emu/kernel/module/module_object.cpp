#include "emu/kernel/module/module_object.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <bit>
#include <cerrno>
#include <cstddef>

#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

// Fields of the file by their structure in elf.h, in the file's byte order.
class Reader {
 public:
  Reader(std::span<const std::byte> file, std::endian order) : file_(file), order_(order) {}

  std::span<const std::byte> bytes(std::uint64_t offset, std::uint64_t size, const char* what) const {
    if (offset > file_.size() || size > file_.size() - offset)
      throw ModuleError(ENOEXEC, fmt::format("has {} beyond the end of the file", what));
    return file_.subspan(offset, size);
  }
  template <class Structure, class Member>
  std::uint64_t field(std::span<const std::byte> structure, Member Structure::* /*member*/,
                      std::size_t offset) const {
    return isa::load_word(structure.subspan(offset, sizeof(Member)), order_);
  }

 private:
  std::span<const std::byte> file_;
  std::endian order_;
};

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): offsetof() is one, too
#define ELF_FIELD(structure, type, member) reader.field(structure, &type::member, offsetof(type, member))

std::string text_at(std::span<const std::byte> strings, std::uint64_t offset) {
  std::string text;
  for (; offset < strings.size() && strings[offset] != std::byte{0}; ++offset)
    text += static_cast<char>(strings[offset]);
  return text;
}

isa::Isa isa_of_header(std::span<const std::byte> file) {
  if (file.size() < sizeof(Elf64_Ehdr)) throw ModuleError(ENOEXEC, "is no kernel module: it is too short");
  const auto ident = [file](std::size_t at) { return std::to_integer<unsigned>(file[at]); };
  if (ident(0) != ELFMAG0 || ident(1) != ELFMAG1 || ident(2) != ELFMAG2 || ident(3) != ELFMAG3)
    throw ModuleError(ENOEXEC, "is no kernel module: it is no ELF file");
  const bool big = ident(EI_DATA) == ELFDATA2MSB;
  const auto machine = isa::load_word(file.subspan(offsetof(Elf64_Ehdr, e_machine), 2),
                                      big ? std::endian::big : std::endian::little);
  if (ident(EI_CLASS) == ELFCLASS64 && machine == EM_X86_64 && !big) return isa::Isa::X86_64;
  if (ident(EI_CLASS) == ELFCLASS64 && machine == EM_PPC64 && big) return isa::Isa::Ppc64;
  throw ModuleError(ENOEXEC, "is no kernel module for x86-64 or PPC64 (big-endian)");
}

// Addresses become distances from the beginnings of sections; what its linker has relocated is left out.
void make_relative(ModuleObject& object) {
  for (ModuleObject::Symbol& symbol : object.symbols) {
    if (symbol.section != SHN_UNDEF && symbol.section < object.sections.size())
      symbol.value -= object.sections[symbol.section].address;
  }
  for (ModuleObject::Relocations& all : object.relocations) {
    std::erase_if(all.all, [&object](const ModuleObject::Relocation& relocation) {
      const ModuleObject::Symbol& symbol = object.symbols[relocation.symbol];
      return symbol.section != SHN_UNDEF || symbol.name.empty();
    });
    for (ModuleObject::Relocation& relocation : all.all)
      relocation.offset -= object.sections[all.section].address;
  }
}

ModuleObject read_object(std::span<const std::byte> file, bool may_be_linked) {
  ModuleObject object;
  object.isa = isa_of_header(file);
  const Reader reader(file, isa::byte_order(object.isa));
  const auto header = reader.bytes(0, sizeof(Elf64_Ehdr), "headers");
  const std::uint64_t type = ELF_FIELD(header, Elf64_Ehdr, e_type);
  object.linked = may_be_linked && type == ET_EXEC;
  if (!object.linked && type != ET_REL) {
    throw ModuleError(
        ENOEXEC, may_be_linked ? "is no kernel image: it is neither linked (ET_EXEC) nor an object (ET_REL)"
                               : "is no kernel module: it is no relocatable object (ET_REL)");
  }
  if (ELF_FIELD(header, Elf64_Ehdr, e_shentsize) != sizeof(Elf64_Shdr))
    throw ModuleError(ENOEXEC, "has section headers of another size");
  const std::uint64_t count = ELF_FIELD(header, Elf64_Ehdr, e_shnum);
  const auto headers =
      reader.bytes(ELF_FIELD(header, Elf64_Ehdr, e_shoff), count * sizeof(Elf64_Shdr), "section headers");

  struct Links {
    std::uint64_t name = 0;
    std::uint64_t link = 0;
    std::uint64_t info = 0;
  };
  std::vector<Links> links;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto section = headers.subspan(i * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr));
    links.push_back({ELF_FIELD(section, Elf64_Shdr, sh_name), ELF_FIELD(section, Elf64_Shdr, sh_link),
                     ELF_FIELD(section, Elf64_Shdr, sh_info)});
    ModuleObject::Section& made = object.sections.emplace_back();
    made.type = static_cast<std::uint32_t>(ELF_FIELD(section, Elf64_Shdr, sh_type));
    made.flags = ELF_FIELD(section, Elf64_Shdr, sh_flags);
    made.size = ELF_FIELD(section, Elf64_Shdr, sh_size);
    made.alignment = ELF_FIELD(section, Elf64_Shdr, sh_addralign);
    made.address = ELF_FIELD(section, Elf64_Shdr, sh_addr);
    if (made.alignment == 0) made.alignment = 1;
    if (!std::has_single_bit(made.alignment))
      throw ModuleError(ENOEXEC, "has a section whose alignment is no power of two");
    if (made.type != SHT_NOBITS && made.type != SHT_NULL)
      made.bytes = reader.bytes(ELF_FIELD(section, Elf64_Shdr, sh_offset), made.size, "sections");
  }
  const std::uint64_t names = ELF_FIELD(header, Elf64_Ehdr, e_shstrndx);
  if (names >= count) throw ModuleError(ENOEXEC, "has no section names");
  for (std::uint64_t i = 0; i < count; ++i)
    object.sections[i].name = text_at(object.sections[names].bytes, links[i].name);

  for (std::uint64_t i = 0; i < count; ++i) {
    const ModuleObject::Section& section = object.sections[i];
    if (section.type == SHT_SYMTAB) {
      if (!object.symbols.empty() || links[i].link >= count)
        throw ModuleError(ENOEXEC, "has a symbol table that is wrong");
      const auto strings = object.sections[links[i].link].bytes;
      for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section.size; at += sizeof(Elf64_Sym)) {
        const auto entry = section.bytes.subspan(at, sizeof(Elf64_Sym));
        const auto info = static_cast<unsigned>(ELF_FIELD(entry, Elf64_Sym, st_info));
        ModuleObject::Symbol symbol{
            .name = text_at(strings, ELF_FIELD(entry, Elf64_Sym, st_name)),
            .value = ELF_FIELD(entry, Elf64_Sym, st_value),
            .size = ELF_FIELD(entry, Elf64_Sym, st_size),
            .section = static_cast<std::uint16_t>(ELF_FIELD(entry, Elf64_Sym, st_shndx)),
            .type = static_cast<std::uint8_t>(ELF64_ST_TYPE(info)),
            .binding = static_cast<std::uint8_t>(ELF64_ST_BIND(info))};
        if (symbol.section >= count && symbol.section < SHN_LORESERVE)
          throw ModuleError(ENOEXEC, fmt::format("has a symbol `{}` in no section", symbol.name));
        object.symbols.push_back(std::move(symbol));
      }
    } else if (section.type == SHT_RELA) {
      ModuleObject::Relocations& all = object.relocations.emplace_back();
      all.section = static_cast<std::uint32_t>(links[i].info);
      if (links[i].info >= count) throw ModuleError(ENOEXEC, "has relocations of no section");
      for (std::uint64_t at = 0; at + sizeof(Elf64_Rela) <= section.size; at += sizeof(Elf64_Rela)) {
        const auto entry = section.bytes.subspan(at, sizeof(Elf64_Rela));
        const std::uint64_t info = ELF_FIELD(entry, Elf64_Rela, r_info);
        all.all.push_back({ELF_FIELD(entry, Elf64_Rela, r_offset),
                           static_cast<std::uint32_t>(ELF64_R_TYPE(info)),
                           static_cast<std::uint32_t>(ELF64_R_SYM(info)),
                           static_cast<std::int64_t>(ELF_FIELD(entry, Elf64_Rela, r_addend))});
      }
    }
  }
  for (const ModuleObject::Relocations& all : object.relocations) {
    for (const ModuleObject::Relocation& relocation : all.all) {
      if (relocation.symbol >= object.symbols.size())
        throw ModuleError(ENOEXEC, "has a relocation against no symbol");
    }
  }
  if (object.linked) make_relative(object);
  return object;
}

}  // namespace

ModuleObject read_module(std::span<const std::byte> file) { return read_object(file, false); }
ModuleObject read_image(std::span<const std::byte> file) { return read_object(file, true); }

}  // namespace trapline::kernel
