#include "emu/scenario/debug_info.hpp"

#include <dwarf.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>

namespace trapline::scenario {

namespace {

// Deeper than any program that people write; a damaged one must not take the stack.
constexpr unsigned kMostScopes = 200;

struct Free {
  // What libdw gives away is its caller's to free.
  void operator()(void* memory) const { std::free(memory); }  // NOLINT(cppcoreguidelines-no-malloc)
};

template <class Function>
void for_children(Dwarf_Die& die, Function function) {
  Dwarf_Die child;
  if (dwarf_child(&die, &child) != 0) return;
  do function(child);
  while (dwarf_siblingof(&child, &child) == 0);
}

bool is_scope(int tag) {
  return tag == DW_TAG_namespace || tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
         tag == DW_TAG_union_type;
}

bool is_block(int tag) {
  return tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
}

bool is_declaration(Dwarf_Die& die) {
  Dwarf_Attribute attribute;
  bool declaration = false;
  return dwarf_attr(&die, DW_AT_declaration, &attribute) != nullptr &&
         dwarf_formflag(&attribute, &declaration) == 0 && declaration;
}

std::optional<Dwarf_Die> referred(Dwarf_Die& die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Die to;
  if (dwarf_attr(&die, name, &attribute) == nullptr || dwarf_formref_die(&attribute, &to) == nullptr)
    return std::nullopt;
  return to;
}

std::vector<AddressRange> ranges_of(Dwarf_Die& die) {
  std::vector<AddressRange> ranges;
  Dwarf_Addr base = 0;
  Dwarf_Addr begin = 0;
  Dwarf_Addr end = 0;
  for (std::ptrdiff_t at = 0; (at = dwarf_ranges(&die, at, &base, &begin, &end)) > 0;)
    ranges.push_back({begin, end});
  return ranges;
}

// Where a function's code begins that is not its prologue: where the compiler says so, else with its second
// statement. Without a prologue both begin at its entry.
std::uint64_t body_of(Dwarf_Die& die, const DebugInfo::Instance& instance, std::uint64_t entry) {
  Dwarf_Die unit;
  Dwarf_Lines* lines = nullptr;
  std::size_t count = 0;
  if (dwarf_diecu(&die, &unit, nullptr, nullptr) == nullptr || dwarf_getsrclines(&unit, &lines, &count) != 0)
    return entry;
  std::optional<std::uint64_t> second;
  unsigned statements = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Dwarf_Line* const line = dwarf_onesrcline(lines, i);
    Dwarf_Addr address = 0;
    bool statement = false;
    bool end = false;
    bool said = false;
    if (dwarf_lineaddr(line, &address) != 0 || dwarf_linebeginstatement(line, &statement) != 0 ||
        dwarf_lineendsequence(line, &end) != 0 || dwarf_lineprologueend(line, &said) != 0)
      continue;
    const bool inside =
        std::ranges::any_of(instance.ranges, [&](const auto& range) { return range.holds(address); });
    if (end || !inside || address < entry) continue;
    if (said) return address;
    if (statement && ++statements == 2) second = address;
  }
  return second.value_or(entry);
}

std::optional<DebugInfo::Instance> instance_of(Dwarf_Die& die) {
  DebugInfo::Instance instance{.die = die, .ranges = ranges_of(die)};
  Dwarf_Addr entry = 0;
  if (instance.ranges.empty() || dwarf_entrypc(&die, &entry) != 0) return std::nullopt;
  instance.entry = entry;
  instance.body = body_of(die, instance, entry);
  return instance;
}

bool names_file(std::string_view path, std::string_view wanted) {
  if (!path.ends_with(wanted)) return false;
  const std::size_t folders = path.size() - wanted.size();
  return folders == 0 || path[folders - 1] == '/';
}

}  // namespace

template <class Visit>
void DebugInfo::each_unit(Visit visit) const {
  if (dwarf_ == nullptr) return;
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  std::uint8_t kind = 0;
  while (dwarf_get_units(dwarf_, unit, &unit, nullptr, &kind, &die, nullptr) == 0) {
    if (kind == DW_UT_compile || kind == DW_UT_partial) visit(die);
  }
}

