#include "emu/kernel/mm/elf.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <libelf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using isa::Isa;
using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): AT_*

// The header and the program headers, in the host's byte order. Nothing else of the file is read.
class Image {
 public:
  explicit Image(const FileContent& file) : size_(file.size()) {
    if (read(file, 0, std::as_writable_bytes(std::span(&header_, 1))) < sizeof header_)
      throw ElfError("is no ELF file: it is too short for a header");
    const auto& ident = header_.e_ident;
    if (std::memcmp(ident, ELFMAG, SELFMAG) != 0) throw ElfError("is no ELF file");
    if (ident[EI_CLASS] != ELFCLASS64) throw ElfError("is a 32-bit ELF file; Trapline runs 64-bit programs");
    if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
      throw ElfError("is a damaged ELF file: it names no byte order");
    to_host_order(ELF_T_EHDR, std::span(&header_, 1));
    find_isa();
    read_segments(file);
  }

  Isa isa() const { return isa_; }
  const Elf64_Ehdr& header() const { return header_; }
  const std::vector<Elf64_Phdr>& segments() const { return segments_; }

 private:
  static std::size_t read(const FileContent& file, std::uint64_t offset, std::span<std::byte> out) {
    const auto size = file.read(offset, out);
    if (!size) throw ElfError("cannot be read");
    return *size;
  }

  // In place, which elf64_xlatetom(3) allows for structures that are as large in a file.
  template <class T>
  void to_host_order(Elf_Type type, std::span<T> structures) const {
    elf_version(EV_CURRENT);
    Elf_Data data{};
    data.d_buf = structures.data();
    data.d_type = type;
    data.d_size = structures.size_bytes();
    data.d_version = EV_CURRENT;
    if (elf64_xlatetom(&data, &data, header_.e_ident[EI_DATA]) == nullptr)
      throw ElfError(fmt::format("is a damaged ELF file: {}", elf_errmsg(-1)));
  }

  void find_isa() {
    const bool big = header_.e_ident[EI_DATA] == ELFDATA2MSB;
    if (header_.e_machine == EM_X86_64 && !big) {
      isa_ = Isa::X86_64;
    } else if (header_.e_machine == EM_PPC64 && big) {
      isa_ = Isa::Ppc64;
    } else if (header_.e_machine == EM_PPC64) {
      throw ElfError(
          "is a little-endian PPC64 program; Trapline runs big-endian ones (powerpc64-linux-gnu-gcc)");
    } else {
      throw ElfError(
          fmt::format("is for another processor (ELF machine {}); Trapline runs x86-64 and big-endian PPC64",
                      header_.e_machine));
    }
    if (header_.e_type != ET_EXEC && header_.e_type != ET_DYN) {
      throw ElfError(header_.e_type == ET_REL
                         ? "is an object file, not a program: link it, with -static"
                         : "is no program: its ELF type is neither executable nor shared");
    }
  }

  void read_segments(const FileContent& file) {
    if (header_.e_phentsize != sizeof(Elf64_Phdr)) {
      throw ElfError(fmt::format("is a damaged ELF file: its program headers have {} bytes each, not {}",
                                 header_.e_phentsize, sizeof(Elf64_Phdr)));
    }
    segments_.resize(header_.e_phnum);
    const auto bytes = std::as_writable_bytes(std::span(segments_));
    if (read(file, header_.e_phoff, bytes) < bytes.size())
      throw ElfError("is a damaged ELF file: its program headers are cut off");
    to_host_order(ELF_T_PHDR, std::span(segments_));
    bool loads = false;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      const Elf64_Phdr& segment = segments_[i];
      if (segment.p_type == PT_INTERP) {
        throw ElfError("is dynamically linked; Trapline runs static programs: link it with -static");
      }
      if (segment.p_type == PT_LOAD) {
        loads = true;
        if (segment.p_offset > size_ || segment.p_filesz > size_ - segment.p_offset) {
          throw ElfError(fmt::format("is cut off: segment {} ends behind the end of the file", i));
        }
        if (segment.p_memsz < segment.p_filesz || segment.p_vaddr + segment.p_memsz < segment.p_vaddr) {
          throw ElfError(fmt::format("is a damaged ELF file: segment {} has impossible sizes", i));
        }
      }
    }
    if (header_.e_type == ET_DYN && header_.e_entry == 0)
      throw ElfError("is a shared library, not a program");
    if (!loads) throw ElfError("is a damaged ELF file: it has nothing to load");
  }

  Elf64_Ehdr header_{};
  Isa isa_{};
  std::uint64_t size_;
  std::vector<Elf64_Phdr> segments_;
};

