#include "emu/kernel/mm/elf.hpp"
#include "isa/linux/constants.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>

namespace trapline::kernel {

namespace {

[[noreturn]] void out_of_memory() { throw ElfError(ENOMEM, "does not fit into the machine's memory"); }

enum class Placement : std::uint8_t { Anywhere, Fixed, FixedNoReplace };

// One file on its way into memory.
class Loader {
 public:
  Loader(Mm& mm, const ElfFile& file) : mm_(mm), file_(file) {}

  void load_program(bool has_interpreter);
  void load_interpreter(bool anywhere);

  std::uint64_t bias() const { return bias_; }
  GuestVa end() const { return end_; }  // of the highest segment

 private:
  std::uint64_t align_up(std::uint64_t value) const {
    return (value + mm_.page_size() - 1) / mm_.page_size() * mm_.page_size();
  }
  std::uint64_t align_down(std::uint64_t value) const { return value - value % mm_.page_size(); }
  std::uint64_t in_page(std::uint64_t value) const { return value % mm_.page_size(); }

  std::uint64_t total_mapping_size() const;
  std::uint64_t maximum_alignment() const;
  void check_size(const Elf64_Phdr& segment, std::uint64_t address) const;
  GuestVa elf_map(std::uint64_t address, const Elf64_Phdr& segment, Placement place,
                  std::uint64_t total_size);
  void map_zeroes(std::uint64_t start, std::uint64_t end, bool execute);
  bool pad_zero(std::uint64_t from);
  GuestVa elf_load(std::uint64_t address, const Elf64_Phdr& segment, Placement place,
                   std::uint64_t total_size);
  Placement place_program(const Elf64_Phdr& first, bool has_interpreter, std::uint64_t total_size);
  void record(const Elf64_Phdr& segment);

