#include "emu/kernel/mm/elf_file.hpp"

#include <fmt/format.h>
#include <libelf.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "emu/kernel/fs/path.hpp"
#include "emu/machine/machine.hpp"

namespace trapline::kernel {

namespace {

using isa::Isa;

std::size_t read(const ElfFile& file, std::uint64_t offset, std::span<std::byte> out) {
  const auto size = file.content->read(offset, out);
  if (!size) throw ElfError(size.error().number, "cannot be read");
  return *size;
}

// In place, which elf64_xlatetom(3) allows for structures that are as large in a file.
template <class T>
void to_host_order(const ElfFile& file, Elf_Type type, std::span<T> structures) {
  elf_version(EV_CURRENT);
  Elf_Data data{};
  data.d_buf = structures.data();
  data.d_type = type;
  data.d_size = structures.size_bytes();
  data.d_version = EV_CURRENT;
  if (elf64_xlatetom(&data, &data, file.header.e_ident[EI_DATA]) == nullptr)
    throw ElfError(ENOEXEC, fmt::format("is a damaged ELF file: {}", elf_errmsg(-1)));
}

Isa isa_of(const Elf64_Ehdr& header) {
  const bool big = header.e_ident[EI_DATA] == ELFDATA2MSB;
  if (const auto isa = isa::from_elf(header.e_machine, big ? std::endian::big : std::endian::little))
    return *isa;
  if (header.e_machine == EM_PPC64) {
    throw ElfError(
        ENOEXEC, "is a little-endian PPC64 program; Trapline runs big-endian ones (powerpc64-linux-gnu-gcc)");
  }
  throw ElfError(ENOEXEC, fmt::format("is for another processor (ELF machine {}); Trapline runs x86-64 and "
                                      "big-endian PPC64",
                                      header.e_machine));
}

void read_header(ElfFile& file) {
  Elf64_Ehdr& header = file.header;
  if (read(file, 0, std::as_writable_bytes(std::span(&header, 1))) < sizeof header)
    throw ElfError(ENOEXEC, "is no ELF file: it is too short for a header");
  const auto& ident = header.e_ident;
  if (std::memcmp(ident, ELFMAG, SELFMAG) != 0) throw ElfError(ENOEXEC, "is no ELF file");
  if (ident[EI_CLASS] != ELFCLASS64)
    throw ElfError(ENOEXEC, "is a 32-bit ELF file; Trapline runs 64-bit programs");
  if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
    throw ElfError(ENOEXEC, "is a damaged ELF file: it names no byte order");
  to_host_order(file, ELF_T_EHDR, std::span(&header, 1));
  file.isa = isa_of(header);
}

void check_type(const ElfFile& file) {
  const auto type = file.header.e_type;
  if (type == ET_EXEC || type == ET_DYN) return;
  throw ElfError(ENOEXEC, type == ET_REL ? "is an object file, not a program: link it"
                                         : "is no program: its ELF type is neither executable nor shared");
}

// load_elf_phdrs()
void read_segments(ElfFile& file) {
  const Elf64_Ehdr& header = file.header;
  if (header.e_phentsize != sizeof(Elf64_Phdr)) {
    throw ElfError(ENOEXEC,
                   fmt::format("is a damaged ELF file: its program headers have {} bytes each, not {}",
                               header.e_phentsize, sizeof(Elf64_Phdr)));
  }
  const std::uint64_t size = std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
  if (size == 0) throw ElfError(ENOEXEC, "is a damaged ELF file: it has nothing to load");
  if (size > std::min<std::uint64_t>(65536, machine::linux_page_size(file.isa)))
    throw ElfError(ENOEXEC, fmt::format("has more program headers ({}) than Linux takes", header.e_phnum));
  file.segments.resize(header.e_phnum);
  const auto bytes = std::as_writable_bytes(std::span(file.segments));
  if (read(file, header.e_phoff, bytes) < bytes.size())
    throw ElfError(ENOEXEC, "is a damaged ELF file: its program headers are cut off");
  to_host_order(file, ELF_T_PHDR, std::span(file.segments));
}

}  // namespace

ElfFile read_elf(FileBytes content, std::string name) {
  ElfFile file{.content = std::move(content), .name = std::move(name)};
  read_header(file);
  check_type(file);
  read_segments(file);
  return file;
}

ElfFile read_interpreter(FileBytes content, std::string name) {
  ElfFile file{.content = std::move(content), .name = std::move(name)};
  read_header(file);
  read_segments(file);
  return file;
}

std::optional<std::string> interpreter_of(const ElfFile& program) {
  const auto found = std::ranges::find(program.segments, Elf64_Word{PT_INTERP}, &Elf64_Phdr::p_type);
  if (found == program.segments.end()) return std::nullopt;
  if (found->p_filesz < 2 || found->p_filesz > kPathMax) {
    throw ElfError(
        ENOEXEC, fmt::format("is a damaged ELF file: its interpreter's name has {} bytes", found->p_filesz));
  }
  std::string name(found->p_filesz, '\0');
  if (read(program, found->p_offset, std::as_writable_bytes(std::span(name))) < name.size())
    throw ElfError(EIO, "is a damaged ELF file: its interpreter's name is cut off");
  if (name.back() != '\0')
    throw ElfError(ENOEXEC, "is a damaged ELF file: its interpreter's name has no end");
  name.resize(name.find('\0'));
  return name;
}

bool wants_executable_stack(const ElfFile& program) {
  bool executable = false;
  for (const Elf64_Phdr& segment : program.segments) {
    if (segment.p_type == PT_GNU_STACK) executable = (segment.p_flags & PF_X) != 0;
  }
  return executable;
}

void check_soundness(const ElfFile& program) {
  const std::uint64_t size = program.content->size();
  bool loads = false;
  bool entry_mapped = false;
  for (std::size_t i = 0; i < program.segments.size(); ++i) {
    const Elf64_Phdr& segment = program.segments[i];
    if (segment.p_type != PT_LOAD) continue;
    loads = true;
    if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset)
      throw ElfError(ENOEXEC, fmt::format("is cut off: segment {} ends behind the end of the file", i));
    if (segment.p_memsz < segment.p_filesz || segment.p_vaddr + segment.p_memsz < segment.p_vaddr)
      throw ElfError(ENOEXEC, fmt::format("is a damaged ELF file: segment {} has impossible sizes", i));
    const std::uint64_t page = machine::linux_page_size(program.isa);
    if (segment.p_filesz != 0 && segment.p_offset % page != segment.p_vaddr % page) {
      throw ElfError(
          ENOEXEC,
          fmt::format("has a segment at {:#x} whose place in the file does not fit pages of {} bytes",
                      segment.p_vaddr, page));
    }
    const std::uint64_t entry = program.header.e_entry;
    entry_mapped |= entry >= segment.p_vaddr && entry - segment.p_vaddr < segment.p_memsz;
  }
  if (!loads) throw ElfError(ENOEXEC, "is a damaged ELF file: it has nothing to load");
  if (program.position_independent() && program.header.e_entry == 0)
    throw ElfError(ENOEXEC, "is a shared library, not a program");
  if (!entry_mapped) {
    throw ElfError(ENOEXEC, fmt::format("is a damaged ELF file: its entry point {:#x} lies in no segment",
                                        program.header.e_entry));
  }
}

}  // namespace trapline::kernel
