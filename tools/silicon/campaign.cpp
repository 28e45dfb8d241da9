#include "tools/silicon/campaign.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/silicon/scenario_text.hpp"

namespace trapline::tools::silicon {

namespace {

constexpr std::size_t kExamplesPerKind = 2;
constexpr std::size_t kMostExamples = 20;

}  // namespace

std::vector<Share> spread(const std::vector<const Form*>& forms, std::uint64_t cases) {
  std::vector<Share> shares;
  for (std::size_t i = 0; i < forms.size(); ++i)
    shares.push_back({forms[i], cases / forms.size() + (i < cases % forms.size() ? 1 : 0)});
  return shares;
}

Campaign::Kind& Campaign::kind(const Form& form, Aspect aspect, const Known* known) {
  const auto found = std::ranges::find_if(
      kinds_, [&](const Kind& k) { return k.form == &form && k.aspect == aspect && k.known == known; });
  if (found != kinds_.end()) return *found;
  Kind& added = kinds_.emplace_back();
  added.form = &form;
  added.aspect = aspect;
  added.known = known;
  return added;
}

void Campaign::add(const Case& test, const Outcome& expected, const Outcome& got) {
  if (tallies_.empty() || tallies_.back().first != test.form) tallies_.push_back({test.form, {}});
  Tally& tally = tallies_.back().second;
  ++tally.cases;
  if (expected.hit()) ++tally.hits;
  const auto difference = compare(expected, got);
  if (!difference) return;
  Kind& kind = this->kind(*test.form, difference->aspect, find_known(test, difference->aspect, processor_));
  ++kind.cases;
  if (kind.known != nullptr) {
    ++tally.known;
    return;
  }
  ++tally.diverging;
  ++diverging_;
  if (kind.examples.size() == kExamplesPerKind || examples_ == kMostExamples) return;
  ++examples_;
  kind.examples.push_back(scenario_text(seed_, test, expected, difference->text));
}

void Campaign::report(std::ostream& out) const {
  Tally sum;
  std::size_t width = 0;
  for (const auto& [form, tally] : tallies_) width = std::max(width, form->name.size());
  out << fmt::format("{:<{}}  cases   hits  known  diverging\n", "form", width);
  for (const auto& [form, tally] : tallies_) {
    out << fmt::format("{:<{}}  {:>5}  {:>5}  {:>5}  {:>9}\n", form->name, width, tally.cases, tally.hits,
                       tally.known, tally.diverging);
    sum.cases += tally.cases;
    sum.hits += tally.hits;
    sum.known += tally.known;
    sum.diverging += tally.diverging;
  }
  for (const Kind& kind : kinds_) {
    if (kind.known == nullptr) continue;
    out << fmt::format("known: {}: {} in {} cases: {}\n", kind.form->name, name(kind.aspect), kind.cases,
                       kind.known->reason);
  }
  for (const Kind& kind : kinds_) {
    if (kind.known != nullptr) continue;
    out << fmt::format("divergence: {}: {} in {} cases\n", kind.form->name, name(kind.aspect), kind.cases);
  }
  for (const Kind& kind : kinds_) {
    for (const std::string& example : kind.examples)
      out << fmt::format("# --- {}: {} ---\n{}", kind.form->name, name(kind.aspect), example);
  }
  out << fmt::format("{} cases of {} forms on {}, {} with hits: {} known divergences, {} unexplained\n",
                     sum.cases, tallies_.size(), processor_, sum.hits, sum.known, sum.diverging);
}

}  // namespace trapline::tools::silicon
