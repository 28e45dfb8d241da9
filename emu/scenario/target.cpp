#include "emu/scenario/target.hpp"

#include <dwarf.h>
#include <fmt/format.h>
#include <gelf.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "emu/scenario/dwarf_expression.hpp"

namespace trapline::scenario {

namespace {

using Location = std::vector<Dwarf_Op>;

// Addresses that stand in a table of their own (DW_OP_addrx, as clang writes them) in their place.
void resolve_addresses(Dwarf_Attribute& attribute, std::vector<Dwarf_Op>& ops, const Dwarf_Op* original) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    Dwarf_Attribute entry;
    Dwarf_Addr address = 0;
    if (ops[i].atom != DW_OP_addrx && ops[i].atom != DW_OP_GNU_addr_index) continue;
    if (dwarf_getlocation_attr(&attribute, &original[i], &entry) != 0 ||
        dwarf_formaddr(&entry, &address) != 0)
      continue;
    ops[i].atom = DW_OP_addr;
    ops[i].number = address;
  }
}

// Where a variable is in memory: the first such place that the debug information tells. Empty: in registers,
// or nowhere.
Location location_of(Dwarf_Die die) {
  Location location;
  Dwarf_Attribute attribute;
  if (dwarf_attr_integrate(&die, DW_AT_location, &attribute) == nullptr) return location;
  Dwarf_Addr base = 0;
  Dwarf_Addr begin = 0;
  Dwarf_Addr end = 0;
  Dwarf_Op* ops = nullptr;
  std::size_t count = 0;
  for (std::ptrdiff_t at = 0;
       (at = dwarf_getlocations(&attribute, at, &base, &begin, &end, &ops, &count)) > 0;) {
    const std::span all(ops, count);
    const bool pieces = std::ranges::any_of(all, [](const Dwarf_Op& op) { return op.atom == DW_OP_piece; });
    if (pieces || !is_memory(all) || !location.empty()) continue;
    location.assign(all.begin(), all.end());
    resolve_addresses(attribute, location, ops);
  }
  return location;
}

bool is_static(const Location& location) {
  return location.size() == 1 && location.front().atom == DW_OP_addr;
}

// The offset in the thread's block, of a thread's own variable (DWARF 5, 2.5.1.3, DW_OP_form_tls_address).
std::optional<std::uint64_t> thread_local_offset(const Location& location) {
  if (location.size() != 2) return std::nullopt;
  const unsigned last = location.back().atom;
  if (last != DW_OP_GNU_push_tls_address && last != DW_OP_form_tls_address) return std::nullopt;
  return location.front().number;
}

std::string file_of(Dwarf_Die die) {
  const char* const path = dwarf_decl_file(&die);
  return path == nullptr ? "?" : std::filesystem::path(path).filename().string();
}

class TargetFinder {
 public:
  TargetFinder(const Place& place, const SymbolTable& symbols, const DebugInfo& debug_info,
               std::uint64_t bias)
      : place_(place), symbols_(symbols), debug_info_(debug_info), bias_(bias) {}

  Target find() {
    if (place_.heap) {
      heap();
    } else if (place_.symbol.empty()) {
      if (place_.line != 0)
        target_.base = Target::Code{line_code()};
      else
        target_.base = Target::Fixed{0, true};
      so_far_ =
          to_string(Place{.symbol = "", .offset = place_.offset, .file = place_.file, .line = place_.line});
    } else {
      name();
    }
    for (const Place::Step& step : place_.steps) std::visit([this](const auto& what) { take(what); }, step);
    target_.offset += place_.offset;
    if (place_.offset != 0) target_.size = 0;
    if (place_.offset == 0 && type_) target_.number = type_->number();
    return std::move(target_);
  }

 private:
  // --- The base ---

  void heap() {
    Target::Heap heap{.function = place_.symbol, .file = place_.file, .line = place_.line};
    if (place_.line != 0) {
      (void)line_code();
    } else if (const auto symbol = symbols_.find(place_.symbol); !symbol || !symbol->function) {
      throw PlaceError(fmt::format("the program has no function `{}`", place_.symbol));
    }
    target_.base = std::move(heap);
  }

  std::vector<std::uint64_t> line_code() const {
    need_debug_info();
    const DebugInfo::Lines lines = debug_info_.lines(place_.file, place_.line);
    if (!lines.file_known)
      throw PlaceError(fmt::format("no source file `{}` is part of the program", place_.file));
    if (lines.addresses.empty()) {
      throw PlaceError(fmt::format("line {} of {} has no code{}", place_.line, place_.file,
                                   lines.next ? fmt::format("; the next that has is {}", *lines.next) : ""));
    }
    return lines.addresses;
  }

