#include "emu/scenario/data_type.hpp"

#include <dwarf.h>
#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

namespace trapline::scenario {

namespace {

constexpr std::uint64_t kBits = 8;  // a byte
constexpr unsigned kMostNested = 32;

std::optional<std::uint64_t> attribute(Dwarf_Die& die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr_integrate(&die, name, &attribute) == nullptr || dwarf_formudata(&attribute, &value) != 0)
    return std::nullopt;
  return value;
}

std::string_view keyword(int tag) {
  switch (tag) {
    case DW_TAG_structure_type:
      return "struct ";
    case DW_TAG_union_type:
      return "union ";
    case DW_TAG_enumeration_type:
      return "enum ";
    default:
      return "";
  }
}

// The children of a DIE.
template <class Function>
void each_child(Dwarf_Die& die, Function function) {
  Dwarf_Die child;
  if (dwarf_child(&die, &child) != 0) return;
  do {
    if (!function(child)) return;
  } while (dwarf_siblingof(&child, &child) == 0);
}

}  // namespace

DataType::DataType(Dwarf_Die die) : die_(die) {
  // Declarations of what is defined elsewhere stay: nothing is known of them.
  Dwarf_Die peeled;
  if (dwarf_peel_type(&die_, &peeled) == 0) die_ = peeled;
}

std::optional<DataType> DataType::of(Dwarf_Die& die) {
  Dwarf_Attribute attribute;
  Dwarf_Die type;
  if (dwarf_attr_integrate(&die, DW_AT_type, &attribute) == nullptr ||
      dwarf_formref_die(&attribute, &type) == nullptr)
    return std::nullopt;
  return DataType(type);
}

std::uint64_t DataType::size() const {
  Dwarf_Die die = die_;
  if (array() && dimension_ > 0) {
    std::uint64_t size = inner().size();
    for (unsigned i = dimension_; i < dimensions(); ++i) size *= count(i).value_or(0);
    return size;
  }
  Dwarf_Word size = 0;
  return dwarf_aggregate_size(&die, &size) == 0 ? size : 0;
}

NumberType DataType::number() const {
  Dwarf_Die die = die_;
  if (dwarf_tag(&die) != DW_TAG_base_type) return NumberType::Unsigned;
  const auto encoding = attribute(die, DW_AT_encoding);
  if (encoding == DW_ATE_signed || encoding == DW_ATE_signed_char) return NumberType::Signed;
  const bool is_float = encoding == DW_ATE_float && (size() == sizeof(float) || size() == sizeof(double));
  return is_float ? NumberType::Float : NumberType::Unsigned;
}

bool DataType::pointer() const {
  Dwarf_Die die = die_;
  return dwarf_tag(&die) == DW_TAG_pointer_type;
}

bool DataType::reference() const {
  Dwarf_Die die = die_;
  const int tag = dwarf_tag(&die);
  return tag == DW_TAG_reference_type || tag == DW_TAG_rvalue_reference_type;
}

bool DataType::array() const {
  Dwarf_Die die = die_;
  return dwarf_tag(&die) == DW_TAG_array_type;
}

std::string DataType::name() const {
  Dwarf_Die die = die_;
  if (array()) {
    std::string name = inner().name() + " ";
    for (unsigned i = dimension_; i < dimensions(); ++i)
      name += count(i) ? fmt::format("[{}]", *count(i)) : "[]";
    return name;
  }
  if (pointer() || reference()) {
    const auto to = of(die);
    return (to ? to->name() : "void") + (pointer() ? " *" : " &");
  }
  const char* const own = dwarf_diename(&die);
  return fmt::format("{}{}", keyword(dwarf_tag(&die)), own == nullptr ? "without a name" : own);
}

DataType DataType::pointee() const {
  Dwarf_Die die = die_;
  if (!pointer() && !reference())
    throw PlaceError(fmt::format("is of type `{}`, which is no pointer", name()));
  const auto to = of(die);
  if (!to) throw PlaceError("points to void: nothing is known of what lies there");
  return *to;
}