Permissions permissions_of(const Elf64_Phdr& segment) {
  const bool write = (segment.p_flags & PF_W) != 0;
  // No page table of either instruction set has pages to write that cannot be read.
  return {.read = (segment.p_flags & PF_R) != 0 || write,
          .write = write,
          .execute = (segment.p_flags & PF_X) != 0};
}

// Maps one segment: its pages from the file, then zeroed memory for what is beyond the file's bytes.
void map_segment(Mm& mm, const Elf64_Phdr& segment, std::uint64_t bias, const FileBytes& image,
                 const std::string& name) {
  const std::uint64_t page = mm.page_size();
  const GuestVa start(segment.p_vaddr + bias);
  const GuestVa first = start.align_down(page);
  const GuestVa file_end = start + segment.p_filesz;
  const GuestVa end = start + segment.p_memsz;
  if (segment.p_memsz == 0) return;
  if (segment.p_filesz != 0 && segment.p_offset % page != segment.p_vaddr % page) {
    throw ElfError(
        fmt::format("has a segment at {:#x} whose place in the file does not fit pages of {} bytes",
                    segment.p_vaddr, page));
  }
  const Permissions permissions = permissions_of(segment);
  const auto map = [&](GuestVa from, GuestVa to, bool from_file) {
    if (from >= to) return;
    Mm::MapRequest request{.at = from, .fixed = true, .no_replace = true, .size = to - from};
    request.vma.permissions = permissions;
    if (from_file) {
      request.vma.file = image;
      request.vma.file_offset = segment.p_offset - (start - first);
      request.vma.name = name;
    }
    if (const auto mapped = mm.map(request); !mapped) {
      throw ElfError(mapped.error().number == EEXIST ? "is a damaged ELF file: its segments overlap"
                                                     : "does not fit into the machine's memory");
    }
  };
  const GuestVa file_pages = segment.p_filesz == 0 ? first : file_end.align_up(page);
  map(first, file_pages, true);
  map(file_pages, end.align_up(page), false);

  // The rest of the last page from the file shows the file's next bytes, which must read as zero.
  const std::uint64_t tail = file_pages > file_end ? file_pages - file_end : 0;
  if (tail != 0 && segment.p_filesz != 0 && permissions.write) {
    const std::vector<std::byte> zeros(std::min(tail, segment.p_memsz == segment.p_filesz ? 0 : tail));
    if (!mm.write(file_end, zeros)) throw ElfError("does not fit into the machine's memory");
  }
}

}  // namespace

Isa elf_isa(const FileContent& image) { return Image(image).isa(); }

LoadedProgram load_elf(Mm& mm, const FileBytes& image, const std::string& name) {
  const Image elf(*image);
  if (elf.isa() != mm.isa()) {
    throw ElfError(fmt::format("is a program for {}, not for {}", isa::name(elf.isa()), isa::name(mm.isa())));
  }
  // A static position-independent program goes where Linux puts it without randomisation (ELF_ET_DYN_BASE).
  const std::uint64_t bias = elf.header().e_type == ET_EXEC ? 0
                             : elf.isa() == Isa::X86_64     ? 0x555555554000
                                                            : 0x100000000;
  LoadedProgram program;
  program.entry = GuestVa(elf.header().e_entry + bias);
  constexpr std::uint64_t kAbiMask = 3;  // EF_PPC64_ABI: 0 and 1 are ELFv1, 2 is ELFv2
  program.descriptor = elf.isa() == Isa::Ppc64 && (elf.header().e_flags & kAbiMask) != 2;
  program.header_count = elf.header().e_phnum;
  GuestVa end;
  bool entry_mapped = false;
  for (const Elf64_Phdr& segment : elf.segments()) {
    if (segment.p_type == PT_GNU_STACK) program.executable_stack = (segment.p_flags & PF_X) != 0;
    if (segment.p_type != PT_LOAD) continue;
    map_segment(mm, segment, bias, image, name);
    const GuestVa start(segment.p_vaddr + bias);
    Mm::ProgramPlaces& places = mm.places;
    if ((segment.p_flags & PF_X) != 0) {
      if (places.end_code == GuestVa()) places.start_code = start;
      places.end_code = start + segment.p_filesz;
    } else if ((segment.p_flags & PF_W) != 0) {
      if (places.end_data == GuestVa()) places.start_data = start;
      places.end_data = start + segment.p_filesz;
    }
    end = std::max(end, start + segment.p_memsz);
    entry_mapped |= program.entry >= start && program.entry < start + segment.p_memsz;
    if (segment.p_offset <= elf.header().e_phoff &&
        elf.header().e_phoff < segment.p_offset + segment.p_filesz) {
      program.headers = start + (elf.header().e_phoff - segment.p_offset);
    }
  }
  if (!entry_mapped) {
    throw ElfError(
        fmt::format("is a damaged ELF file: its entry point {:#x} lies in no segment", elf.header().e_entry));
  }
  mm.start_brk(end);
  return program;
}

