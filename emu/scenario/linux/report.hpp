// What a run under the model of Linux adds to the reports.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>
#include <string>

#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// As those of Kind.
std::string linux_end(const Outcome& outcome);
void linux_text(std::ostream& out, const Outcome& outcome, std::optional<std::size_t> hits);
nlohmann::ordered_json linux_json(const Outcome& outcome, std::optional<std::size_t> hits);

}  // namespace trapline::scenario