const DebugInfo::Index& DebugInfo::index() const {
  if (index_) return *index_;
  Index& index = index_.emplace();
  // What is declared may be told of after what defines it.
  each_unit([&](Dwarf_Die& unit) { add_names(index, unit, "", 0); });
  each_unit([&](Dwarf_Die& unit) { add_definitions(index, unit, 0); });
  each_unit([&](Dwarf_Die& unit) { note_inlined(index, unit, 0); });
  return index;
}

void DebugInfo::add_names(Index& index, Dwarf_Die& parent, const std::string& scope, unsigned depth) const {
  if (depth > kMostScopes) return;
  for_children(parent, [&](Dwarf_Die& die) {
    const int tag = dwarf_tag(&die);
    const char* const name = dwarf_diename(&die);
    if (is_scope(tag)) {
      add_names(index, die, name == nullptr ? scope : scope + name + "::", depth + 1);
    } else if (name != nullptr &&
               (tag == DW_TAG_variable || tag == DW_TAG_member || tag == DW_TAG_subprogram)) {
      index.names.emplace(dwarf_dieoffset(&die), scope + name);
    }
  });
}

// By what declares it, where something else does.
std::string DebugInfo::name_of(const Index& index, Dwarf_Die die) {
  for (unsigned depth = 0; depth < kMostScopes; ++depth) {
    auto origin = referred(die, DW_AT_abstract_origin);
    if (!origin) origin = referred(die, DW_AT_specification);
    if (!origin) break;
    die = *origin;
  }
  const auto known = index.names.find(dwarf_dieoffset(&die));
  if (known != index.names.end()) return known->second;
  const char* const name = dwarf_diename(&die);
  return name == nullptr ? "" : name;
}

void DebugInfo::add_definitions(Index& index, Dwarf_Die& parent, unsigned depth) const {
  if (depth > kMostScopes) return;
  for_children(parent, [&](Dwarf_Die& die) {
    const int tag = dwarf_tag(&die);
    if (is_scope(tag)) return add_definitions(index, die, depth + 1);
    if ((tag != DW_TAG_variable && tag != DW_TAG_subprogram) || is_declaration(die)) return;
    const std::string name = name_of(index, die);
    if (name.empty()) return;
    if (tag == DW_TAG_variable) return index.variables[name].push_back(die);
    Function& function = index.functions[name];
    function.name = name;
    function.dies.push_back(die);
    if (auto instance = instance_of(die)) function.instances.push_back(std::move(*instance));
  });
}

void DebugInfo::note_inlined(Index& index, Dwarf_Die& parent, unsigned depth) const {
  if (depth > kMostScopes) return;
  for_children(parent, [&](Dwarf_Die& die) {
    const int tag = dwarf_tag(&die);
    if (tag == DW_TAG_inlined_subroutine) {
      const auto function = index.functions.find(name_of(index, die));
      if (function != index.functions.end()) function->second.inlined = true;
    }
    if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine || is_block(tag) || is_scope(tag))
      note_inlined(index, die, depth + 1);
  });
}

std::vector<Dwarf_Die> DebugInfo::variables(const std::string& name) const {
  const auto found = index().variables.find(name);
  return found == index().variables.end() ? std::vector<Dwarf_Die>() : found->second;
}

const DebugInfo::Function* DebugInfo::function(const std::string& name) const {
  const auto found = index().functions.find(name);
  return found == index().functions.end() ? nullptr : &found->second;
}

std::vector<std::string> DebugInfo::functions_with(const std::string& variable) const {
  std::vector<std::string> names;
  for (const auto& [name, function] : index().functions) {
    if (!locals(function, variable).empty()) names.push_back(name);
  }
  return names;
}