  void need_debug_info() const {
    if (!debug_info_.present())
      throw PlaceError("the program has no debug information, which that needs: compile it with -g");
  }

  // The longest part of the name that is one; what its dots lead to are fields.
  void name() {
    std::string name = place_.symbol;
    std::vector<std::string> fields;
    while (!base(name)) {
      const std::size_t dot = name.rfind('.');
      if (dot == std::string::npos || dot == 0) throw PlaceError(unknown());
      fields.insert(fields.begin(), name.substr(dot + 1));
      name.resize(dot);
    }
    so_far_ = name;
    follow_reference();
    for (const std::string& field : fields) take(Place::Field{field});
  }

  bool base(const std::string& name) {
    if (place_.line != 0) return visible(name);
    if (const auto symbol = symbols_.find(name)) {
      const std::uint64_t address = symbol->address - bias_;
      if (symbol->chooses) throw PlaceError(which_one(name));
      if (symbol->function) {
        target_.base = Target::Code{{address}};
        return true;
      }
      target_.base = Target::Fixed{address};
      const auto variables = debug_info_.variables(name);
      const auto same = std::ranges::find_if(variables, [address](const Dwarf_Die& die) {
        const Location location = location_of(die);
        return is_static(location) && location.front().number == address;
      });
      if (same != variables.end()) set_type(*same);
      return true;
    }
    return global(name, debug_info_.variables(name)) || local(name);
  }

  void set_type(Dwarf_Die die) {
    type_ = DataType::of(die);
    target_.size = type_ ? type_->size() : 0;
  }

  bool global(const std::string& name, const std::vector<Dwarf_Die>& variables) {
    std::set<std::uint64_t> places;
    std::set<std::string> files;
    for (const Dwarf_Die& die : variables) {
      const Location location = location_of(die);
      const auto offset = thread_local_offset(location);
      if (!offset && !is_static(location)) continue;
      if (offset)
        target_.base = Target::ThreadLocal{*offset, symbols_.thread_block()};
      else
        target_.base = Target::Fixed{location.front().number};
      places.insert(location.front().number);
      files.insert(file_of(die));
      set_type(die);
    }
    if (places.size() > 1) {
      throw PlaceError(
          fmt::format("several files have a variable `{}`: {}; name a line that sees the one that is meant, "
                      "as in {}:LINE:{}",
                      name, fmt::join(files, ", "), *files.begin(), name));
    }
    if (places.empty() && !variables.empty()) throw PlaceError(fmt::format("`{}` {}", name, kOptimised));
    return !places.empty();
  }

  bool local(const std::string& name) {
    const std::size_t colons = name.rfind("::");
    if (colons == std::string::npos) return false;
    const auto* const function = debug_info_.function(name.substr(0, colons));
    if (function == nullptr) return false;
    return in_function(*function, name, DebugInfo::locals(*function, name.substr(colons + 2)));
  }

  bool visible(const std::string& name) {
    const auto visible = debug_info_.visible_at(line_code().front(), name);
    if (!visible) return false;
    if (visible->function == nullptr) return base_of_global(name, visible->die);
    // Of several of one name, in blocks of the function, the one that is declared where this is.
    Dwarf_Die seen = visible->die;
    int line = 0;
    (void)dwarf_decl_line(&seen, &line);
    auto locals = DebugInfo::locals(*visible->function, name);
    std::erase_if(locals, [line](DebugInfo::Local local) {
      int other = 0;
      (void)dwarf_decl_line(&local.die, &other);
      return other != line;
    });
    return in_function(*visible->function, visible->function->name + "::" + name, locals);
  }

  bool base_of_global(const std::string& name, Dwarf_Die die) {
    if (!is_static(location_of(die)) && !thread_local_offset(location_of(die))) {
      // It is declared there, and defined in another file.
      return global(name, debug_info_.variables(name));
    }
    return global(name, {die});
  }

