// The settings under /proc/sys (Documentation/admin-guide/sysctl), as a table of what they are at the start
// and what may be written to them. What is written is remembered; that most of it changes nothing else is a
// known limit.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "emu/kernel/result.hpp"

namespace trapline::kernel {

struct Sysctl {
  std::string_view path;
  std::string_view value;  // at the start
  // The numbers that may be written; with the first above the second, any text (kText), or none (kFixed).
  std::int64_t least = 1;
  std::int64_t most = 0;

  std::string_view variable{};  // of the kernel's, that it is in memory; "": none
  std::uint8_t bytes = 0;       // that this has

  static constexpr std::int64_t kAnyText = 2;
  bool text() const { return least == kAnyText && most == 0; }
  bool fixed() const { return least == 1 && most == 0; }
};

std::span<const Sysctl> sysctls();

// Where a setting's value is kept that somebody goes by.
struct SysctlPlace {
  std::function<std::string()> read;
  std::function<Status(const std::string& value)> write;  // that is allowed by the table; EINVAL
};

class Sysctls {
 public:
  // From now on; by the path.
  void keep(std::string_view path, SysctlPlace place) { places_.insert_or_assign(path, std::move(place)); }
  std::string read(const Sysctl& setting) const;  // with its newline
  // EINVAL: it cannot have this value.
  SyscallResult write(const Sysctl& setting, std::span<const std::byte> bytes);

 private:
  SyscallResult set(const Sysctl& setting, const std::string& value, std::size_t written);

  std::map<std::string_view, std::string> changed_;  // by path, as the next
  std::map<std::string_view, SysctlPlace> places_;
};

}  // namespace trapline::kernel
