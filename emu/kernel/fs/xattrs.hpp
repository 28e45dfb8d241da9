// Extended attributes of a file (xattr(7)). They are kept in the guest's memory: the host's file has none of
// them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "emu/kernel/result.hpp"
#include "emu/machine/physical_memory.hpp"

namespace trapline::kernel {

class Xattrs {
 public:
  enum Flag : std::uint64_t { kCreate = 1, kReplace = 2 };  // XATTR_CREATE and XATTR_REPLACE

  explicit Xattrs(machine::PhysicalMemory& memory) : charge_(memory) {}

  Result<std::string> get(const std::string& name) const;  // ENODATA
  // EEXIST, ENODATA, ENOSPC: a file has room for so many, and the guest's memory may be used up.
  Status set(const std::string& name, std::string value, std::uint64_t flags);
  Status remove(const std::string& name);  // ENODATA
  std::string list() const;                // each name with its NUL

 private:
  std::map<std::string, std::string> values_;
  machine::Charge charge_;
};

}  // namespace trapline::kernel
