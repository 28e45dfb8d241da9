// The log (kernel/printk/printk_ringbuffer.c): the last records, in so much memory as Linux gives them by
// default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace trapline::kernel {

struct LogRecord {
  std::uint64_t seq = 0;
  std::uint64_t time = 0;     // nanoseconds since the start
  unsigned facility = 0;      // 0: the kernel (LOG_KERN)
  unsigned level = 4;         // KERN_*
  bool continuation = false;  // KERN_CONT of a line that could not be gone on with
  std::string text;           // without the last line feed
};

class LogRing {
 public:
  static constexpr std::size_t kBytes = std::size_t{1} << 17;  // CONFIG_LOG_BUF_SHIFT

  // Gives it its number; the oldest ones go where there is no room.
  void add(LogRecord record);

  std::uint64_t first() const { return next() - records_.size(); }
  std::uint64_t next() const { return next_; }
  // That record, or the oldest where it is gone; null where it is still to come.
  const LogRecord* at(std::uint64_t seq) const;

 private:
  std::deque<LogRecord> records_;
  std::uint64_t next_ = 0;
  std::size_t used_ = 0;  // bytes
};

}  // namespace trapline::kernel
