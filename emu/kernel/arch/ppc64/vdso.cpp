#include "emu/kernel/arch/ppc64/vdso.hpp"

#include <dwarf.h>
#include <elf.h>
#include <libelf.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "emu/kernel/arch/ppc64/signal_frame.hpp"
#include "emu/kernel/arch/ppc64/user_regs.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel::ppc64_arch {

namespace {

// Big-endian bytes, written from the first to the last. In the object, a place in the file is an address,
// too.
class Bytes {
 public:
  std::uint64_t end() const { return bytes_.size(); }
  std::span<const std::byte> all() const { return bytes_; }

  void put(std::uint64_t value, std::size_t size) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + size);
    isa::store_word(std::span(bytes_).subspan(at), value, std::endian::big);
  }
  void put(const Bytes& other) { bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end()); }
  void put_text(std::string_view text) {
    for (const char c : text) put(static_cast<unsigned char>(c), 1);
    put(0, 1);
  }
  // DWARF 4, 7.6: seven bits a byte, the lowest first, as long as something is left.
  void put_uleb128(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) put((value & 0x7f) | 0x80, 1);
    put(value, 1);
  }
  void put_sleb128(std::int64_t value) {
    for (; value < -0x40 || value >= 0x40; value >>= 7)
      put((static_cast<std::uint64_t>(value) & 0x7f) | 0x80, 1);
    put(static_cast<std::uint64_t>(value) & 0x7f, 1);
  }
  // DW_EH_PE_pcrel | DW_EH_PE_sdata4
  void put_distance_to(std::uint64_t address) { put(address - end(), 4); }
  void align(std::uint64_t alignment) { bytes_.resize((end() + alignment - 1) / alignment * alignment); }
  void skip_to(std::uint64_t at) { bytes_.resize(at); }
  void overwrite(std::uint64_t at, const Bytes& other) {
    std::ranges::copy(other.bytes_, std::span(bytes_).subspan(at).begin());
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

struct Section {
  std::uint64_t start = 0;
  std::uint64_t size = 0;
};

template <typename Put>
Section section(Bytes& object, std::uint64_t alignment, const Put& put) {
  object.align(alignment);
  const std::uint64_t start = object.end();
  put();
  return {start, object.end() - start};
}

// --- Code ---

constexpr std::uint64_t kInstruction = 4;
constexpr std::uint64_t kSigtramp = kStartSigtramp + kInstruction;
constexpr std::uint64_t kSigtrampEnd = kStartSigtramp + kInstruction * frame::kTrampolineCode.size();

void put_code(Bytes& object) {
  for (const std::uint32_t instruction : frame::kTrampolineCode) object.put(instruction, kInstruction);
  // What follows the code is the end of a struct rt_sigframe as it was when handlers returned into the frame:
  // GCC's unwinder looks for the pointer to the ucontext there where it finds no CFI, and takes -21 * 8 for
  // "in the frame itself".
  constexpr std::size_t kRestOfTramp = 12, kPointer = 8;
  constexpr std::int64_t kInFrameItself = -21 * 8;
  object.skip_to(object.end() + kRestOfTramp);
  object.put(0, kPointer);                                           // pinfo
  object.put(static_cast<std::uint64_t>(kInFrameItself), kPointer);  // puc
}

// --- Unwinding (DWARF 4, 6.4; Linux Standard Base Core, "Exception Frames") ---

// Registers by the numbers that GCC gives them in .eh_frame. The return address has that of a register which
// no frame needs: LR must keep what it held at the signal.
constexpr std::uint64_t kR1 = 1;
constexpr std::uint64_t kReturnAddress = 67;

enum class Area : std::uint8_t { PtRegs, Vectors };

// `count` registers, whose values lie `step` bytes apart.
struct Saved {
  std::uint64_t first;
  std::uint64_t count;
  Area area;
  std::uint64_t offset;
  std::uint64_t step;
};
constexpr std::uint64_t kFprs = frame::kFpRegs - frame::kGpRegs;
constexpr std::uint64_t kLowWord = 4;  // of a doubleword: the rest of the CR's is nothing
constexpr std::array kSaved{
    Saved{0, 1, Area::PtRegs, 0, 8},                          // r0
    Saved{2, 30, Area::PtRegs, 16, 8},                        // r2 to r31; r1 is the CFA
    Saved{32, 32, Area::PtRegs, kFprs, 8},                    // f0 to f31
    Saved{65, 1, Area::PtRegs, 8 * kPtLnk, 8},                // LR
    Saved{kReturnAddress, 1, Area::PtRegs, 8 * kPtNip, 8},    // where the signal came
    Saved{68, 8, Area::PtRegs, 8 * kPtCcr + kLowWord, 0},     // CR0 to CR7, each of which is the whole CR
    Saved{77, 32, Area::Vectors, 0, 16},                      // v0 to v31
    Saved{109, 1, Area::Vectors, kVmxSize - 16, 0},           // VRSAVE
    Saved{110, 1, Area::Vectors, kVmxSize - 2 * 16 + 12, 0},  // VSCR
};

// An expression for where something lies in the signal's frame, which begins kCallerFrame above r1. In the
// frame is the address of its struct pt_regs, and at a fixed distance from that struct the address of the
// vector registers; setup_rt_frame() always saves those, so that MSR[VEC] is not asked.
Bytes place_of(Area area, std::uint64_t offset) {
  Bytes expression;
  expression.put(DW_OP_breg1, 1);
  expression.put_sleb128(frame::kCallerFrame + frame::kMcontext + frame::kRegs);
  expression.put(DW_OP_deref, 1);
  if (area == Area::Vectors) {
    expression.put(DW_OP_plus_uconst, 1);
    expression.put_uleb128(frame::kVRegs - frame::kGpRegs);
    expression.put(DW_OP_deref, 1);
  }
  if (offset != 0) {
    expression.put(DW_OP_plus_uconst, 1);
    expression.put_uleb128(offset);
  }
  return expression;
}

void put_block(Bytes& object, const Bytes& expression) {
  object.put_uleb128(expression.end());
  object.put(expression);
}

// As on Linux, for all of the code as it is before r1 leaves the caller's frame: nobody returns further down.
void put_frame_instructions(Bytes& object) {
  Bytes cfa = place_of(Area::PtRegs, 8 * kR1);
  cfa.put(DW_OP_deref, 1);
  object.put(DW_CFA_def_cfa_expression, 1);
  put_block(object, cfa);
  for (const Saved& saved : kSaved) {
    for (std::uint64_t i = 0; i < saved.count; ++i) {
      object.put(DW_CFA_expression, 1);
      object.put_uleb128(saved.first + i);
      put_block(object, place_of(saved.area, saved.offset + saved.step * i));
    }
  }
}

// A length, and so many bytes, which are padded by DW_CFA_nop.
void put_entry(Bytes& object, Bytes entry) {
  constexpr std::uint64_t kLength = 4, kAlignment = 8;
  entry.skip_to((entry.end() + kLength + kAlignment - 1) / kAlignment * kAlignment - kLength);
  object.put(entry.end(), kLength);
  object.put(entry);
}

struct FrameInformation {
  Section eh_frame;
  std::uint64_t fde;  // the address of the only one
};

FrameInformation put_eh_frame(Bytes& object) {
  FrameInformation done{};
  done.eh_frame = section(object, 8, [&] {
    const std::uint64_t start = object.end();
    Bytes cie;
    cie.put(0, 4);  // CIE ID
    cie.put(1, 1);  // version
    // z: the length of what the other letters mean; R: how addresses are encoded; S: a signal's frame, so
    // that the return address is not one behind a call
    cie.put_text("zRS");
    cie.put_uleb128(kInstruction);  // code alignment factor
    cie.put_sleb128(-8);            // data alignment factor
    cie.put(kReturnAddress, 1);
    cie.put_uleb128(1);
    cie.put(DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1);
    put_entry(object, std::move(cie));

    done.fde = object.end();
    constexpr std::uint64_t kCiePointer = 4, kPcBegin = 8;  // behind the length
    Bytes fde;
    fde.put(done.fde + kCiePointer - start, 4);
    fde.put(kStartSigtramp - (done.fde + kPcBegin), 4);
    fde.put(kSigtrampEnd - kStartSigtramp, 4);
    fde.put_uleb128(0);  // nothing for the augmentation
    put_frame_instructions(fde);
    put_entry(object, std::move(fde));
    object.put(0, 4);  // no more entries
  });
  return done;
}

void put_eh_frame_hdr(Bytes& object, const FrameInformation& frames) {
  const std::uint64_t start = object.end();
  object.put(1, 1);                                   // version
  object.put(DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1);    // of eh_frame_ptr
  object.put(DW_EH_PE_udata4, 1);                     // of fde_count
  object.put(DW_EH_PE_datarel | DW_EH_PE_sdata4, 1);  // of the table: from this header's start
  object.put_distance_to(frames.eh_frame.start);
  object.put(1, 4);
  object.put(kStartSigtramp - start, 4);
  object.put(frames.fde - start, 4);
}

// --- Dynamic linking (System V ABI, chapter 5; versions: Linux Standard Base Core, "Symbol Versioning") ---

constexpr std::string_view kSoname = "linux-vdso64.so.1";
constexpr std::string_view kVersion = "LINUX_2.6.15";
constexpr std::string_view kSymbol = "__kernel_sigtramp_rt64";

// Where they are in the string table, which begins with the empty string.
constexpr std::uint64_t kSymbolName = 1;
constexpr std::uint64_t kVersionName = kSymbolName + kSymbol.size() + 1;
constexpr std::uint64_t kSonameName = kVersionName + kVersion.size() + 1;

struct Dynamic {
  Section hash, symbols, strings, versions, definitions;
};

// The hash table has one bucket, and so one chain: the symbol, and no other.
void put_hash(Bytes& object) {
  for (const unsigned word : {1u, 2u, 1u, 0u, 0u}) object.put(word, 4);  // nbucket, nchain, bucket[], chain[]
}

// There is no table of sections, so the symbol's is a number and no more; SHN_ABS would say that its value is
// not to be relocated.
void put_symbols(Bytes& object) {
  constexpr std::uint64_t kText = 1;
  object.put(0, 8);  // the first one is undefined
  object.put(0, 8);
  object.put(0, 8);
  object.put(kSymbolName, 4);
  object.put(ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 1);
  object.put(STV_DEFAULT, 1);
  object.put(kText, 2);
  object.put(kSigtramp, 8);
  object.put(kSigtrampEnd - kSigtramp, 8);
}

void put_strings(Bytes& object) {
  object.put_text("");
  for (const std::string_view text : {kSymbol, kVersion, kSoname}) object.put_text(text);
}

constexpr std::uint64_t kDefinitions = 2;
constexpr std::uint64_t kVersionIndex = 2;

void put_versions(Bytes& object) {
  for (const std::uint64_t index : {std::uint64_t{VER_NDX_LOCAL}, kVersionIndex}) object.put(index, 2);
}

void put_definition(Bytes& object, std::uint64_t flags, std::uint64_t index, std::string_view name,
                    std::uint64_t name_at, bool last) {
  constexpr std::uint64_t kVerdef = sizeof(Elf64_Verdef), kVerdaux = sizeof(Elf64_Verdaux);
  object.put(VER_DEF_CURRENT, 2);
  object.put(flags, 2);
  object.put(index, 2);
  object.put(1, 2);  // names
  object.put(elf_hash(name.data()), 4);
  object.put(kVerdef, 4);                        // to the name
  object.put(last ? 0 : kVerdef + kVerdaux, 4);  // to the next definition
  object.put(name_at, 4);
  object.put(0, 4);  // no other name
}

void put_definitions(Bytes& object) {
  put_definition(object, VER_FLG_BASE, VER_NDX_GLOBAL, kSoname, kSonameName, false);
  put_definition(object, 0, kVersionIndex, kVersion, kVersionName, true);
}

void put_dynamic(Bytes& object, const Dynamic& tables) {
  const std::array<std::pair<std::uint64_t, std::uint64_t>, 10> entries{{
      {DT_SONAME, kSonameName},
      {DT_HASH, tables.hash.start},
      {DT_STRTAB, tables.strings.start},
      {DT_SYMTAB, tables.symbols.start},
      {DT_STRSZ, tables.strings.size},
      {DT_SYMENT, sizeof(Elf64_Sym)},
      {DT_VERDEF, tables.definitions.start},
      {DT_VERDEFNUM, kDefinitions},
      {DT_VERSYM, tables.versions.start},
      {DT_NULL, 0},
  }};
  for (const auto& [tag, value] : entries) {
    object.put(tag, 8);
    object.put(value, 8);
  }
}

// --- Headers (System V ABI, chapters 4 and 5) ---

struct Segment {
  std::uint64_t type = 0;
  std::uint64_t flags = 0;
  Section content;
  std::uint64_t alignment = 0;
};

constexpr std::size_t kSegments = 3;
static_assert(sizeof(Elf64_Ehdr) + kSegments * sizeof(Elf64_Phdr) <= kStartSigtramp);

Bytes headers(const std::array<Segment, kSegments>& segments) {
  constexpr std::uint64_t kElfV1 = 1;  // EF_PPC64_ABI: the ABI of big-endian programs
  Bytes head;
  head.put(0x7f454c46, SELFMAG);  // ELFMAG
  for (const int byte : {ELFCLASS64, ELFDATA2MSB, EV_CURRENT, ELFOSABI_SYSV}) {
    head.put(static_cast<unsigned>(byte), 1);
  }
  head.skip_to(EI_NIDENT);
  head.put(ET_DYN, 2);
  head.put(EM_PPC64, 2);
  head.put(EV_CURRENT, 4);
  head.put(0, 8);                   // e_entry
  head.put(sizeof(Elf64_Ehdr), 8);  // e_phoff
  head.put(0, 8);                   // e_shoff
  head.put(kElfV1, 4);
  head.put(sizeof(Elf64_Ehdr), 2);
  head.put(sizeof(Elf64_Phdr), 2);
  head.put(kSegments, 2);
  head.put(sizeof(Elf64_Shdr), 2);
  head.put(0, 2);  // e_shnum
  head.put(SHN_UNDEF, 2);
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

std::vector<std::byte> vdso_image() {
  Bytes object;
  object.skip_to(kStartSigtramp);  // the headers follow when it is known where everything is
  put_code(object);
  const FrameInformation frames = put_eh_frame(object);
  const Section frame_header = section(object, 4, [&] { put_eh_frame_hdr(object, frames); });
  Dynamic tables;
  tables.hash = section(object, 8, [&] { put_hash(object); });
  tables.symbols = section(object, 8, [&] { put_symbols(object); });
  tables.strings = section(object, 1, [&] { put_strings(object); });
  tables.versions = section(object, 2, [&] { put_versions(object); });
  tables.definitions = section(object, 8, [&] { put_definitions(object); });
  const Section dynamic = section(object, 8, [&] { put_dynamic(object, tables); });
  // The dynamic section is only readable, by which the C library knows that it must not relocate it.
  constexpr std::uint64_t kPage = machine::linux_page_size(isa::Isa::Ppc64);
  object.overwrite(0, headers({{{PT_LOAD, PF_R | PF_X, {0, object.end()}, kPage},
                                {PT_DYNAMIC, PF_R, dynamic, 8},
                                {PT_GNU_EH_FRAME, PF_R, frame_header, 4}}}));
  return object.take();
}

void map_vdso(Mm& mm) {
  Mm::MapRequest request{.size = mm.page_size()};
  request.vma.permissions = {.read = true, .execute = true};
  request.vma.name = "[vdso]";
  const auto at = mm.map(request);
  if (at && mm.poke(*at, vdso_image())) mm.vdso = *at;
}

}  // namespace trapline::kernel::ppc64_arch
