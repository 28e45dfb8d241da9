#include "emu/kernel/module/modules.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "emu/kernel/module/parameters.hpp"
#include "emu/kernel/module/relocate.hpp"
#include "emu/kernel/printk/printk.hpp"
#include "emu/machine/machine.hpp"

namespace trapline::kernel {

namespace {

constexpr std::string_view kPerCpuSection = ".data..percpu";
constexpr std::string_view kThisModule = ".gnu.linkonce.this_module";
constexpr std::string_view kParameters = "__param";
constexpr std::string_view kExports = "__ksymtab";
constexpr std::size_t kNameLength = 56;  // MODULE_NAME_LEN

constexpr machine::Permissions kReadWrite{.read = true, .write = true};

// The three parts of a module that have permissions of their own.
enum class Part : std::uint8_t { Text, ReadOnly, Data };
constexpr std::array kParts{Part::Text, Part::ReadOnly, Part::Data};

constexpr machine::Permissions part_permissions(Part part) {
  switch (part) {
    case Part::Text:
      return {.read = true, .execute = true};
    case Part::ReadOnly:
      return {.read = true};
    case Part::Data:
      break;
  }
  return kReadWrite;
}

bool is_part(const ModuleObject::Section& section, Part part) {
  if ((section.flags & SHF_ALLOC) == 0 || section.name == kPerCpuSection) return false;
  const bool text = (section.flags & SHF_EXECINSTR) != 0;
  const bool data = (section.flags & SHF_WRITE) != 0;
  return part == Part::Text ? text : part == Part::Data ? data && !text : !data && !text;
}

}  // namespace

// One on its way into memory.
class Modules::Loading {
 public:
  Loading(Modules& modules, std::span<const std::byte> file, std::string_view name, bool is_linked)
      : modules_(modules),
        object_(is_linked ? read_image(file) : read_module(file)),
        placed_{object_},
        is_linked_(is_linked) {
    if (object_.isa != modules.code_.space().isa()) {
      throw ModuleError(ENOEXEC, fmt::format("is for {}, and the machine is {}", isa::name(object_.isa),
                                             isa::name(modules.code_.space().isa())));
    }
    module_.name = is_linked ? "" : own_name().value_or(std::string(name));
  }

  Module run(std::string_view arguments) {
    try {
      place_sections();
      place_symbols();
      apply_relocations(placed_, space());
      copy_per_cpu();
      set_parameters(arguments);
      collect();
      protect();
    } catch (const ModuleError&) {
      modules_.give_back(module_);
      throw;
    }
    return std::move(module_);
  }

  const std::string& name() const { return module_.name; }

 private:
  KernelSpace& space() { return modules_.code_.space(); }

  std::optional<std::size_t> section(std::string_view name) const {
    const auto found = std::ranges::find(object_.sections, name, &ModuleObject::Section::name);
    if (found == object_.sections.end()) return std::nullopt;
    return static_cast<std::size_t>(found - object_.sections.begin());
  }

  std::optional<std::string> own_name() const {
    const auto at = section(kThisModule);
    if (!at) return std::nullopt;
    std::string name;
    for (const std::byte byte : object_.sections[*at].bytes.first(
             std::min<std::size_t>(object_.sections[*at].bytes.size(), kNameLength))) {
      if (byte == std::byte{0}) break;
      name += static_cast<char>(byte);
    }
    if (name.empty()) return std::nullopt;
    return name;
  }

  GuestVa take(std::uint64_t bytes) {
    if (bytes == 0) return GuestVa(0);
    const auto pages = space().map(KernelSpace::Area::Modules, bytes, kReadWrite);
    if (!pages) throw ModuleError(ENOMEM, "does not fit into the kernel's memory");
    module_.pieces.push_back({*pages, bytes});
    return *pages;
  }

  void check_linked() const {
    const bool named = std::ranges::any_of(object_.symbols, [](const ModuleObject::Symbol& symbol) {
      return symbol.section != SHN_UNDEF && symbol.type == STT_FUNC && !symbol.name.empty();
    });
    if (!named) throw ModuleError(ENOEXEC, "has no names of functions; do not strip it");
    std::map<std::uint64_t, const ModuleObject::Section*> by_address;
    for (const ModuleObject::Section& section : object_.sections) {
      if ((section.flags & SHF_ALLOC) == 0 || (section.flags & SHF_TLS) != 0 || section.size == 0) continue;
      if (section.name == kPerCpuSection)
        throw ModuleError(ENOEXEC,
                          "has per-CPU data, which a linked file cannot have; give it as an object (ld -r)");
      if (!by_address.emplace(section.address, &section).second)
        throw ModuleError(ENOEXEC, fmt::format("has a section {} where it has another one", section.name));
    }
    const ModuleObject::Section* before = nullptr;
    for (const auto& [address, section] : by_address) {
      if (before != nullptr && address - before->address < before->size)
        throw ModuleError(ENOEXEC, fmt::format("has a section {} where it has another one", section->name));
      before = section;
    }
  }

