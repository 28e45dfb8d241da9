// Watches places of a program while it runs, and prints each access as it comes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "emu/scenario/condition.hpp"
#include "emu/scenario/perf/hit_teller.hpp"
#include "emu/scenario/place_watch.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/unwind.hpp"
#include "emu/scenario/whereabouts.hpp"
#include "tools/program_run.hpp"

namespace trapline::tools {

struct WatchOptions {
  std::vector<std::string> places;  // PLACE[:TYPE[:LENGTH]]
  std::string condition;            // empty: none
  std::optional<std::uint64_t> stop_after;
  bool json = false;
};

class Watcher final : public Onlooker {
 public:
  // Throws std::runtime_error for what is no place and no condition.
  Watcher(const WatchOptions& options, std::ostream& out);

  void begin(kernel::Kernel& kernel, kernel::Task& main, const kernel::FileBytes& image) override;
  bool has_seen_enough() const override;
  void end() override;

 private:
  struct Watched {
    std::string text;  // as the user named it, without type and length
    scenario::Place place{};
    std::string type{};        // "r", "w", "rw", "x"; empty: w, of code x
    std::uint64_t length = 0;  // bytes; 0: what the place has
    bool is_signed = false;
    std::uint64_t hits = 0;
    std::unique_ptr<scenario::PlaceWatch> watch{};
  };

  static Watched parse(const std::string& text);
  void watch(Watched& watched, kernel::Task& main);
  void saw(Watched& watched, const machine::Observation& what, isa::GuestVa first);
  void print(const Watched& watched, const scenario::Hit& hit);

  const WatchOptions& options_;
  std::ostream& out_;
  std::optional<scenario::Condition> condition_;
  std::vector<Watched> watched_;
  std::uint64_t hits_ = 0;            // of all
  kernel::Kernel* kernel_ = nullptr;  // from begin() to end()
  std::optional<scenario::SymbolTable> symbols_;
  std::optional<scenario::Unwinder> unwinder_;
  std::optional<scenario::CallChains> chains_;
  std::optional<scenario::HitTeller> teller_;
};

// run_program() with a Watcher. 2 where a place or the condition is none.
int run_watched(const ExecOptions& program, const WatchOptions& watch, std::ostream& out);

}  // namespace trapline::tools
