// Watches places of a program while it runs, and prints each access as it comes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "emu/scenario/perf/hit_condition.hpp"
#include "emu/scenario/perf/hit_teller.hpp"
#include "emu/scenario/place.hpp"
#include "emu/scenario/place_watch.hpp"
#include "tools/program_names.hpp"
#include "tools/program_run.hpp"

namespace trapline::tools {

struct WatchOptions {
  std::vector<std::string> places;  // PLACE[:TYPE[:LENGTH]]
  std::string condition;            // empty: none
  std::optional<std::uint64_t> stop_after;
  bool json = false;
};

// The options, read.
struct WatchPlan {
  struct Watched {
    std::string text;  // as the user named it, without type and length
    scenario::Place place{};
    std::string type{};        // "r", "w", "rw", "x"; empty: w, of code x
    std::uint64_t length = 0;  // bytes; 0: what the place has
  };
  // Throws std::runtime_error for what is no place and no condition.
  explicit WatchPlan(const WatchOptions& options);

  std::vector<Watched> watched;
  std::optional<scenario::HitCondition> condition;
  std::optional<std::uint64_t> stop_after;
  bool json = false;
};

class Watcher final : public Onlooker {
 public:
  // From now on: `main` is the program's first task, of which nothing has run yet. Throws std::runtime_error
  // for a place that the program does not have.
  Watcher(const WatchPlan& plan, std::ostream& out, kernel::Kernel& kernel, kernel::Task& main,
          ProgramNames& names);

  bool has_seen_enough() const override;
  void end() override;

 private:
  struct Watch {
    const WatchPlan::Watched* plan = nullptr;
    scenario::Target target{};
    std::uint64_t hits = 0;
    std::unique_ptr<scenario::PlaceWatch> watch{};
  };

  void watch(Watch& watch, kernel::Task& main, ProgramNames& names);
  void saw(Watch& watch, const machine::Observation& what, isa::GuestVa first);
  void print(const Watch& watch, const scenario::Hit& hit);

  const WatchPlan& plan_;
  std::ostream& out_;
  kernel::Kernel& kernel_;
  scenario::HitTeller teller_;
  std::vector<Watch> watches_;
  std::uint64_t hits_ = 0;  // of all
};

// run_program() with a Watcher. 2 where a place or the condition is none.
int run_watched(const ExecOptions& program, const WatchOptions& watch, std::ostream& out);

}  // namespace trapline::tools
