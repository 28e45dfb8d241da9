#include "emu/kernel/arch/vdso_object.hpp"

#include <dwarf.h>
#include <elf.h>
#include <libelf.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "isa/byte_order.hpp"

namespace trapline::kernel::vdso {

void Bytes::put(std::uint64_t value, std::size_t size) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + size);
  isa::store_word(std::span(bytes_).subspan(at), value, order_);
}

void Bytes::put_text(std::string_view text) {
  for (const char c : text) put(static_cast<unsigned char>(c), 1);
  put(0, 1);
}

void Bytes::put_uleb128(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) put((value & 0x7f) | 0x80, 1);
  put(value, 1);
}

void Bytes::put_sleb128(std::int64_t value) {
  for (; value < -0x40 || value >= 0x40; value >>= 7)
    put((static_cast<std::uint64_t>(value) & 0x7f) | 0x80, 1);
  put(static_cast<std::uint64_t>(value) & 0x7f, 1);
}

void Bytes::overwrite(std::uint64_t at, const Bytes& other) {
  std::ranges::copy(other.bytes_, std::span(bytes_).subspan(at).begin());
}

Section section(Bytes& object, std::uint64_t alignment, const std::function<void()>& put) {
  object.align(alignment);
  const std::uint64_t start = object.end();
  put();
  return {start, object.end() - start};
}

// --- Unwinding ---

namespace {

// A length, and so many bytes, which are padded by DW_CFA_nop.
void put_entry(Bytes& object, Bytes entry) {
  constexpr std::uint64_t kLength = 4, kAlignment = 8;
  entry.skip_to((entry.end() + kLength + kAlignment - 1) / kAlignment * kAlignment - kLength);
  object.put(entry.end(), kLength);
  object.put(entry);
}

}  // namespace

FrameSections put_frames(Bytes& object, const Frames& frames) {
  FrameSections done{};
  std::uint64_t fde_start = 0;
  done.eh_frame = section(object, 8, [&] {
    const std::uint64_t start = object.end();
    Bytes cie(object.order());
    cie.put(0, 4);  // CIE ID
    cie.put(1, 1);  // version
    // z: the length of what the other letters mean; R: how addresses are encoded; S: a signal's frame, so
    // that the return address is not one behind a call
    cie.put_text(frames.augmentation);
    cie.put_uleb128(frames.code_alignment);
    cie.put_sleb128(-8);  // data alignment factor
    cie.put(frames.return_address, 1);
    cie.put_uleb128(1);
    cie.put(DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1);
    put_entry(object, std::move(cie));

    fde_start = object.end();
    constexpr std::uint64_t kCiePointer = 4, kPcBegin = 8;  // behind the length
    Bytes fde(object.order());
    fde.put(fde_start + kCiePointer - start, 4);
    fde.put(frames.code.start - (fde_start + kPcBegin), 4);
    fde.put(frames.code.size, 4);
    fde.put_uleb128(0);  // nothing for the augmentation
    fde.put(frames.instructions);
    put_entry(object, std::move(fde));
    object.put(0, 4);  // no more entries
  });
  done.header = section(object, 4, [&] {
    const std::uint64_t start = object.end();
    object.put(1, 1);                                   // version
    object.put(DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1);    // of eh_frame_ptr
    object.put(DW_EH_PE_udata4, 1);                     // of fde_count
    object.put(DW_EH_PE_datarel | DW_EH_PE_sdata4, 1);  // of the table: from this header's start
    object.put_distance_to(done.eh_frame.start);
    object.put(1, 4);
    object.put(frames.code.start - start, 4);
    object.put(fde_start - start, 4);
  });
  return done;
}

// --- Dynamic linking ---

namespace {

// Texts one behind the other, the empty one first, and where each is.
class Strings {
 public:
  std::uint64_t add(std::string_view text) {
    const std::uint64_t at = text_.size();
    text_ += text;
    text_ += '\0';
    return at;
  }
  void put(Bytes& object) const {
    for (const char c : text_) object.put(static_cast<unsigned char>(c), 1);
  }

