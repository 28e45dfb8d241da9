// Measuring things against each other on a machine that does other work, too: what is compared runs in turns,
// a short round each, and of each the best round counts. Time is that of this thread on its processor.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace trapline::benchmarks {

class Stopwatch {
 public:
  Stopwatch() : start_(now()) {}
  double seconds() const { return now() - start_; }

 private:
  static double now();
  double start_;
};

// Does something n times and returns how many seconds that took, without what was needed to prepare it.
using Contender = std::function<double(std::uint64_t n)>;

// For each contender the nanoseconds that it needs to do its thing once.
std::vector<double> nanoseconds_each(const std::vector<Contender>& contenders);

}  // namespace trapline::benchmarks