  // Of an image that is linked: where it says, with what calls go through behind it.
  void place_linked() {
    check_linked();
    GuestVa end(0);
    for (std::size_t i = 0; i < object_.sections.size(); ++i) {
      const ModuleObject::Section& section = object_.sections[i];
      if ((section.flags & SHF_ALLOC) == 0 || section.size == 0) continue;
      const GuestVa start(section.address);
      if (const auto why = space().map_at(start, section.size, kReadWrite))
        throw ModuleError(ENOEXEC, fmt::format("has a section {} that {}", section.name, *why));
      (void)space().write(start, section.bytes);
      placed_.sections[i] = start;
      end = std::max(end, start + section.size);
    }
    const std::uint64_t stubs = stub_bytes(object_);
    placed_.stubs = (end + (space().page_size() - 1)).align_down(space().page_size());
    if (const auto why = space().map_at(placed_.stubs, stubs, kReadWrite))
      throw ModuleError(ENOEXEC, fmt::format("needs room behind it for calls of the kernel, which {}", *why));
    if (stubs != 0) space().protect(placed_.stubs, stubs, part_permissions(Part::Text));
  }

  void place_sections() {
    placed_.sections.resize(object_.sections.size());
    if (object_.linked) return place_linked();
    constexpr std::uint64_t kMost = 64u << 20;
    for (const Part part : kParts) {
      std::vector<std::uint64_t> offsets(object_.sections.size());
      std::uint64_t size = 0;
      for (std::size_t i = 0; i < object_.sections.size(); ++i) {
        const ModuleObject::Section& section = object_.sections[i];
        if (!is_part(section, part)) continue;
        if (section.size > kMost || section.alignment > space().page_size() || size > kMost)
          throw ModuleError(ENOEXEC, fmt::format("has a section {} of a size or alignment that no module has",
                                                 section.name));
        size = (size + section.alignment - 1) / section.alignment * section.alignment;
        offsets[i] = size;
        size += section.size;
      }
      std::uint64_t stubs = 0;
      if (part == Part::Text) {
        stubs = (size + 15) / 16 * 16;
        size = stubs + stub_bytes(object_);
      }
      const GuestVa start = take(size);
      if (part == Part::Text) placed_.stubs = start + stubs;
      parts_[static_cast<std::size_t>(part)] = {start, size};
      for (std::size_t i = 0; i < object_.sections.size(); ++i) {
        if (!is_part(object_.sections[i], part)) continue;
        placed_.sections[i] = start + offsets[i];
        (void)space().write(placed_.sections[i], object_.sections[i].bytes);
      }
    }
    if (const auto at = section(kPerCpuSection); at && object_.sections[*at].size != 0) {
      placed_.sections[*at] =
          space().alloc_percpu(object_.sections[*at].size, object_.sections[*at].alignment);
      module_.per_cpu = placed_.sections[*at];
      if (placed_.sections[*at].value == 0) throw ModuleError(ENOMEM, "its per-CPU data do not fit");
      (void)space().write(placed_.sections[*at], object_.sections[*at].bytes);
    }
  }

  void place_symbols() {
    std::string missing;
    for (const ModuleObject::Symbol& symbol : object_.symbols) {
      GuestVa address(0);
      if (symbol.section == SHN_ABS) {
        address = GuestVa(symbol.value);
      } else if (symbol.section == SHN_COMMON) {
        throw ModuleError(ENOEXEC, fmt::format("please compile with -fno-common: `{}`", symbol.name));
      } else if (symbol.section != SHN_UNDEF) {
        const GuestVa section = placed_.sections[symbol.section];
        address = section.value == 0 ? GuestVa(0) : section + symbol.value;
      } else if (!symbol.name.empty()) {
        const auto found = modules_.resolve(symbol.name);
        if (found) {
          address = *found;
        } else if (symbol.binding != STB_WEAK && symbol.name != ".TOC.") {
          modules_.printk_.log(0, fmt::format("\0014{}: Unknown symbol {} (err -{})\n",
                                              is_linked_ ? "kernel" : module_.name, symbol.name, ENOENT));
          missing += (missing.empty() ? "" : ", ") + symbol.name;
        }
      }
      placed_.symbols.push_back(address);
    }
    if (!missing.empty())
      throw ModuleError(ENOENT, fmt::format("uses symbols that the kernel does not have: {}", missing));
  }

