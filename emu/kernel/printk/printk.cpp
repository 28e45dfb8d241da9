#include "emu/kernel/printk/printk.hpp"

#include <fmt/format.h>

#include <utility>

namespace trapline::kernel {

namespace {

constexpr char kSoh = '\001';

}  // namespace

std::string console_line(const LogLine& line) {
  constexpr std::uint64_t kMicrosecond = 1000;
  constexpr std::uint64_t kMicroseconds = 1'000'000;
  const std::uint64_t microseconds = line.time / kMicrosecond;
  return fmt::format("[{:5}.{:06}] {}", microseconds / kMicroseconds, microseconds % kMicroseconds,
                     line.text);
}

// vprintk_store()
void Printk::log(std::uint64_t time, std::string_view text) {
  LogRecord record{.time = time, .level = static_cast<unsigned>(levels_.default_message), .text = {}};
  text = text.substr(0, kMostText - 1);
  bool given = false;
  while (text.size() >= 2 && text[0] == kSoh) {
    if (text[1] == 'c') record.continuation = true;
    if (text[1] >= '0' && text[1] <= '7' && !std::exchange(given, true))
      record.level = static_cast<unsigned>(text[1] - '0');
    text.remove_prefix(2);
  }
  record.text = text;
  store(std::move(record));
}

void Printk::inject(std::uint64_t time, unsigned facility, unsigned level, std::string_view text) {
  text = text.substr(0, kMostText - 1);
  store({.time = time, .facility = facility, .level = level, .text = std::string(text)});
}

void Printk::store(LogRecord record) {
  const bool complete = record.text.ends_with('\n');
  if (complete) record.text.pop_back();
  if (open_ && record.continuation && last_.text.size() + record.text.size() < kMostText) {
    last_.text += record.text;
  } else {
    flush();
    last_ = std::move(record);
    open_ = true;
  }
  if (complete) flush();
}

void Printk::flush() {
  if (!std::exchange(open_, false)) return;
  const LogRecord record = std::exchange(last_, {});
  ring_.add(record);
  readers_.wake_all();
  if (!console_ || static_cast<int>(record.level) >= levels_.console) return;
  for (std::string_view rest = record.text;;) {
    const std::size_t end = rest.find('\n');
    console_({record.time, static_cast<int>(record.level), std::string(rest.substr(0, end))});
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace trapline::kernel
