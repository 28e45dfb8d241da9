// A guest's memory, read by who must leave no trace of it.
#pragma once

#include <cstdint>
#include <optional>

#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/task/task.hpp"
#include "emu/scenario/dwarf_expression.hpp"

namespace trapline::scenario {

// Eight bytes as a number, as the program would find them: also where the page is yet to be read from its
// file. Nothing where nothing is mapped.
std::optional<std::uint64_t> load_unseen(const kernel::Mm& mm, isa::GuestVa address);

// The same of a task's, for who evaluates expressions.
GuestLoad memory_of(const kernel::Task& task);

}  // namespace trapline::scenario
