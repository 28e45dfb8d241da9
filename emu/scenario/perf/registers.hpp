// The registers of PERF_SAMPLE_REGS_USER and PERF_SAMPLE_REGS_INTR by their names in perf(1), in lower case.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "isa/isa.hpp"

namespace trapline::scenario {

// By their bits in sample_regs_user (enum perf_event_x86_regs, perf_event_powerpc_regs).
std::span<const std::string_view> perf_registers(isa::Isa isa);

std::optional<unsigned> number_of_perf_register(isa::Isa isa, std::string_view name);

}  // namespace trapline::scenario