GuestVa set_up_stack(Mm& mm, const LoadedProgram& program, const StackContent& content) {
  const Layout& layout = mm.layout();
  constexpr std::uint64_t kInitialPages =
      33;  // 128 KiB on x86-64, as Linux maps at first; it grows by faults
  Mm::MapRequest request{.at = layout.stack_top - kInitialPages * mm.page_size(),
                         .fixed = true,
                         .size = kInitialPages * mm.page_size()};
  request.vma.permissions = {.read = true, .write = true, .execute = program.executable_stack};
  request.vma.grows_down = true;
  request.vma.name = "[stack]";
  const ElfError too_long("cannot start: its arguments and environment are longer than the stack allows");
  if (!mm.map(request)) throw ElfError("does not fit into the machine's memory");

  GuestVa at = layout.stack_top - 16;
  const auto push = [&](std::string_view text) {
    if (at - (layout.stack_top - layout.stack_limit / 4) < text.size() + 1 ||
        at < layout.stack_top - layout.stack_limit / 4) {
      throw too_long;
    }
    at = at - (text.size() + 1);
    std::vector<std::byte> bytes(text.size() + 1);
    std::ranges::transform(text, bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
    if (!mm.write(at, bytes)) throw too_long;
    return at.value;
  };
  const std::uint64_t executable =
      push(content.file_name.empty() ? content.arguments.front() : content.file_name);
  // Each vector's strings follow each other upwards, the environment behind the arguments: a program that
  // shows something else as its command line writes over them.
  const auto push_all = [&](const std::vector<std::string>& texts) {
    std::vector<std::uint64_t> addresses(texts.size());
    for (std::size_t i = texts.size(); i-- > 0;) addresses[i] = push(texts[i]);
    return addresses;
  };
  mm.places.env_end = at;
  const auto environment = push_all(content.environment);
  mm.places.env_start = mm.places.arg_end = at;
  const auto arguments = push_all(content.arguments);
  mm.places.arg_start = at;
  const std::uint64_t platform = push(content.platform);
  const std::uint64_t random =
      push("trapline-at-rand");  // AT_RANDOM: 16 bytes that are the same in every run

  std::vector<std::uint64_t> words{arguments.size()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.push_back(0);
  words.insert(words.end(), environment.begin(), environment.end());
  words.push_back(0);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> auxiliary{
      {kAtMinSigStkSz, content.min_signal_stack},
      {kAtHwCap, content.hwcap},
      {kAtPageSz, mm.page_size()},
      {kAtClkTck, 100},
      {kAtPhdr, program.headers.value},
      {kAtPhent, sizeof(Elf64_Phdr)},
      {kAtPhnum, program.header_count},
      {kAtBase, 0},
      {kAtFlags, 0},
      {kAtEntry, program.entry.value},
      {kAtUid, 0},
      {kAtEuid, 0},
      {kAtGid, 0},
      {kAtEgid, 0},
      {kAtSecure, 0},
      {kAtRandom, random},
      {kAtHwCap2, content.hwcap2},
      {kAtExecFn, executable},
      {kAtPlatform, platform},
      {kAtNull, 0},
  };
  if (mm.vdso.value != 0) auxiliary.insert(auxiliary.begin(), {kAtSysInfoEhdr, mm.vdso.value});
  for (const auto& [type, value] : auxiliary) {
    words.push_back(type);
    words.push_back(value);
  }
  at = (at - 8 * words.size()).align_down(16);
  std::vector<std::byte> bytes(8 * words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    isa::store_word(std::span(bytes).subspan(8 * i, 8), words[i], isa::byte_order(mm.isa()));
  }
  if (!mm.write(at, bytes)) throw too_long;
  mm.places.start_stack = at;
  mm.places.auxv.assign(bytes.end() - static_cast<std::ptrdiff_t>(16 * auxiliary.size()), bytes.end());
  return at;
}

}  // namespace trapline::kernel
