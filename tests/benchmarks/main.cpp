// trapline-bench: how fast Trapline is beside other ways to the same end. Says "met" or "missed" where there
// is a target, and leaves the judgement to people: its exit status does not depend on a time.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "benchmarks.hpp"
#include "report.hpp"

namespace {

using namespace trapline;  // NOLINT(google-build-using-namespace): the program's own

std::vector<benchmarks::Benchmark> all_benchmarks() {
  std::vector<benchmarks::Benchmark> all;
  for (const auto make :
       {benchmarks::loop_benchmarks, benchmarks::hit_benchmarks, benchmarks::switch_benchmarks,
        benchmarks::slot_benchmarks, benchmarks::scenario_benchmarks, benchmarks::host_time_benchmarks}) {
    for (const isa::Isa isa : isa::kAllIsas) {
      for (benchmarks::Benchmark& benchmark : make(isa)) all.push_back(std::move(benchmark));
    }
  }
  return all;
}

int run(int argc, char** argv) {
  constexpr int kBadInput = 2;
  CLI::App app{"Measures Trapline's speed beside other ways to the same end, in turns, and prints ratios."};
  app.name("trapline-bench");
  bool json = false;
  std::string filter;
  app.add_flag("--json", json, "Print JSON");
  app.add_option("--filter", filter, "Only benchmarks with this text in \"ISA NAME\"");
  app.footer("Example:\n  trapline-bench --filter 'x86-64 counted'");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadInput;
  }

  std::vector<benchmarks::Benchmark> wanted = all_benchmarks();
  std::erase_if(wanted, [&filter](const benchmarks::Benchmark& benchmark) {
    return (std::string(isa::name(benchmark.isa)) + ' ' + benchmark.name).find(filter) == std::string::npos;
  });
  if (wanted.empty()) {
    std::cerr << "trapline-bench: error: no benchmark has \"" << filter << "\" in its name\n";
    return kBadInput;
  }
  std::vector<benchmarks::Row> rows;
  for (const benchmarks::Benchmark& benchmark : wanted) {
    for (benchmarks::Row& row : benchmark.measure()) rows.push_back(std::move(row));
  }
  if (json) {
    benchmarks::print_json(std::cout, rows);
  } else {
    benchmarks::print_table(std::cout, rows);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "trapline-bench: error: " << error.what() << '\n';
    return 1;
  }
}
