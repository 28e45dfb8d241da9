#include "emu/scenario/bare/kind.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "emu/scenario/bare/convert.hpp"
#include "emu/scenario/bare/format.hpp"
#include "emu/scenario/bare/judge.hpp"
#include "emu/scenario/bare/names.hpp"
#include "emu/scenario/bare/report.hpp"
#include "emu/scenario/bare/run.hpp"

namespace trapline::scenario {

namespace {

// Bare programs are small, and what they touch is checksummed.
constexpr std::uint64_t kMemory = std::uint64_t{16} << 20;
constexpr std::uint64_t kMaxCycles = 10'000'000;

class BareKind final : public Kind {
 public:
  std::string_view name() const override { return "bare"; }
  std::string_view about() const override { return "nothing but the machine"; }
  schema::TypeRef format() const override { return bare_format(); }
  MachineSpec machine() const override {
    MachineSpec machine;
    machine.memory = kMemory;
    machine.max_cycles = kMaxCycles;
    return machine;
  }
  bool uses_kit() const override { return true; }
  void convert(const Sources& sources, Scenario& scenario, std::vector<Problem>& problems) const override {
    const auto expect = sources.expect();
    scenario.bare = convert_bare_expectation(expect, sources.at(), problems);
    scenario.checks.value = expect && std::ranges::any_of(expect->entries(), [](const auto& entry) {
                              constexpr std::array kHow{"reveal", "more-exceptions"};
                              return std::ranges::find(kHow, entry.first->text) == kHow.end();
                            });
  }

  bool has_scheduler() const override { return false; }  // there is one processor
  Outcome run(const Scenario& scenario, isa::Isa isa, const RunOptions& options) const override {
    return run_bare(scenario, isa, options);
  }
  std::vector<Problem> judge(const Scenario& scenario, const Outcome& outcome) const override {
    return judge_bare(scenario, outcome);
  }

  std::string end(const Outcome& outcome) const override {
    return std::string(scenario::name(outcome.bare->end));
  }
  void text(std::ostream& out, const Outcome& outcome, std::optional<std::size_t> /*hits*/) const override {
    bare_text(out, outcome);
  }
  nlohmann::ordered_json json(const Outcome& outcome, std::optional<std::size_t> /*hits*/) const override {
    return bare_json(outcome);
  }
};

}  // namespace

const Kind& bare_kind() {
  static const BareKind kKind;
  return kKind;
}

}  // namespace trapline::scenario
