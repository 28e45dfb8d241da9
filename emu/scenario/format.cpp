#include "emu/scenario/format.hpp"

#include "emu/scenario/kind.hpp"

namespace trapline::scenario {

schema::TypeRef scenario_format() {
  schema::ByKind format{.key = "kind", .forms = {}};
  for (const Kind* const kind : kinds()) format.forms.emplace_back(kind->name(), kind->format());
  return schema::make(std::move(format));
}

}  // namespace trapline::scenario
