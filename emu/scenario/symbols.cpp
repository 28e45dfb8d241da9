#include "emu/scenario/symbols.hpp"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fmt/format.h>
#include <gelf.h>

#include <algorithm>
#include <mutex>
#include <span>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "emu/scenario/debug_info.hpp"
#include "emu/scenario/elf_file.hpp"
#include "emu/scenario/name_in_source.hpp"
#include "emu/scenario/target.hpp"
#include "isa/decode.hpp"

namespace trapline::scenario {
namespace {

struct Entry {
  Symbol symbol;
  unsigned rank = 0;        // of several at one address or of one name, the lowest is the one to show
  std::size_t section = 0;  // where the address is
  std::string linked;       // what the linker calls it, where that is another name
  std::uint64_t reach = 0;  // the highest end of this entry and all before it
};

struct Section {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

// PPC64's ELFv1 function descriptors (64-bit ELF ABI Supplement, 3.2.1): the first doubleword of each is the
// code's address, the others are the TOC and the environment.
class Descriptors {
 public:
  void set(const GElf_Shdr& header, std::size_t index, Elf_Data* data) {
    start_ = header.sh_addr;
    index_ = index;
    if (data && data->d_buf) {
      const auto* bytes = static_cast<const unsigned char*>(data->d_buf);
      bytes_.assign(bytes, bytes + data->d_size);
    }
  }

  // The code's address of a function symbol; its value where it is no descriptor.
  std::uint64_t code(const GElf_Sym& symbol) const {
    if (symbol.st_shndx != index_ || index_ == 0 || symbol.st_value < start_) return symbol.st_value;
    const std::uint64_t offset = symbol.st_value - start_;
    if (bytes_.size() < sizeof(std::uint64_t) || offset > bytes_.size() - sizeof(std::uint64_t))
      return symbol.st_value;
    std::uint64_t address = 0;
    for (std::size_t i = 0; i < sizeof(std::uint64_t); ++i) {
      address = address << 8 | bytes_[static_cast<std::size_t>(offset) + i];
    }
    return address;
  }

 private:
  std::uint64_t start_ = 0;
  std::size_t index_ = 0;
  std::vector<unsigned char> bytes_;
};

unsigned underscores(std::string_view name) {
  return static_cast<unsigned>(std::min(name.find_first_not_of('_'), name.size()));
}

// glibc has many names for one function: "write" is better than "__write". The linker's own labels, such as
// "__bss_start", often stand where the first variable does.
unsigned rank_of(const GElf_Sym& symbol, std::string_view name) {
  const unsigned type = GELF_ST_TYPE(symbol.st_info);
  const unsigned binding = GELF_ST_BIND(symbol.st_info);
  const unsigned untyped = type == STT_NOTYPE ? 1U : 0U;
  const unsigned by_binding = binding == STB_GLOBAL ? 0U : binding == STB_WEAK ? 1U : 2U;
  const unsigned spelled = std::min(underscores(name), 7U);
  return untyped << 8 | spelled << 4 | by_binding;
}

struct EndDwarf {
  void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
};

}  // namespace

struct SymbolTable::Impl {
  explicit Impl(ElfFile elf)
      : file(std::move(elf)),
        dwarf(dwarf_begin_elf(file.get(), DWARF_C_READ, nullptr)),
        debug_info(dwarf.get()) {
    read_sections();
    read_thread_block();
    read_symbols();
    index();
  }

  void read_sections() {
    std::size_t names = 0;
    const bool named = elf_getshdrstrndx(file.get(), &names) == 0;
    const bool descriptors_used = file.isa() && isa::has_function_descriptors(*file.isa());
    for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(file.get(), scn));) {
      GElf_Shdr header;
      if (!gelf_getshdr(scn, &header) || !(header.sh_flags & SHF_ALLOC) || (header.sh_flags & SHF_TLS))
        continue;
      if (header.sh_addr + header.sh_size < header.sh_addr) continue;
      sections.push_back({header.sh_addr, header.sh_addr + header.sh_size});
      const char* name = named ? elf_strptr(file.get(), names, header.sh_name) : nullptr;
      if (descriptors_used && name && std::string_view(name) == ".opd") {
        descriptors.set(header, elf_ndxscn(scn), elf_rawdata(scn, nullptr));
      }
    }
    std::sort(sections.begin(), sections.end(),
              [](const Section& a, const Section& b) { return a.start < b.start; });
  }

