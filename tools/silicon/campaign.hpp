// Runs cases, compares, and counts by form and by kind of divergence.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/silicon/case.hpp"
#include "tools/silicon/form.hpp"
#include "tools/silicon/known.hpp"
#include "tools/silicon/outcome.hpp"

namespace trapline::tools::silicon {

// How many cases of which form, in this order.
struct Share {
  const Form* form = nullptr;
  std::uint64_t cases = 0;
};
// `cases` spread evenly over the forms.
std::vector<Share> spread(const std::vector<const Form*>& forms, std::uint64_t cases);

class Campaign {
 public:
  // `processor` is the one whose outcomes are expected.
  Campaign(std::uint64_t seed, std::string_view processor) : seed_(seed), processor_(processor) {}

  void add(const Case& test, const Outcome& expected, const Outcome& got);

  // What stdout gets: nothing in it depends on the host's speed.
  void report(std::ostream& out) const;
  bool diverged() const { return diverging_ != 0; }

 private:
  struct Tally {
    std::uint64_t cases = 0;
    std::uint64_t hits = 0;  // cases that trap
    std::uint64_t known = 0;
    std::uint64_t diverging = 0;
  };
  // A form, what differs, and the reason, if there is one.
  struct Kind {
    const Form* form = nullptr;
    Aspect aspect = Aspect::Hits;
    const Known* known = nullptr;
    std::uint64_t cases = 0;
    std::vector<std::string> examples;  // scenario files
  };

  Kind& kind(const Form& form, Aspect aspect, const Known* known);

  std::uint64_t seed_;
  std::string processor_;
  std::vector<std::pair<const Form*, Tally>> tallies_;  // in the order of the cases
  std::vector<Kind> kinds_;
  std::uint64_t diverging_ = 0;
  std::size_t examples_ = 0;
};

}  // namespace trapline::tools::silicon
