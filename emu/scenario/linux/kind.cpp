#include "emu/scenario/linux/kind.hpp"

#include <nlohmann/json.hpp>

#include "emu/scenario/linux/convert.hpp"
#include "emu/scenario/linux/format.hpp"
#include "emu/scenario/linux/judge.hpp"
#include "emu/scenario/linux/report.hpp"
#include "emu/scenario/linux/run.hpp"

namespace trapline::scenario {

namespace {

class LinuxKind final : public Kind {
 public:
  std::string_view name() const override { return "linux"; }
  std::string_view about() const override { return "a kernel model"; }
  schema::TypeRef format() const override { return linux_format(); }
  MachineSpec machine() const override { return {}; }
  bool uses_kit() const override { return false; }
  void convert(const Sources& sources, Scenario& scenario, std::vector<Problem>& problems) const override {
    convert_linux(sources, scenario, problems);
  }

  bool has_scheduler() const override { return true; }
  Outcome run(const Scenario& scenario, isa::Isa isa, const RunOptions& options) const override {
    return run_linux(scenario, isa, options);
  }
  std::vector<Problem> judge(const Scenario& scenario, const Outcome& outcome) const override {
    return judge_linux(scenario, outcome);
  }

  std::string end(const Outcome& outcome) const override { return linux_end(outcome); }
  void text(std::ostream& out, const Outcome& outcome, std::optional<std::size_t> hits) const override {
    linux_text(out, outcome, hits);
  }
  nlohmann::ordered_json json(const Outcome& outcome, std::optional<std::size_t> hits) const override {
    return linux_json(outcome, hits);
  }
};

}  // namespace

const Kind& linux_kind() {
  static const LinuxKind kKind;
  return kKind;
}

}  // namespace trapline::scenario
