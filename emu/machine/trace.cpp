#include "emu/machine/trace.hpp"

#include <fmt/format.h>

#include <array>

namespace trapline::machine {

namespace {

constexpr std::array<std::string_view, 8> kNames{"debug-unit", "exception", "notifier", "hw_breakpoint",
                                                 "perf",       "front-end", "syscall",  "task"};

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

struct ToJson {
  std::string operator()(std::uint64_t value) const { return fmt::format("{}", value); }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(Hex value) const { return fmt::format("\"{:#x}\"", value.value); }
  std::string operator()(const std::string& value) const { return json_string(value); }
};

}  // namespace

std::string_view name(Layer layer) { return kNames[static_cast<std::size_t>(layer)]; }

std::string to_json(const TraceEvent& event) {
  std::string out =
      fmt::format(R"({{"order":{},"cycle":{},"cpu":{},"task":{},"layer":"{}","event":{})", event.order,
                  event.cycle, event.cpu, event.task, name(event.layer), json_string(event.what));
  for (const auto& [key, value] : event.fields)
    out += fmt::format(",{}:{}", json_string(key), std::visit(ToJson{}, value));
  return out + "}";
}

}  // namespace trapline::machine