 private:
  std::string text_ = std::string(1, '\0');
};

// About as many buckets as symbols, each with the chain of those whose hash leads to it.
void put_hash(Bytes& object, const std::vector<Symbol>& symbols) {
  const std::size_t count = symbols.size() | 1;
  std::vector<std::size_t> buckets(count), chain(symbols.size() + 1);
  for (std::size_t i = 1; i <= symbols.size(); ++i) {
    std::size_t& bucket = buckets[elf_hash(std::string(symbols[i - 1].name).c_str()) % count];
    chain[i] = std::exchange(bucket, i);
  }
  object.put(count, 4);
  object.put(chain.size(), 4);
  for (const auto* words : {&buckets, &chain}) {
    for (const std::size_t word : *words) object.put(word, 4);
  }
}

constexpr std::uint64_t kText = 1;  // the code's place in the table of sections

void put_symbols(Bytes& object, const std::vector<Symbol>& symbols, Strings& strings) {
  object.put(0, 8);  // the first one is undefined
  object.put(0, 8);
  object.put(0, 8);
  for (const Symbol& symbol : symbols) {
    object.put(strings.add(symbol.name), 4);
    const unsigned binding = symbol.weak ? STB_WEAK : STB_GLOBAL;
    object.put(ELF64_ST_INFO(binding, STT_FUNC), 1);
    object.put(STV_DEFAULT, 1);
    object.put(kText, 2);
    object.put(symbol.code.start, 8);
    object.put(symbol.code.size, 8);
  }
}

constexpr std::uint64_t kDefinitions = 2;
constexpr std::uint64_t kVersionIndex = 2;

void put_definition(Bytes& object, std::uint64_t flags, std::uint64_t index, std::string_view name,
                    std::uint64_t name_at, bool last) {
  constexpr std::uint64_t kVerdef = sizeof(Elf64_Verdef), kVerdaux = sizeof(Elf64_Verdaux);
  object.put(VER_DEF_CURRENT, 2);
  object.put(flags, 2);
  object.put(index, 2);
  object.put(1, 2);  // names
  object.put(elf_hash(std::string(name).c_str()), 4);
  object.put(kVerdef, 4);                        // to the name
  object.put(last ? 0 : kVerdef + kVerdaux, 4);  // to the next definition
  object.put(name_at, 4);
  object.put(0, 4);  // no other name
}

struct Segment {
  std::uint64_t type = 0;
  std::uint64_t flags = 0;
  Section content;
  std::uint64_t alignment = 0;
};
static_assert(sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr) == kHeaders);
static_assert(sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr) == kHeadersWithNote);

struct SectionHeader {
  std::string_view name{};
  std::uint64_t type = SHT_PROGBITS;
  std::uint64_t flags = SHF_ALLOC;
  Section content{};
  std::uint64_t link = 0;
  std::uint64_t info = 0;
  std::uint64_t alignment = 1;
  std::uint64_t entry = 0;
};

Bytes headers(std::endian order, const Object& spec, const std::vector<Segment>& segments,
              std::uint64_t sections_at, std::uint64_t sections) {
  Bytes head(order);
  for (const int byte : {0x7f, 'E' + 0, 'L' + 0, 'F' + 0, ELFCLASS64,
                         order == std::endian::big ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT, ELFOSABI_SYSV}) {
    head.put(static_cast<unsigned>(byte), 1);
  }
  head.skip_to(EI_NIDENT);
  head.put(ET_DYN, 2);
  head.put(spec.machine, 2);
  head.put(EV_CURRENT, 4);
  head.put(0, 8);                   // e_entry
  head.put(sizeof(Elf64_Ehdr), 8);  // e_phoff
  head.put(sections_at, 8);
  head.put(spec.flags, 4);
  head.put(sizeof(Elf64_Ehdr), 2);
  head.put(sizeof(Elf64_Phdr), 2);
  head.put(segments.size(), 2);
  head.put(sizeof(Elf64_Shdr), 2);
  head.put(sections, 2);
  head.put(sections - 1, 2);  // the names of sections are the last one
  for (const Segment& segment : segments) {
    head.put(segment.type, 4);
    head.put(segment.flags, 4);
    for (int i = 0; i < 3; ++i) head.put(segment.content.start, 8);  // p_offset, p_vaddr, p_paddr
    for (int i = 0; i < 2; ++i) head.put(segment.content.size, 8);   // p_filesz, p_memsz
    head.put(segment.alignment, 8);
  }
  return head;
}

}  // namespace