  bool in_function(const DebugInfo::Function& function, const std::string& name,
                   const std::vector<DebugInfo::Local>& locals) {
    if (locals.empty()) return false;
    Target::Local found;
    for (const DebugInfo::Local& local : locals) {
      const Location location = location_of(local.die);
      if (is_static(location) || thread_local_offset(location)) return global(name, {local.die});
      if (local.instance == nullptr || location.empty()) continue;
      Dwarf_Die die = local.instance->die;
      Dwarf_Attribute attribute;
      Dwarf_Op* ops = nullptr;
      std::size_t count = 0;
      const std::uint64_t body = symbols_.body(local.instance->entry, local.instance->body);
      Target::Local::Site site{local.instance->ranges, body, {}, location};
      if (dwarf_attr_integrate(&die, DW_AT_frame_base, &attribute) != nullptr &&
          dwarf_getlocation(&attribute, &ops, &count) == 0)
        site.frame_base.assign(ops, ops + count);
      found.sites.push_back(std::move(site));
      set_type(local.die);
    }
    if (found.sites.empty() && function.instances.empty() && function.inlined) {
      throw PlaceError(fmt::format(
          "`{}` has no frame of its own to look into: the compiler has put its code into its callers' "
          "(inlined it); make it __attribute__((noinline)), or compile with -fno-inline",
          function.name));
    }
    if (found.sites.empty()) throw PlaceError(fmt::format("`{}` {}", name, kOptimised));
    target_.base = std::move(found);
    return true;
  }

  std::string unknown() const {
    if (place_.line != 0)
      return fmt::format("no `{}` is visible in line {} of {}", place_.symbol, place_.line, place_.file);
    const std::string first = place_.symbol.substr(0, place_.symbol.find('.', 1));
    const std::size_t colons = first.rfind("::");
    if (colons != std::string::npos && debug_info_.function(first.substr(0, colons)) != nullptr)
      return fmt::format("the function `{}` has no variable `{}`", first.substr(0, colons),
                         first.substr(colons + 2));
    auto functions = debug_info_.functions_with(first);
    if (!functions.empty()) {
      constexpr std::size_t kMost = 3;
      const bool more = functions.size() > kMost;
      if (more) functions.resize(kMost);
      return fmt::format("`{0}` is a local variable, of {1}{2}: write {3}::{0}", first,
                         fmt::join(functions, ", "), more ? " and others" : "", functions.front());
    }
    if (!debug_info_.present()) {
      return fmt::format(
          "the program has no symbol '{}', and no debug information: compile it with -g for more than "
          "global names",
          first);
    }
    return fmt::format("the program has no symbol '{}'; if it was optimised away, make it volatile", first);
  }

  // --- The steps ---

  template <class Function>
  auto explained(Function function) {
    if (!type_)
      throw PlaceError(
          fmt::format("nothing is known of the type of `{}`: compile its source with -g", so_far_));
    try {
      return function();
    } catch (const PlaceError& error) {
      throw PlaceError(fmt::format("`{}` {}", so_far_, error.what()));
    }
  }

  void take(const Place::Field& field) {
    enter(explained([&] { return type_->field(field.name); }));
    so_far_ += "." + field.name;
    follow_reference();
  }

  void take(const Place::Element& element) {
    if (type_ && type_->pointer()) {
      take(Place::Follow{}, false);
      if (type_) target_.offset += element.index * type_->size();
    } else {
      enter(explained([&] { return type_->element(element.index); }));
    }
    so_far_ += fmt::format("[{}]", element.index);
    follow_reference();
  }

  void take(const Place::Follow& /*step*/, bool named = true) {
    if (type_ && type_->array()) {
      enter(type_->element(0));
    } else {
      auto to = explained([&] { return type_->pointee(); });
      target_.pointers.push_back(std::exchange(target_.offset, 0));
      target_.size = to.size();
      type_ = to;
    }
    if (named) so_far_ = "*" + so_far_;
  }

  void follow_reference() {
    if (type_ && type_->reference()) take(Place::Follow{}, false);
  }

  void enter(const DataType::Part& part) {
    target_.offset += part.offset;
    target_.size = part.size;
    type_ = part.type;
  }

  static constexpr std::string_view kOptimised =
      "is not in memory, but in registers or nowhere: the compiler has optimised it; make it volatile, or "
      "compile with -O0";

  const Place& place_;
  const SymbolTable& symbols_;
  const DebugInfo& debug_info_;
  std::uint64_t bias_;
  Target target_;
  std::optional<DataType> type_;
  std::string so_far_;
};

}  // namespace

std::optional<std::uint64_t> Target::address(std::uint64_t bias) const {
  if (!pointers.empty()) return std::nullopt;
  if (const auto* const fixed = std::get_if<Fixed>(&base))
    return fixed->address + offset + (fixed->absolute ? 0 : bias);
  const auto* const code = std::get_if<Code>(&base);
  if (code == nullptr || code->addresses.size() != 1) return std::nullopt;
  return code->addresses.front() + offset + bias;
}

Target find_target(const Place& place, const SymbolTable& symbols, const DebugInfo& debug_info,
                   std::uint64_t bias) {
  return TargetFinder(place, symbols, debug_info, bias).find();
}

}  // namespace trapline::scenario
