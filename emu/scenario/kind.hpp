// A kind of scenario: what its program stands on, the model of Linux or nothing but the machine. All that a
// kind has of its own is asked for here, so that a further one is a folder and a line in kind.cpp.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/runner.hpp"
#include "emu/scenario/schema.hpp"
#include "emu/scenario/view.hpp"

namespace trapline::scenario {

// What a scenario file says, and another whose expectations are laid over it (LoadOptions::expect).
struct Sources {
  Sources(const View& scenario, const std::optional<View>& other) : file(scenario), laid(other) {}

  View file;
  std::optional<View> laid;

  std::optional<View> expect() const { return (laid ? *laid : file).find("expect"); }
  // Of the expectations, or of what lacks them.
  Position at() const { return expect() ? expect()->at() : (laid ? *laid : file).at(); }
};

class Kind {
 public:
  // --- The file ---
  virtual std::string_view name() const = 0;  // the value of key `kind`
  virtual std::string_view about() const = 0;
  virtual schema::TypeRef format() const = 0;
  // Where the file says nothing.
  virtual MachineSpec machine() const = 0;
  // Whether programs are linked low and with the kit, without the C library (bare/kit.hpp).
  virtual bool uses_kit() const = 0;
  // What only this kind has, into the scenario: what it expects, above all, and whether that is anything.
  virtual void convert(const Sources& sources, Scenario& scenario, std::vector<Problem>& problems) const = 0;

  // --- The run ---
  // Whether it depends on the schedule's seed.
  virtual bool has_scheduler() const = 0;
  virtual Outcome run(const Scenario& scenario, isa::Isa isa, const RunOptions& options) const = 0;
  virtual std::vector<Problem> judge(const Scenario& scenario, const Outcome& outcome) const = 0;

  // --- The report ---
  // How the run ended: "exit 0".
  virtual std::string end(const Outcome& outcome) const = 0;
  // What happened, a line each; of each event, the first `hits`.
  virtual void text(std::ostream& out, const Outcome& outcome, std::optional<std::size_t> hits) const = 0;
  // The keys of the run's object.
  virtual nlohmann::ordered_json json(const Outcome& outcome, std::optional<std::size_t> hits) const = 0;

 protected:
  ~Kind() = default;
};

// All; the first is that of files that name none.
std::span<const Kind* const> kinds();
// One of theirs.
const Kind& kind_named(std::string_view name);

}  // namespace trapline::scenario