DataType::Part DataType::field(const std::string& name) const {
  if (const auto found = find_field(name, 0)) return *found;
  Dwarf_Die die = die_;
  const int tag = dwarf_tag(&die);
  if (pointer()) throw PlaceError(fmt::format("is a pointer (`{}`): write `->{}`", this->name(), name));
  if (tag != DW_TAG_structure_type && tag != DW_TAG_class_type && tag != DW_TAG_union_type)
    throw PlaceError(fmt::format("is of type `{}`, which has no fields", this->name()));
  std::vector<std::string> names;
  each_child(die, [&names](Dwarf_Die& child) {
    const char* const own = dwarf_tag(&child) == DW_TAG_member ? dwarf_diename(&child) : nullptr;
    if (own != nullptr) names.emplace_back(own);
    return true;
  });
  constexpr std::size_t kMost = 12;
  const bool more = names.size() > kMost;
  if (more) names.resize(kMost);
  throw PlaceError(
      fmt::format("is of type `{}`, which has no field `{}`{}", this->name(), name,
                  names.empty() ? "" : fmt::format(", but {}{}", fmt::join(names, ", "), more ? ", …" : "")));
}

std::optional<DataType::Part> DataType::find_field(const std::string& name, unsigned depth) const {
  std::optional<Part> found;
  Dwarf_Die die = die_;
  if (depth > kMostNested) return found;
  each_child(die, [&](Dwarf_Die& child) {
    const int tag = dwarf_tag(&child);
    if (tag != DW_TAG_member && tag != DW_TAG_inheritance) return true;
    const auto type = of(child);
    if (!type) return true;
    std::uint64_t offset = attribute(child, DW_AT_data_member_location).value_or(0);
    const char* const own = tag == DW_TAG_member ? dwarf_diename(&child) : nullptr;
    if (own == nullptr) {
      found = type->find_field(name, depth + 1);
      if (found) found->offset += offset;
    } else if (name == own) {
      std::uint64_t size = type->size();
      // Bit fields (DWARF 5, 5.7.6): counted from the structure's beginning.
      if (const auto bits = attribute(child, DW_AT_bit_size)) {
        const std::uint64_t first = attribute(child, DW_AT_data_bit_offset).value_or(offset * kBits);
        offset = first / kBits;
        size = (first % kBits + *bits + kBits - 1) / kBits;
      }
      found = Part{offset, *type, size};
    }
    return !found;
  });
  return found;
}

DataType DataType::inner() const {
  Dwarf_Die die = die_;
  const auto type = of(die);
  if (!type) throw PlaceError("is an array of what the debug information does not tell");
  return *type;
}

unsigned DataType::dimensions() const {
  Dwarf_Die die = die_;
  unsigned dimensions = 0;
  each_child(die, [&dimensions](Dwarf_Die& child) {
    if (dwarf_tag(&child) == DW_TAG_subrange_type) ++dimensions;
    return true;
  });
  return dimensions;
}

// How many elements it has in that dimension; nothing where that is not known before the program runs.
std::optional<std::uint64_t> DataType::count(unsigned dimension) const {
  Dwarf_Die die = die_;
  std::optional<std::uint64_t> count;
  each_child(die, [&](Dwarf_Die& child) {
    if (dwarf_tag(&child) != DW_TAG_subrange_type || dimension-- != 0) return true;
    count = attribute(child, DW_AT_count);
    // GCC says -1 of an array without elements.
    if (const auto last = attribute(child, DW_AT_upper_bound); !count && last) count = *last + 1;
    return false;
  });
  return count;
}

DataType::Part DataType::element(std::uint64_t index) const {
  if (!array())
    throw PlaceError(fmt::format("is of type `{}`, which is neither an array nor a pointer", name()));
  if (const auto most = count(dimension_); most && index >= *most) {
    throw PlaceError(fmt::format("is of type `{}`, which has {} element{}: the last is [{}]", name(), *most,
                                 *most == 1 ? "" : "s", *most - 1));
  }
  const bool last = dimension_ + 1 >= dimensions();
  const DataType type = last ? inner() : DataType(die_, dimension_ + 1);
  const std::uint64_t size = type.size();
  return {index * size, type, size};
}

}  // namespace trapline::scenario
