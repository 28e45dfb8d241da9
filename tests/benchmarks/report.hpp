// The rows for people and for machines.
#pragma once

#include <iosfwd>
#include <span>

#include "row.hpp"

namespace trapline::benchmarks {

void print_table(std::ostream& out, std::span<const Row> rows);
void print_json(std::ostream& out, std::span<const Row> rows);

}  // namespace trapline::benchmarks
