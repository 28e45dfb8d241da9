#include "measuring.hpp"

#include <algorithm>
#include <ctime>

namespace trapline::benchmarks {

namespace {

constexpr unsigned kRounds = 9;
constexpr double kRound = 0.06;  // seconds
constexpr double kTrial = 0.01;  // a run this long says how often fits into a round

std::uint64_t times_a_round(const Contender& contender) {
  for (std::uint64_t n = 1;; n *= 4) {
    const double seconds = contender(n);
    if (seconds < kTrial) continue;
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(n) * kRound / seconds));
  }
}

}  // namespace

double Stopwatch::now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::vector<double> nanoseconds_each(const std::vector<Contender>& contenders) {
  std::vector<std::uint64_t> times;
  for (const Contender& contender : contenders) times.push_back(times_a_round(contender));
  std::vector<double> best(contenders.size(), 1e300);
  for (unsigned round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      best[i] = std::min(best[i], contenders[i](times[i]) / static_cast<double>(times[i]) * 1e9);
    }
  }
  return best;
}

}  // namespace trapline::benchmarks