namespace {

void find_locals(Dwarf_Die& parent, const std::string& wanted, unsigned depth,
                 std::vector<Dwarf_Die>& found) {
  if (depth > kMostScopes) return;
  for_children(parent, [&](Dwarf_Die& die) {
    const int tag = dwarf_tag(&die);
    if (is_block(tag)) return find_locals(die, wanted, depth + 1, found);
    if (tag != DW_TAG_variable && tag != DW_TAG_formal_parameter) return;
    const char* const name = dwarf_diename(&die);
    if (name != nullptr && name == wanted) found.push_back(die);
  });
}

}  // namespace

std::vector<DebugInfo::Local> DebugInfo::locals(const Function& function, const std::string& name) {
  std::vector<Local> locals;
  for (Dwarf_Die die : function.dies) {
    std::vector<Dwarf_Die> found;
    find_locals(die, name, 0, found);
    const auto instance = std::ranges::find_if(function.instances, [&die](Instance candidate) {
      return dwarf_dieoffset(&candidate.die) == dwarf_dieoffset(&die);
    });
    for (const Dwarf_Die& local : found)
      locals.push_back({local, instance == function.instances.end() ? nullptr : &*instance});
  }
  return locals;
}

DebugInfo::Lines DebugInfo::lines(const std::string& file, unsigned line) const {
  Lines result;
  // One address for each function that the line is in, or was inlined into: its lowest.
  std::map<Dwarf_Off, std::uint64_t> lowest;
  each_unit([&](Dwarf_Die& unit) {
    Dwarf_Lines* rows = nullptr;
    std::size_t count = 0;
    if (dwarf_getsrclines(&unit, &rows, &count) != 0) return;
    for (std::size_t i = 0; i < count; ++i) {
      Dwarf_Line* const row = dwarf_onesrcline(rows, i);
      const char* const path = dwarf_linesrc(row, nullptr, nullptr);
      int number = 0;
      bool statement = false;
      bool end = false;
      Dwarf_Addr address = 0;
      if (path == nullptr || !names_file(path, file) || dwarf_lineno(row, &number) != 0 || number <= 0 ||
          dwarf_lineendsequence(row, &end) != 0 || end || dwarf_linebeginstatement(row, &statement) != 0 ||
          !statement || dwarf_lineaddr(row, &address) != 0)
        continue;
      result.file_known = true;
      const auto at = static_cast<unsigned>(number);
      if (at > line && at < result.next.value_or(at + 1)) result.next = at;
      if (at != line) continue;
      Dwarf_Die* scopes = nullptr;
      const int depth = dwarf_getscopes(&unit, address, &scopes);
      const std::unique_ptr<Dwarf_Die, Free> owned(scopes);
      Dwarf_Off function = 0;
      for (int scope = 0; scope < depth && function == 0; ++scope) {
        const int tag = dwarf_tag(&scopes[scope]);
        if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
          function = dwarf_dieoffset(&scopes[scope]);
      }
      const auto [known, fresh] = lowest.try_emplace(function, address);
      if (!fresh) known->second = std::min(known->second, std::uint64_t{address});
    }
  });
  for (const auto& [function, address] : lowest) result.addresses.push_back(address);
  std::ranges::sort(result.addresses);
  return result;
}

std::optional<DebugInfo::Visible> DebugInfo::visible_at(std::uint64_t address,
                                                        const std::string& name) const {
  std::optional<Visible> result;
  each_unit([&](Dwarf_Die& unit) {
    if (result || dwarf_haspc(&unit, address) != 1) return;
    Dwarf_Die* scopes = nullptr;
    const int depth = dwarf_getscopes(&unit, address, &scopes);
    const std::unique_ptr<Dwarf_Die, Free> owned(scopes);
    if (depth <= 0) return;
    Visible visible;
    const int at = dwarf_getscopevar(scopes, depth, name.c_str(), 0, nullptr, 0, 0, &visible.die);
    if (at < 0) return;
    for (int scope = at; scope < depth && visible.function == nullptr; ++scope) {
      const int tag = dwarf_tag(&scopes[scope]);
      if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
        visible.function = function(name_of(index(), scopes[scope]));
    }
    result = visible;
  });
  return result;
}

}  // namespace trapline::scenario
