// A check with parts of a student's scenario in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::scenario::lab {

struct Overlaid {
  std::string text;  // a scenario: the student's parts, on the lines where they were, then the check
  std::size_t check_line = 0;  // the first line that is the check's
};

// `takes` are keys of the student's file, which the check has not. A key that the student's file lacks is
// lacking then. Throws InputError where the student's keys do not stand on lines of their own.
Overlaid lay_over(std::string_view student, const std::string& file, const std::vector<std::string>& takes,
                  std::string_view check);

}  // namespace trapline::scenario::lab
