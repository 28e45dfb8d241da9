// The kernel's messages (kernel/printk): what is logged, and the console that shows it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "emu/kernel/printk/log_ring.hpp"
#include "emu/kernel/task/wait_queue.hpp"

namespace trapline::kernel {

// One of a record's.
struct LogLine {
  std::uint64_t time = 0;  // nanoseconds since the start
  int level = 4;           // KERN_*
  std::string text;        // without the line feed
};

// As dmesg(1) and a console print it: "[    0.000123] text".
std::string console_line(const LogLine& line);

// /proc/sys/kernel/printk (console_printk): messages of a lower number than the first are shown.
struct ConsoleLevels {
  int console = 7;
  int default_message = 4;
  int minimum_console = 1;
  int default_console = 7;
};

class Printk {
 public:
  using Console = std::function<void(const LogLine&)>;

  // Told of each line that is to be shown, when its record is complete.
  void set_console(Console console) { console_ = std::move(console); }

  // `text` may begin with KERN_SOH and a level, and hold several lines; a message that does not end with a
  // line feed is gone on with by KERN_CONT.
  void log(std::uint64_t time, std::string_view text);
  // What a program writes to /dev/kmsg, where nothing but the line feed means anything.
  void inject(std::uint64_t time, unsigned facility, unsigned level, std::string_view text);
  // What is not complete yet goes out.
  void flush();

  const LogRing& ring() const { return ring_; }
  // Who waits for the next record (log_wait).
  WaitQueue& readers() { return readers_; }
  ConsoleLevels& levels() { return levels_; }

  static constexpr std::size_t kMostText = 992;  // bytes: LOG_LINE_MAX, a NUL among them

 private:
  void store(LogRecord record);

  Console console_;
  LogRing ring_;
  WaitQueue readers_;
  ConsoleLevels levels_;
  bool open_ = false;  // the last one may be gone on with
  LogRecord last_;     // while it may
};

}  // namespace trapline::kernel
