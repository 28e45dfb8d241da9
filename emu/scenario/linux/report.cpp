#include "emu/scenario/linux/report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emu/scenario/perf/report.hpp"
#include "emu/scenario/whereabouts.hpp"
#include "emu/scenario/words.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::scenario {

std::string linux_end(const Outcome& outcome) {
  if (outcome.cycles_used_up) return "stopped for want of cycles";
  if (outcome.exit.signal != 0) return fmt::format("killed by {}", isa::linux_abi::name(outcome.exit.signal));
  return fmt::format("exit {}", outcome.exit.code);
}

void linux_text(std::ostream& out, const Outcome& outcome, std::optional<std::size_t> hits) {
  perf_text(out, outcome, hits);
  for (const TaskWhere& where : outcome.tasks) out << text(where, "  ");
}

nlohmann::ordered_json linux_json(const Outcome& outcome, std::optional<std::size_t> hits) {
  nlohmann::ordered_json json;
  if (outcome.exit.signal != 0) {
    json["signal"] = isa::linux_abi::name(outcome.exit.signal);
  } else {
    json["exit"] = outcome.exit.code;
  }
  json["cycles"] = outcome.cycles;
  json["output"] = outcome.output;
  json["stderr"] = outcome.error_output;
  if (!outcome.console.empty()) json["console"] = outcome.console;
  json["memory"] = hex(outcome.memory_checksum);
  json.update(perf_json(outcome, hits));
  for (const TaskWhere& where : outcome.tasks) {
    nlohmann::ordered_json chain = nlohmann::ordered_json::array();
    for (const Caller& caller : where.chain)
      chain.push_back({{"function", caller.function}, {"at", caller.at}, {"line", caller.line}});
    json["tasks"].push_back({{"task", where.task},
                             {"comm", where.comm},
                             {"state", where.state},
                             {"callchain", std::move(chain)}});
  }
  return json;
}

}  // namespace trapline::scenario
