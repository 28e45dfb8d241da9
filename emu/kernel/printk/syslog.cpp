#include "emu/kernel/printk/syslog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace trapline::kernel {

namespace {

std::string prefix_of(const LogRecord& record) {
  return fmt::format("<{}>", record.facility << 3 | record.level) + console_line({record.time, 0, {}});
}

// record_print_text(): each line with the prefix, as far as they fit a buffer of the console's.
std::string printed(const LogRecord& record) {
  constexpr std::size_t kMost = 1024 - 2;  // CONSOLE_LOG_MAX, without a line feed and a NUL
  const std::string prefix = prefix_of(record);
  std::string out;
  bool truncated = false;
  for (std::string_view rest = record.text;;) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos && truncated) break;
    const std::string_view line = rest.substr(0, end);
    if (out.size() + prefix.size() + rest.size() > kMost) {
      if (out.size() + prefix.size() + line.size() > kMost) break;
      rest = rest.substr(0, kMost - out.size() - prefix.size());
      truncated = true;
    }
    out += prefix;
    out += line;
    out += '\n';
    if (rest.size() == line.size()) break;
    rest.remove_prefix(line.size() + 1);
  }
  return out;
}

// get_record_print_text_size(): the same without that bound.
std::size_t printed_size(const LogRecord& record) {
  const auto lines = static_cast<std::size_t>(1 + std::ranges::count(record.text, '\n'));
  return prefix_of(record).size() * lines + record.text.size() + 1;
}

}  // namespace

// What was to be read next may have gone.
void Syslog::skip_lost() {
  if (next_ >= log_.ring().first()) return;
  next_ = log_.ring().first();
  partial_ = 0;
}

std::string Syslog::read(std::size_t most) {
  skip_lost();
  std::string out;
  while (const LogRecord* const record = log_.ring().at(next_)) {
    const std::string text = printed(*record);
    const std::string_view rest = std::string_view(text).substr(std::min(partial_, text.size()));
    const std::size_t room = most - out.size();
    if (rest.size() <= room) {
      out += rest;
      ++next_;
      partial_ = 0;
      continue;
    }
    // One that is longer than all that was asked for is read in parts.
    if (out.empty()) {
      out += rest.substr(0, room);
      partial_ += room;
    }
    break;
  }
  return out;
}

std::string Syslog::read_all(std::size_t most, bool clears) {
  const LogRing& ring = log_.ring();
  const std::uint64_t begin = std::max(cleared_, ring.first());
  std::size_t size = 0;
  for (std::uint64_t seq = begin; seq < ring.next(); ++seq) size += printed_size(*ring.at(seq));
  std::uint64_t first = begin;
  for (; first < ring.next() && size > most; ++first) size -= printed_size(*ring.at(first));
  std::string out;
  for (std::uint64_t seq = first; seq < ring.next(); ++seq) out += printed(*ring.at(seq));
  if (clears) clear();
  return out;
}

std::size_t Syslog::unread_size() {
  skip_lost();
  const LogRing& ring = log_.ring();
  std::size_t size = 0;
  for (std::uint64_t seq = next_; seq < ring.next(); ++seq) size += printed_size(*ring.at(seq));
  return size - std::min(size, partial_);
}

void Syslog::console_off() {
  if (!saved_level_) saved_level_ = log_.levels().console;
  log_.levels().console = log_.levels().minimum_console;
}

void Syslog::console_on() {
  if (const auto saved = std::exchange(saved_level_, std::nullopt)) log_.levels().console = *saved;
}

void Syslog::set_console_level(int level) {
  log_.levels().console = std::max(level, log_.levels().minimum_console);
  saved_level_.reset();
}

}  // namespace trapline::kernel