  Mm& mm_;
  const ElfFile& file_;
  std::uint64_t bias_ = 0;
  GuestVa end_;
};

std::uint64_t Loader::total_mapping_size() const {
  std::uint64_t lowest = ~std::uint64_t{0};
  std::uint64_t highest = 0;
  for (const Elf64_Phdr& segment : file_.segments) {
    if (segment.p_type != PT_LOAD) continue;
    lowest = std::min(lowest, align_down(segment.p_vaddr));
    highest = std::max(highest, segment.p_vaddr + segment.p_memsz);
  }
  return highest == 0 ? 0 : highest - lowest;
}

std::uint64_t Loader::maximum_alignment() const {
  std::uint64_t alignment = 0;
  for (const Elf64_Phdr& segment : file_.segments) {
    if (segment.p_type == PT_LOAD && std::has_single_bit(segment.p_align))
      alignment = std::max(alignment, std::uint64_t{segment.p_align});
  }
  return align_up(alignment);
}

void Loader::check_size(const Elf64_Phdr& segment, std::uint64_t address) const {
  const std::uint64_t task_size = mm_.layout().task_size.value;
  if (address >= task_size || segment.p_filesz > segment.p_memsz || segment.p_memsz > task_size ||
      task_size - segment.p_memsz < address) {
    out_of_memory();
  }
}

// With a total size all of that is found room for, and what the segment does not take is free again.
GuestVa Loader::elf_map(std::uint64_t address, const Elf64_Phdr& segment, Placement place,
                        std::uint64_t total_size) {
  const std::uint64_t skipped = in_page(segment.p_vaddr);
  const std::uint64_t size = align_up(segment.p_filesz + skipped);
  if (size == 0) return GuestVa(align_down(address));
  Mm::MapRequest request{.at = GuestVa(align_down(address)),
                         .fixed = place != Placement::Anywhere,
                         .no_replace = place == Placement::FixedNoReplace,
                         .size = total_size == 0 ? size : align_up(total_size)};
  request.vma.permissions = {.read = (segment.p_flags & PF_R) != 0,
                             .write = (segment.p_flags & PF_W) != 0,
                             .execute = (segment.p_flags & PF_X) != 0};
  request.vma.file = file_.content;
  request.vma.file_offset = segment.p_offset - skipped;
  request.vma.name = file_.name;
  if (in_page(request.vma.file_offset) != 0 || segment.p_offset < skipped) out_of_memory();
  const auto mapped = mm_.map(request);
  if (!mapped) out_of_memory();
  if (request.size > size && !mm_.unmap(*mapped + size, request.size - size)) out_of_memory();
  return *mapped;
}

// vm_brk_flags(): memory that can be read and written, whatever the segment says.
void Loader::map_zeroes(std::uint64_t start, std::uint64_t end, bool execute) {
  if (end <= start) return;
  Mm::MapRequest request{.at = GuestVa(start), .fixed = true, .size = end - start};
  request.vma.permissions = {.read = true, .write = true, .execute = execute};
  if (!mm_.map(request)) out_of_memory();
}

// The rest of a page that the file fills in part.
bool Loader::pad_zero(std::uint64_t from) {
  const std::vector<std::byte> zeroes(align_up(from) - from);
  return mm_.write(GuestVa(from), zeroes);
}

GuestVa Loader::elf_load(std::uint64_t address, const Elf64_Phdr& segment, Placement place,
                         std::uint64_t total_size) {
  const bool grows = segment.p_memsz > segment.p_filesz;
  const bool execute = (segment.p_flags & PF_X) != 0;
  const std::uint64_t skipped = in_page(segment.p_vaddr);
  if (segment.p_filesz == 0) {
    const std::uint64_t start = align_down(address);
    if (grows) map_zeroes(start, align_up(start + skipped + segment.p_memsz), execute);
    return GuestVa(start);
  }
  const GuestVa mapped = elf_map(address, segment, place, total_size);
  if (grows) {
    const std::uint64_t zeroes = mapped.value + skipped + segment.p_filesz;
    static_cast<void>(pad_zero(zeroes));  // where the segment is read-only, the file's bytes show
    map_zeroes(align_up(zeroes), align_up(mapped.value + skipped + segment.p_memsz), execute);
  }
  return mapped;
}

// load_elf_binary(), "PIE handling": with an interpreter at its own place, without, being one itself, among
// the mappings, so that what it loads finds that place free.
Placement Loader::place_program(const Elf64_Phdr& first, bool has_interpreter, std::uint64_t total_size) {
  if (!file_.position_independent()) return Placement::FixedNoReplace;
  if (total_size == 0) out_of_memory();
  const std::uint64_t alignment = maximum_alignment();
  const std::uint64_t mask = alignment == 0 ? ~std::uint64_t{0} : ~(alignment - 1);
  Placement place = Placement::Anywhere;
  std::uint64_t base = 0;
  if (has_interpreter) {
    base = isa::linux_abi::differing(mm_.isa()).elf_et_dyn_base & mask;
    place = Placement::FixedNoReplace;
  } else if (alignment > mm_.page_size()) {
    const GuestVa tried = elf_load(0, first, Placement::Anywhere, total_size);
    if (!mm_.unmap(tried, total_size)) out_of_memory();
    base = tried.value & mask;
    place = Placement::FixedNoReplace;
  }
  bias_ = align_down(base - first.p_vaddr);
  return place;
}

void Loader::record(const Elf64_Phdr& segment) {
  Mm::ProgramPlaces& places = mm_.places;
  const GuestVa start(segment.p_vaddr + bias_);
  const GuestVa file_end = start + segment.p_filesz;
  if ((segment.p_flags & PF_X) != 0) {
    places.start_code = places.end_code == GuestVa() ? start : std::min(places.start_code, start);
    places.end_code = std::max(places.end_code, file_end);
  }
  places.start_data = std::max(places.start_data, start);
  places.end_data = std::max(places.end_data, file_end);
  end_ = std::max(end_, start + segment.p_memsz);
}

void Loader::load_program(bool has_interpreter) {
  bool first = true;
  for (const Elf64_Phdr& segment : file_.segments) {
    if (segment.p_type != PT_LOAD) continue;
    const std::uint64_t total_size = first && file_.position_independent() ? total_mapping_size() : 0;
    const Placement place = first ? place_program(segment, has_interpreter, total_size) : Placement::Fixed;
    const std::uint64_t wanted = bias_ + segment.p_vaddr;
    const GuestVa mapped = elf_load(wanted, segment, place, total_size);
    if (first && file_.position_independent()) bias_ += mapped.value - align_down(wanted);
    first = false;
    check_size(segment, segment.p_vaddr);
    record(segment);
  }
}

// load_elf_interp(). `anywhere`: where there is room, rather than where it would like to be.
void Loader::load_interpreter(bool anywhere) {
  const auto type = file_.header.e_type;
  const std::uint64_t total_size = total_mapping_size();
  if ((type != ET_EXEC && type != ET_DYN) || total_size == 0) out_of_memory();
  std::uint64_t file_end = 0;
  bool execute = false;
  bool first = true;
  for (const Elf64_Phdr& segment : file_.segments) {
    if (segment.p_type != PT_LOAD) continue;
    const bool fixed = !file_.position_independent() || !first;
    if (!fixed && anywhere) bias_ = 0 - segment.p_vaddr;
    const GuestVa mapped = elf_map(bias_ + segment.p_vaddr, segment,
                                   fixed ? Placement::Fixed : Placement::Anywhere, first ? total_size : 0);
    if (!fixed) bias_ = mapped.value - align_down(segment.p_vaddr);
    first = false;
    const std::uint64_t start = bias_ + segment.p_vaddr;
    check_size(segment, start);
    file_end = std::max(file_end, start + segment.p_filesz);
    if (const GuestVa end(start + segment.p_memsz); end > end_) {
      end_ = end;
      execute = (segment.p_flags & PF_X) != 0;
    }
  }
  if (!pad_zero(file_end)) out_of_memory();
  map_zeroes(align_up(file_end), align_up(end_.value), execute);
}

// Of the segment that holds them in the file; of none, as Linux has it, the bias alone.
GuestVa program_headers(const ElfFile& program, std::uint64_t bias) {
  std::uint64_t headers = 0;
  const std::uint64_t offset = program.header.e_phoff;
  for (const Elf64_Phdr& segment : program.segments) {
    if (segment.p_type == PT_LOAD && segment.p_offset <= offset &&
        offset < segment.p_offset + segment.p_filesz) {
      headers = offset - segment.p_offset + segment.p_vaddr;
    }
  }
  return GuestVa(headers + bias);
}

}  // namespace

LoadedProgram load_elf(Mm& mm, const ElfFile& program, const ElfFile* interpreter) {
  Loader loader(mm, program);
  loader.load_program(interpreter != nullptr);
  const std::uint64_t bias = loader.bias();
  constexpr std::uint64_t kAbiMask = 3;  // EF_PPC64_ABI: 0 and 1 are ELFv1, 2 is ELFv2
  LoadedProgram loaded{
      .start = GuestVa(program.header.e_entry + bias),
      .descriptor = isa::has_function_descriptors(program.isa) && (program.header.e_flags & kAbiMask) != 2,
      .bias = bias,
      .entry = GuestVa(program.header.e_entry + bias),
      .headers = program_headers(program, bias),
      .header_count = program.header.e_phnum};
  if (interpreter != nullptr) {
    Loader other(mm, *interpreter);
    other.load_interpreter(bias != 0);
    loaded.bias = other.bias();
    loaded.interpreter_base = GuestVa(other.bias());
    loaded.start = GuestVa(interpreter->header.e_entry + other.bias());
  }
  if (loaded.start >= mm.layout().task_size) out_of_memory();
  // An interpreter that is run as a program would have its heap among the mappings.
  const bool alone = program.position_independent() && interpreter == nullptr;
  const GuestVa heap = alone ? GuestVa(isa::linux_abi::differing(program.isa).elf_et_dyn_base) : loader.end();
  mm.start_brk(heap.align_up(mm.page_size()));
  mm.places.load_bias = bias;
  return loaded;
}

}  // namespace trapline::kernel
