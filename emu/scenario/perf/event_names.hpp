// The names of a scenario's events, as its other keys use them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/view.hpp"

namespace trapline::scenario {

// "; did you mean `writes`?", or "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& names);

class EventNames {
 public:
  // The scenario's events may become more.
  EventNames(const Scenario& scenario, std::vector<Problem>& problems)
      : scenario_(scenario), problems_(problems) {}

  std::vector<EventSpec>::const_iterator find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != scenario_.events.end(); }
  // The nearest of them, as did_you_mean().
  std::string near(std::string_view name) const;

  // Its number in Scenario::events; 0 where there is none, which is a problem.
  std::size_t number_of(const std::string& name, const Position& at) const;
  std::size_t number_of(const View& view) const { return number_of(view.text(), view.at()); }

 private:
  const Scenario& scenario_;
  std::vector<Problem>& problems_;
};

}  // namespace trapline::scenario