  void read_thread_block() {
    std::size_t count = 0;
    if (elf_getphdrnum(file.get(), &count) != 0) return;
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Phdr header;
      if (!gelf_getphdr(file.get(), static_cast<int>(i), &header) || header.p_type != PT_TLS) continue;
      const std::uint64_t align = std::max<std::uint64_t>(header.p_align, 1);
      thread_block = (header.p_memsz + align - 1) / align * align;
    }
  }

  // Of a library often only those are left that others are linked by.
  void read_symbols() {
    read_symbols(SHT_SYMTAB);
    if (entries.empty()) read_symbols(SHT_DYNSYM);
  }

  void read_symbols(GElf_Word type) {
    for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(file.get(), scn));) {
      GElf_Shdr header;
      if (!gelf_getshdr(scn, &header) || header.sh_type != type || header.sh_entsize == 0) continue;
      Elf_Data* data = elf_getdata(scn, nullptr);
      if (!data) continue;
      Elf_Data* const versions = type == SHT_DYNSYM ? versions_data() : nullptr;
      const std::size_t count = data->d_size / header.sh_entsize;
      for (std::size_t i = 0; i < count; ++i) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, static_cast<int>(i), &symbol)) continue;
        const char* name = elf_strptr(file.get(), header.sh_link, symbol.st_name);
        if (!name) continue;
        // What only programs of old are linked by (the System V ABI's versions, as GNU has them).
        constexpr GElf_Versym kHidden = 0x8000;
        GElf_Versym version = 0;
        const bool old =
            versions && gelf_getversym(versions, static_cast<int>(i), &version) && (version & kHidden) != 0;
        add(symbol, name, old);
      }
    }
  }

  // Of dynamic symbols, in their order; null: none.
  Elf_Data* versions_data() const {
    for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(file.get(), scn));) {
      GElf_Shdr header;
      if (gelf_getshdr(scn, &header) && header.sh_type == SHT_GNU_versym) return elf_getdata(scn, nullptr);
    }
    return nullptr;
  }

  void add(const GElf_Sym& symbol, const char* name, bool old) {
    const unsigned type = GELF_ST_TYPE(symbol.st_info);
    const bool known = type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_OBJECT || type == STT_NOTYPE;
    if (!known || symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS || *name == '\0') return;
    Entry entry;
    entry.symbol = {name_in_source(name), symbol.st_value, symbol.st_size,
                    type == STT_FUNC || type == STT_GNU_IFUNC, type == STT_GNU_IFUNC};
    if (entry.symbol.name != name) entry.linked = name;
    // A label of assembly that names a descriptor has no type, but is a function as well.
    entry.symbol.address = descriptors.code(symbol);
    entry.symbol.function = entry.symbol.function || entry.symbol.address != symbol.st_value;
    entry.rank = rank_of(symbol, entry.symbol.name) | (old ? 1U << 9 : 0U);
    const auto section = section_of(entry.symbol.address);
    if (!section) return;
    entry.section = *section;
    entries.push_back(std::move(entry));
  }

  // Whether an instruction of the function there jumps to its first one.
  bool jumps_back(std::uint64_t entry) const {
    const Entry* const symbol = at(entry + bias);
    return symbol != nullptr && branches(entry, symbol->symbol.size, fmt::format("{:#x}", entry));
  }

  // Whether one of those instructions jumps: to `target`, where that is said.
  bool branches(std::uint64_t first, std::uint64_t size, const std::string& target = "") const {
    const auto isa = file.isa();
    if (!isa) return false;
    const auto code = content(first, size);
    const isa::Decoder decoder(*isa);
    for (std::size_t offset = 0; offset < code.size();) {
      const auto rest = code.subspan(offset);
      const isa::GuestVa pc(first + offset);
      const isa::Instruction instruction = decoder.decode(rest, pc);
      if (instruction.cls == isa::InstructionClass::Branch && decoder.text(rest, pc).ends_with(target))
        return true;
      offset += std::max<std::size_t>(instruction.size, 1);
    }
    return false;
  }

  // What the file has for an address.
  std::span<const std::byte> content(std::uint64_t address, std::uint64_t size) const {
    for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(file.get(), scn));) {
      GElf_Shdr header;
      if (!gelf_getshdr(scn, &header) || (header.sh_flags & SHF_ALLOC) == 0 || address < header.sh_addr ||
          address - header.sh_addr >= header.sh_size)
        continue;
      const Elf_Data* const data = elf_rawdata(scn, nullptr);
      const std::uint64_t offset = address - header.sh_addr;
      if (data == nullptr || data->d_buf == nullptr || offset >= data->d_size) return {};
      return std::span(static_cast<const std::byte*>(data->d_buf), data->d_size)
          .subspan(offset, std::min(size, data->d_size - offset));
    }
    return {};
  }

  std::optional<std::size_t> section_of(std::uint64_t address) const {
    auto after =
        std::upper_bound(sections.begin(), sections.end(), address,
                         [](std::uint64_t value, const Section& section) { return value < section.start; });
    // A symbol may stand at a section's very end ("_end").
    if (after == sections.begin() || address > (--after)->end) return std::nullopt;
    return static_cast<std::size_t>(after - sections.begin());
  }

  void index() {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.symbol.address, a.rank, a.symbol.name) <
             std::tie(b.symbol.address, b.rank, b.symbol.name);
    });
    std::uint64_t reach = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Symbol& symbol = entries[i].symbol;
      reach = std::max(reach, symbol.address + std::min(symbol.size, ~symbol.address));
      entries[i].reach = reach;
      const auto add_name = [&](const std::string& name) {
        const auto [known, fresh] = by_name.try_emplace(name, i);
        if (!fresh && entries[i].rank < entries[known->second].rank) known->second = i;
      };
      add_name(symbol.name);
      if (!entries[i].linked.empty()) add_name(entries[i].linked);
    }
  }

  const Entry* at(std::uint64_t address) const {
    const auto after = std::upper_bound(
        entries.begin(), entries.end(), address,
        [](std::uint64_t value, const Entry& entry) { return value < entry.symbol.address; });
    const Entry* holder = nullptr;   // has a size and includes the address
    const Entry* nearest = nullptr;  // has none and is before it
    for (auto entry = after; entry != entries.begin();) {
      --entry;
      const Symbol& symbol = entry->symbol;
      const std::uint64_t offset = address - symbol.address;
      // Of those at one address, the first in order is the best one: let later steps of this walk replace it.
      if (symbol.size > offset && (!holder || symbol.address == holder->symbol.address)) holder = &*entry;
      if (symbol.size == 0 && (!nearest || symbol.address == nearest->symbol.address)) nearest = &*entry;
      const bool more_at_address =
          entry != entries.begin() && std::prev(entry)->symbol.address == symbol.address;
      if (!more_at_address && (holder || entry->reach <= address)) break;
    }
    if (holder) return holder;
    if (!nearest || address >= sections[nearest->section].end) return nullptr;
    return nearest;
  }

  ElfFile file;
  std::unique_ptr<Dwarf, EndDwarf> dwarf;  // null where there is none
  DebugInfo debug_info;
  std::uint64_t thread_block = 0;
  std::mutex dwarf_mutex;         // libdw reads on demand, into one cache for all threads
  std::vector<Section> sections;  // those with memory, by address
  Descriptors descriptors;
  std::vector<Entry> entries;  // by address, then rank
  std::uint64_t bias = 0;      // what is in these, and not in the line numbers
  std::unordered_map<std::string, std::size_t> by_name;
};

