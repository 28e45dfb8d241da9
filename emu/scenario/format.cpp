#include "emu/scenario/format.hpp"

#include <algorithm>
#include <array>

#include "emu/scenario/kind.hpp"

namespace trapline::scenario {

schema::TypeRef scenario_format() {
  schema::ByKind format{.key = "kind", .forms = {}};
  for (const Kind* const kind : kinds()) format.forms.emplace_back(kind->name(), kind->format());
  return schema::make(std::move(format));
}

schema::TypeRef expectations_format(const Kind& kind) {
  constexpr std::array kKeys{"about", "fails", "events", "expect"};
  const schema::TypeRef whole = kind.format();
  schema::Object format;
  for (schema::Field field : std::get<schema::Object>(whole->form).fields) {
    if (std::ranges::find(kKeys, field.key) == kKeys.end()) continue;
    field.required = field.key == "expect";
    format.fields.push_back(std::move(field));
  }
  return schema::make(std::move(format));
}

}  // namespace trapline::scenario