std::vector<std::byte> finish(Bytes object, const Object& spec, const FrameSections& frames) {
  Strings strings;
  const std::uint64_t version_at = strings.add(spec.version);
  const std::uint64_t soname_at = strings.add(spec.soname);
  const Section hash = section(object, 8, [&] { put_hash(object, spec.symbols); });
  const Section symbols = section(object, 8, [&] { put_symbols(object, spec.symbols, strings); });
  const Section texts = section(object, 1, [&] { strings.put(object); });
  const Section versions = section(object, 2, [&] {
    object.put(VER_NDX_LOCAL, 2);
    for (std::size_t i = 0; i < spec.symbols.size(); ++i) object.put(kVersionIndex, 2);
  });
  const Section definitions = section(object, 8, [&] {
    put_definition(object, VER_FLG_BASE, VER_NDX_GLOBAL, spec.soname, soname_at, false);
    put_definition(object, 0, kVersionIndex, spec.version, version_at, true);
  });
  const Section dynamic = section(object, 8, [&] {
    const std::array<std::pair<std::uint64_t, std::uint64_t>, 10> entries{{
        {DT_SONAME, soname_at},
        {DT_HASH, hash.start},
        {DT_STRTAB, texts.start},
        {DT_SYMTAB, symbols.start},
        {DT_STRSZ, texts.size},
        {DT_SYMENT, sizeof(Elf64_Sym)},
        {DT_VERDEF, definitions.start},
        {DT_VERDEFNUM, kDefinitions},
        {DT_VERSYM, versions.start},
        {DT_NULL, 0},
    }};
    for (const auto& [tag, value] : entries) {
      object.put(tag, 8);
      object.put(value, 8);
    }
  });

  // Debuggers find the symbols by the sections. Their order is that of this table; links are places in it.
  constexpr std::uint64_t kDynstr = 4;
  Strings names;
  std::vector<SectionHeader> table{
      {.name = "", .type = SHT_NULL, .flags = 0, .alignment = 0},
      {.name = ".text", .flags = SHF_ALLOC | SHF_EXECINSTR, .content = spec.code, .alignment = 16},
      {.name = ".hash", .type = SHT_HASH, .content = hash, .link = 3, .alignment = 8, .entry = 4},
      {.name = ".dynsym",
       .type = SHT_DYNSYM,
       .content = symbols,
       .link = kDynstr,
       .info = 1,
       .alignment = 8,
       .entry = sizeof(Elf64_Sym)},
      {.name = ".dynstr", .type = SHT_STRTAB, .content = texts},
      {.name = ".gnu.version",
       .type = SHT_GNU_versym,
       .content = versions,
       .link = 3,
       .alignment = 2,
       .entry = 2},
      {.name = ".gnu.version_d",
       .type = SHT_GNU_verdef,
       .content = definitions,
       .link = kDynstr,
       .info = kDefinitions,
       .alignment = 8},
      {.name = ".dynamic",
       .type = SHT_DYNAMIC,
       .content = dynamic,
       .link = kDynstr,
       .alignment = 8,
       .entry = sizeof(Elf64_Dyn)},
      {.name = ".eh_frame", .content = frames.eh_frame, .alignment = 8},
      {.name = ".eh_frame_hdr", .content = frames.header, .alignment = 4},
  };
  if (spec.note.size != 0)
    table.push_back({.name = ".note", .type = SHT_NOTE, .content = spec.note, .alignment = 4});
  table.push_back({.name = ".shstrtab", .type = SHT_STRTAB, .flags = 0});
  std::vector<std::uint64_t> name_places;
  for (const SectionHeader& header : table)
    name_places.push_back(header.name.empty() ? 0 : names.add(header.name));
  table.back().content = section(object, 1, [&] { names.put(object); });
  const Section sections = section(object, 8, [&] {
    for (std::size_t i = 0; i < table.size(); ++i) {
      const SectionHeader& header = table[i];
      object.put(name_places[i], 4);
      object.put(header.type, 4);
      object.put(header.flags, 8);
      object.put((header.flags & SHF_ALLOC) != 0 ? header.content.start : 0, 8);
      object.put(header.content.start, 8);
      object.put(header.content.size, 8);
      object.put(header.link, 4);
      object.put(header.info, 4);
      object.put(header.alignment, 8);
      object.put(header.entry, 8);
    }
  });

  // The dynamic section is only readable, by which the C library knows that it must not relocate it.
  std::vector<Segment> segments{{PT_LOAD, PF_R | PF_X, {0, object.end()}, spec.page_size},
                                {PT_DYNAMIC, PF_R, dynamic, 8}};
  if (spec.note.size != 0) segments.push_back({PT_NOTE, PF_R, spec.note, 4});
  segments.push_back({PT_GNU_EH_FRAME, PF_R, frames.header, 4});
  object.overwrite(0, headers(object.order(), spec, segments, sections.start, table.size()));
  return object.take();
}

}  // namespace trapline::kernel::vdso
