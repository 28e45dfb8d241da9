#include "emu/scenario/perf/event_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/scenario/schema.hpp"
#include "emu/scenario/yaml.hpp"

namespace trapline::scenario {

std::string did_you_mean(std::string_view name, const std::vector<std::string>& names) {
  const std::string near = schema::nearest(name, names);
  return near.empty() ? "" : fmt::format("; did you mean `{}`?", near);
}

std::vector<EventSpec>::const_iterator EventNames::find(std::string_view name) const {
  return std::ranges::find(scenario_.events, name, &EventSpec::name);
}

std::string EventNames::near(std::string_view name) const {
  std::vector<std::string> names;
  for (const EventSpec& event : scenario_.events) names.push_back(event.name);
  return did_you_mean(name, names);
}

std::size_t EventNames::number_of(const std::string& name, const Position& at) const {
  const auto found = find(name);
  if (found != scenario_.events.end()) return static_cast<std::size_t>(found - scenario_.events.begin());
  problems_.push_back({at, fmt::format("no event `{}` in `events`{}", yaml::shown(name), near(name))});
  return 0;
}

}  // namespace trapline::scenario
