// The kernel's messages (kernel/printk): what is logged, and the console that shows it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace trapline::kernel {

struct LogLine {
  std::uint64_t time = 0;  // nanoseconds since the start
  int level = 4;           // KERN_*
  std::string text;        // without the line feed
};

// As dmesg(1) and a console print it: "[    0.000123] text".
std::string console_line(const LogLine& line);

class Printk {
 public:
  using Console = std::function<void(const LogLine&)>;

  // Told of each line of a level below 7 (KERN_DEBUG), when it is complete.
  void set_console(Console console) { console_ = std::move(console); }

  // `text` may begin with KERN_SOH and a level, and hold several lines; one that does not end with a line
  // feed is gone on with by KERN_CONT.
  void log(std::uint64_t time, std::string_view text);
  // What is not complete yet goes out.
  void flush();

 private:
  void emit(const LogLine& line) const;

  Console console_;
  bool open_ = false;  // the last one may be gone on with
  LogLine partial_;
};

}  // namespace trapline::kernel