  void copy_per_cpu() {
    const auto at = section(kPerCpuSection);
    if (!at || object_.sections[*at].size == 0) return;
    const GuestVa first = placed_.sections[*at];
    std::vector<std::byte> bytes(object_.sections[*at].size);
    (void)space().read(first, bytes);
    for (unsigned cpu = 1; cpu < space().machine().cpus(); ++cpu)
      (void)space().write(first + space().per_cpu_offset(cpu), bytes);
  }

  void set_parameters(std::string_view arguments) {
    const auto index = section(kParameters);
    Parameters parameters(space(), index ? placed_.sections[*index] : GuestVa(0),
                          index ? object_.sections[*index].size : 0);
    parameters.set(module_.name, arguments,
                   [this](const std::string& line) { modules_.printk_.log(0, line); });
  }

  static char type_of(const ModuleObject::Section& section, bool local) {
    char type = 'D';
    if (section.name == ".opd" || (section.flags & SHF_EXECINSTR) != 0)
      type = 'T';
    else if (section.type == SHT_NOBITS)
      type = 'B';
    else if ((section.flags & SHF_WRITE) == 0)
      type = 'R';
    return local ? static_cast<char>(type - 'A' + 'a') : type;
  }

  // Where symbols of text begin, by section.
  using Places = std::map<std::uint16_t, std::vector<std::uint64_t>>;
  Places places_in_text() const {
    Places places;
    for (const ModuleObject::Symbol& symbol : object_.symbols) {
      if (symbol.section != SHN_UNDEF && symbol.section < object_.sections.size() && !symbol.name.empty() &&
          (object_.sections[symbol.section].flags & SHF_EXECINSTR) != 0)
        places[symbol.section].push_back(symbol.value);
    }
    for (auto& [section, values] : places) std::ranges::sort(values);
    return places;
  }

  // Of a label that does not say, what find_kallsyms_symbol() gives: up to the next symbol of its section.
  std::uint64_t size_of(const ModuleObject::Symbol& symbol, const Places& places) const {
    const auto in_section = places.find(symbol.section);
    if (symbol.size != 0 || in_section == places.end()) return symbol.size;
    const auto next = std::ranges::upper_bound(in_section->second, symbol.value);
    const std::uint64_t end =
        next == in_section->second.end() ? object_.sections[symbol.section].size : *next;
    return end - std::min(end, symbol.value);
  }

  // The symbols, and what the kernel has to know of them.
  void collect() {
    const Places places = places_in_text();
    for (std::size_t i = 0; i < object_.symbols.size(); ++i) {
      const ModuleObject::Symbol& symbol = object_.symbols[i];
      if (symbol.section == SHN_UNDEF || symbol.section >= object_.sections.size() || symbol.name.empty() ||
          symbol.type == STT_SECTION || symbol.type == STT_FILE || placed_.symbols[i].value == 0)
        continue;
      const ModuleObject::Section& section = object_.sections[symbol.section];
      if (symbol.name.starts_with(".L") || section.name == kParameters || section.name == kThisModule)
        continue;
      if (symbol.binding != STB_LOCAL) {
        if (symbol.name == "init_module") module_.init = placed_.symbols[i];
        if (symbol.name == "cleanup_module") module_.exit = placed_.symbols[i];
        if (symbol.type == STT_FUNC) module_.functions.emplace_back(symbol.name, placed_.symbols[i]);
        if (is_linked_) module_.exports.emplace_back(symbol.name, placed_.symbols[i]);
      }
      KernelSymbol known{.name = symbol.name,
                         .address = placed_.symbols[i],
                         .size = size_of(symbol, places),
                         .module = module_.name};
      known.type = type_of(section, symbol.binding == STB_LOCAL);
      // A function's name is for its code, not for its descriptor.
      if (section.name == ".opd") known.address = GuestVa(space().read_word(known.address).value_or(0));
      modules_.code_.kallsyms().add(std::move(known));
    }
    if (is_linked_) collect_initcalls();
    if (const auto own = section(kThisModule)) module_.this_module = placed_.sections[*own];
    const auto exports = section(kExports);
    if (!exports) return;
    for (std::uint64_t at = 0; at + 16 <= object_.sections[*exports].size; at += 16) {
      const GuestVa entry = placed_.sections[*exports] + at;
      const auto name = space().read_string(GuestVa(space().read_word(entry + 8).value_or(0)));
      if (name) module_.exports.emplace_back(*name, GuestVa(space().read_word(entry).value_or(0)));
    }
  }

  // Sections .initcall0.init to .initcall7s.init, each a list of functions (include/linux/init.h).
  void collect_initcalls() {
    std::map<std::string, std::vector<GuestVa>> by_level;
    for (std::size_t i = 0; i < object_.sections.size(); ++i) {
      const ModuleObject::Section& section = object_.sections[i];
      if (!section.name.starts_with(".initcall") || placed_.sections[i].value == 0) continue;
      for (std::uint64_t at = 0; at + 8 <= section.size; at += 8)
        by_level[section.name].emplace_back(space().read_word(placed_.sections[i] + at).value_or(0));
    }
    for (const auto& [name, functions] : by_level)
      module_.initcalls.insert(module_.initcalls.end(), functions.begin(), functions.end());
  }

