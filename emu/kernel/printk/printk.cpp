#include "emu/kernel/printk/printk.hpp"

#include <fmt/format.h>

#include <utility>

namespace trapline::kernel {

namespace {

constexpr char kSoh = '\001';
constexpr int kDefaultLevel = 4;  // KERN_WARNING
constexpr int kDebugLevel = 7;

}  // namespace

std::string console_line(const LogLine& line) {
  constexpr std::uint64_t kMicrosecond = 1000;
  constexpr std::uint64_t kMicroseconds = 1'000'000;
  const std::uint64_t microseconds = line.time / kMicrosecond;
  return fmt::format("[{:5}.{:06}] {}", microseconds / kMicroseconds, microseconds % kMicroseconds,
                     line.text);
}

void Printk::log(std::uint64_t time, std::string_view text) {
  int level = kDefaultLevel;
  bool goes_on = false;
  while (text.size() >= 2 && text[0] == kSoh) {
    if (text[1] == 'c') goes_on = true;
    if (text[1] >= '0' && text[1] <= '7') level = text[1] - '0';
    text.remove_prefix(2);
  }
  if (open_ && !goes_on) flush();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (!open_) partial_ = {.time = time, .level = level, .text = {}};
    open_ = true;
    partial_.text += text.substr(0, end);
    if (end == std::string_view::npos) return;
    flush();
    text.remove_prefix(end + 1);
  }
}

void Printk::flush() {
  if (!std::exchange(open_, false)) return;
  emit(std::exchange(partial_, {}));
}

void Printk::emit(const LogLine& line) const {
  if (console_ && line.level < kDebugLevel) console_(line);
}

}  // namespace trapline::kernel