SymbolTable::SymbolTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SymbolTable::~SymbolTable() = default;
SymbolTable::SymbolTable(SymbolTable&&) noexcept = default;
SymbolTable& SymbolTable::operator=(SymbolTable&&) noexcept = default;

SymbolTable SymbolTable::load(const std::filesystem::path& path) {
  return SymbolTable(std::make_unique<Impl>(ElfFile(path)));
}

SymbolTable SymbolTable::load(std::vector<char> bytes, const std::string& name) {
  return SymbolTable(std::make_unique<Impl>(ElfFile(std::move(bytes), name)));
}

void SymbolTable::relocate(std::uint64_t bias) {
  for (Section& section : impl_->sections) {
    section.start += bias;
    section.end += bias;
  }
  for (Entry& entry : impl_->entries) {
    entry.symbol.address += bias;
    entry.reach += bias;
  }
  impl_->bias += bias;
}

std::optional<Symbol> SymbolTable::find(std::string_view name) const {
  const auto found = impl_->by_name.find(std::string(name));
  if (found == impl_->by_name.end()) return std::nullopt;
  return impl_->entries[found->second].symbol;
}

std::optional<Symbol> SymbolTable::at(std::uint64_t address) const {
  const Entry* entry = impl_->at(address);
  return entry ? std::optional(entry->symbol) : std::nullopt;
}

