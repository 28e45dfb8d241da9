// How a failure speaks of what was expected: by its value, or not, where the file hides it (`reveal: false`).
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace trapline::scenario {

class Wording {
 public:
  explicit Wording(bool reveals = true) : reveals_(reveals) {}

  bool reveals() const { return reveals_; }

  // What is said after what there is: ", expected 3".
  std::string instead(std::string_view expected) const {
    return reveals_ ? fmt::format(", expected {}", expected) : ", which is not what is expected";
  }
  template <class T>
  std::string instead(const T& expected) const {
    return instead(std::string_view(fmt::format("{}", expected)));
  }
  // A sentence that tells something of the expected value, or one that does not.
  std::string either(std::string_view revealing, std::string_view hiding) const {
    return std::string(reveals_ ? revealing : hiding);
  }

 private:
  bool reveals_;
};

}  // namespace trapline::scenario
