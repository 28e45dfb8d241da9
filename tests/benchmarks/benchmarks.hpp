// The benchmarks by name. Each measures when called, and gives the rows of one comparison.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "row.hpp"

namespace trapline::benchmarks {

struct Benchmark {
  std::string name;
  isa::Isa isa = isa::Isa::X86_64;
  std::function<std::vector<Row>()> measure;
};

std::vector<Benchmark> loop_benchmarks(isa::Isa isa);      // code that touches nothing watched
std::vector<Benchmark> hit_benchmarks(isa::Isa isa);       // what one hit costs
std::vector<Benchmark> switch_benchmarks(isa::Isa isa);    // what going from one task to another costs
std::vector<Benchmark> slot_benchmarks(isa::Isa isa);      // what opening a breakpoint costs among many tasks
std::vector<Benchmark> scenario_benchmarks(isa::Isa isa);  // what one fresh machine costs
std::vector<Benchmark> host_time_benchmarks(isa::Isa isa);  // what a cycle of a hostile program costs

}  // namespace trapline::benchmarks