Target SymbolTable::target(const Place& place) const {
  const std::scoped_lock lock(impl_->dwarf_mutex);
  return find_target(place, *this, impl_->debug_info, impl_->bias);
}

std::uint64_t SymbolTable::body(std::uint64_t entry, std::uint64_t after_prologue) const {
  if (after_prologue <= entry) return entry;
  return impl_->branches(entry, after_prologue - entry) ? entry : after_prologue;
}

std::string which_one(std::string_view function) {
  return fmt::format(
      "which code `{}` is, is chosen when the program begins (STT_GNU_IFUNC): name that function, as hits in "
      "it do",
      function);
}

std::vector<SymbolTable::Code> SymbolTable::code(const Place& function) const {
  const std::scoped_lock lock(impl_->dwarf_mutex);
  const std::string name = to_string(function);
  std::vector<Code> code;
  if (const auto* const known = impl_->debug_info.function(name)) {
    for (const DebugInfo::Instance& instance : known->instances)
      code.push_back({instance.entry + impl_->bias, body(instance.entry, instance.body) + impl_->bias});
    if (code.empty() && known->inlined)
      throw PlaceError(
          fmt::format("`{}` is never called: the compiler has put its code into its callers' (inlined it); "
                      "make it __attribute__((noinline)), or compile with -fno-inline",
                      name));
  }
  if (code.empty()) {
    const auto symbol = find(name);
    if (!symbol) throw PlaceError(fmt::format("the program has no function `{}`", name));
    if (!symbol->function) throw PlaceError(fmt::format("`{}` is no function", name));
    if (symbol->chooses) throw PlaceError(which_one(name));
    code.push_back({symbol->address, symbol->address});
  }
  for (Code& one : code) one.loops = impl_->jumps_back(one.entry - impl_->bias);
  return code;
}

std::uint64_t SymbolTable::bias() const { return impl_->bias; }

std::uint64_t SymbolTable::thread_block() const { return impl_->thread_block; }

std::optional<std::uint64_t> SymbolTable::resolve(const Place& place) const {
  if (place.plain()) {
    if (place.symbol.empty()) return place.offset;
    if (const auto symbol = find(place.symbol)) return symbol->address + place.offset;
  }
  try {
    return target(place).address(impl_->bias);
  } catch (const PlaceError&) {
    return std::nullopt;
  }
}

std::optional<std::uint64_t> SymbolTable::resolve(std::string_view text) const {
  const auto place = parse_place(text);
  return place ? resolve(*place) : std::nullopt;
}

std::string SymbolTable::describe(std::uint64_t address) const {
  const auto symbol = at(address);
  return symbol ? to_string(Place{symbol->name, address - symbol->address}) : to_string(Place{"", address});
}

std::optional<std::string> SymbolTable::line(std::uint64_t address) const {
  if (!impl_->dwarf) return std::nullopt;
  const std::scoped_lock lock(impl_->dwarf_mutex);
  address -= impl_->bias;
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  while (dwarf_get_units(impl_->dwarf.get(), unit, &unit, nullptr, nullptr, &die, nullptr) == 0) {
    if (dwarf_haspc(&die, address) != 1) continue;
    Dwarf_Line* line = dwarf_getsrc_die(&die, address);
    const char* file = line ? dwarf_linesrc(line, nullptr, nullptr) : nullptr;
    int number = 0;
    if (!file || dwarf_lineno(line, &number) != 0 || number <= 0) return std::nullopt;
    return fmt::format("{}:{}", std::filesystem::path(file).filename().string(), number);
  }
  return std::nullopt;
}

}  // namespace trapline::scenario