  void protect_linked() {
    // Sections of one page: what any of them needs.
    std::map<std::uint64_t, machine::Permissions> pages;
    for (std::size_t i = 0; i < object_.sections.size(); ++i) {
      const ModuleObject::Section& section = object_.sections[i];
      if (placed_.sections[i].value == 0) continue;
      const GuestVa end = placed_.sections[i] + section.size;
      for (GuestVa page = placed_.sections[i].align_down(space().page_size()); page < end;
           page = page + space().page_size()) {
        machine::Permissions& permissions = pages[page.value];
        permissions.read = true;
        permissions.write |= (section.flags & SHF_WRITE) != 0;
        permissions.execute |= (section.flags & SHF_EXECINSTR) != 0;
      }
    }
    for (const auto& [page, permissions] : pages)
      space().protect(GuestVa(page), space().page_size(), permissions);
  }

  void protect() {
    if (object_.linked) return protect_linked();
    for (const Part part : kParts) {
      const Module::Piece& piece = parts_.at(static_cast<std::size_t>(part));
      if (piece.bytes != 0) space().protect(piece.address, piece.bytes, part_permissions(part));
    }
  }

  Modules& modules_;
  ModuleObject object_;
  PlacedModule placed_;
  bool is_linked_;
  Module module_;
  std::array<Module::Piece, kParts.size()> parts_{};
};

std::optional<GuestVa> Modules::resolve(const std::string& name) const {
  if (const auto function = code_.exported(name)) return function;
  const auto found = exports_.find(name);
  if (found == exports_.end()) return std::nullopt;
  return found->second;
}

Module& Modules::load(std::span<const std::byte> file, std::string_view name, std::string_view arguments) {
  Loading loading(*this, file, name, false);
  if (find(loading.name()) != nullptr)
    throw ModuleError(EEXIST, fmt::format("a module `{}` is loaded already", loading.name()));
  Module& module = modules_.emplace_back(loading.run(arguments));
  set_state(module, Module::State::Coming);
  for (const auto& [symbol, address] : module.exports) exports_.try_emplace(symbol, address);
  return module;
}

const Module& Modules::link(std::span<const std::byte> file) {
  const Module& module = linked_.emplace_back(Loading(*this, file, "", true).run(""));
  for (const auto& [symbol, address] : module.exports) exports_.try_emplace(symbol, address);
  return module;
}

void Modules::give_back(const Module& module) {
  for (const Module::Piece& piece : module.pieces)
    code_.space().unmap(KernelSpace::Area::Modules, piece.address, piece.bytes);
  code_.space().free_percpu(module.per_cpu);
}

std::uint64_t Modules::references(const Module& module) const {
  constexpr std::uint64_t kReferences = 60;  // struct module
  if (module.this_module.value == 0) return 0;
  return code_.space().read_word(module.this_module + kReferences, 4).value_or(0);
}

void Modules::set_state(Module& module, Module::State state) {
  module.state = state;
  if (module.this_module.value == 0) return;
  constexpr std::uint64_t kState = 56;
  (void)code_.space().write_word(module.this_module + kState, number_of(state), 4);
}

std::uint64_t Modules::number_of(Module::State state) {
  constexpr std::array<std::uint64_t, 3> kStates{1, 0, 2};  // MODULE_STATE_COMING, _LIVE, _GOING
  return kStates.at(static_cast<std::size_t>(state));
}

void Modules::unload(const Module& module) {
  give_back(module);
  for (const auto& [symbol, address] : module.exports) exports_.erase(symbol);
  code_.kallsyms().remove_module(module.name);
  std::erase_if(modules_, [&module](const Module& each) { return &each == &module; });
}

GuestVa Modules::variable(std::string_view name, std::uint64_t bytes) {
  constexpr std::uint64_t kAlignment = 8;
  const std::uint64_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const auto place = code_.space().map(KernelSpace::Area::Data, size, kReadWrite);
  const GuestVa address = place.value_or(GuestVa(0));
  add_variable(name, address, bytes);
  return address;
}

void Modules::add_variable(std::string_view name, GuestVa address, std::uint64_t bytes) {
  exports_.try_emplace(std::string(name), address);
  code_.kallsyms().add(
      {.name = std::string(name), .address = address, .size = bytes, .module = {}, .type = 'D'});
}

Module* Modules::find(std::string_view name) {
  const auto found = std::ranges::find(modules_, name, &Module::name);
  return found == modules_.end() ? nullptr : &*found;
}

}  // namespace trapline::kernel
