#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

namespace trapline::benchmarks {

namespace {

constexpr std::size_t kColumns = 9;
using Cells = std::array<std::string, kColumns>;
constexpr std::array<bool, kColumns> kRightAligned{false, false, false, true, false, true, true, true, false};

// Three digits that mean something, as far as that goes without an exponent.
std::string figure(double value) {
  const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return fmt::format("{:.{}f}", value, decimals);
}

std::string verdict(const Row& row) {
  const auto met = row.met();
  return !met ? "" : *met ? "met" : "missed";
}

Cells cells_of(const Row& row) {
  Cells cells{row.benchmark,
              std::string(isa::name(row.isa)),
              row.unit,
              figure(row.trapline),
              row.reference,
              "",
              "",
              "",
              verdict(row)};
  if (!row.reference.empty())
    cells[5] = row.reference_value ? figure(*row.reference_value) : "not measurable here";
  if (row.ratio()) cells[6] = figure(*row.ratio()) + "x";
  if (row.target) cells[7] = ">= " + figure(*row.target) + "x";
  if (row.limit) cells[7] = "<= " + figure(*row.limit);
  return cells;
}

nlohmann::ordered_json json_of(const Row& row) {
  nlohmann::ordered_json json;
  const auto or_null = [](const auto& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
  };
  json["benchmark"] = row.benchmark;
  json["isa"] = isa::name(row.isa);
  json["unit"] = row.unit;
  json["trapline"] = row.trapline;
  json["reference"] =
      row.reference.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(row.reference);
  json["reference_value"] = or_null(row.reference_value);
  json["ratio"] = or_null(row.ratio());
  json["target"] = or_null(row.target);
  json["limit"] = or_null(row.limit);
  json["met"] = or_null(row.met());
  return json;
}

}  // namespace

void print_table(std::ostream& out, std::span<const Row> rows) {
  std::vector<Cells> table{
      {"benchmark", "isa", "unit", "Trapline", "compared with", "which needs", "speed", "target", ""}};
  for (const Row& row : rows) table.push_back(cells_of(row));
  std::array<std::size_t, kColumns> widths{};
  for (const Cells& cells : table) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  for (const Cells& cells : table) {
    std::string line;
    for (std::size_t i = 0; i < kColumns; ++i) {
      line += kRightAligned[i] ? fmt::format("{:>{}}  ", cells[i], widths[i])
                               : fmt::format("{:<{}}  ", cells[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

void print_json(std::ostream& out, std::span<const Row> rows) {
  nlohmann::ordered_json json;
  json["rows"] = nlohmann::ordered_json::array();
  for (const Row& row : rows) json["rows"].push_back(json_of(row));
  out << json.dump(2) << '\n';
}

}  // namespace trapline::benchmarks
