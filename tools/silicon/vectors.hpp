// Recorded outcomes: a text file that names the cases by seed, form and number, and holds what the processor
// made of each. The format is in docs/silicon.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tools/silicon/form.hpp"
#include "tools/silicon/outcome.hpp"

namespace trapline::tools::silicon {

// what(): "file:line: error: …".
class VectorError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Vectors {
  std::uint64_t seed = 0;
  std::string processor;
  struct Recorded {
    const Form* form = nullptr;
    std::vector<Outcome> outcomes;  // of the form's cases from number 0 on
  };
  std::vector<Recorded> forms;
};

// Throws VectorError: not such a file, or of other forms than today's.
Vectors read_vectors(const std::filesystem::path& path);

class VectorWriter {
 public:
  VectorWriter(std::ostream& out, std::uint64_t seed, std::string_view processor);

  // Then follow the outcomes of so many cases of the form.
  void begin(const Form& form, std::uint64_t cases);
  void add(const Outcome& outcome);

 private:
  std::ostream& out_;
};

}  // namespace trapline::tools::silicon
