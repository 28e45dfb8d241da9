// The log as syslog(2) and /proc/kmsg read it: one reader for all, who is where the last call left it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "emu/kernel/printk/printk.hpp"

namespace trapline::kernel {

class Syslog {
 public:
  explicit Syslog(Printk& log) : log_(log) {}

  Printk& log() { return log_; }

  // SYSLOG_ACTION_READ: of what nobody has read; what does not fit is read later. Empty: there is nothing.
  std::string read(std::size_t most);
  // SYSLOG_ACTION_READ_ALL: the last records that fit, of those since clear(). With `clears` as
  // SYSLOG_ACTION_READ_CLEAR.
  std::string read_all(std::size_t most, bool clears);
  void clear() { cleared_ = log_.ring().next(); }
  // The first record behind clear(), or behind what was read so.
  std::uint64_t cleared() const { return cleared_; }

  bool unread() const { return log_.ring().at(next_) != nullptr; }
  // SYSLOG_ACTION_SIZE_UNREAD: in bytes.
  std::size_t unread_size();

  // SYSLOG_ACTION_CONSOLE_OFF, _ON and _LEVEL.
  void console_off();
  void console_on();
  void set_console_level(int level);

 private:
  void skip_lost();

  Printk& log_;
  std::uint64_t next_ = 0;   // to be read
  std::size_t partial_ = 0;  // bytes of it that have been
  std::uint64_t cleared_ = 0;
  std::optional<int> saved_level_;  // while the console is off
};

}  // namespace trapline::kernel
