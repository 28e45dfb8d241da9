// Module parameters (kernel/params.c): what module_param() leaves in the section __param, and "name=value".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "emu/kernel/module/kernel_space.hpp"

namespace trapline::kernel {

class Parameters {
 public:
  // The section, which is in memory; empty where a module has none.
  Parameters(KernelSpace& space, GuestVa section, std::uint64_t bytes)
      : space_(space), section_(section), bytes_(bytes) {}

  // Writes each value where its variable is. `warn` gets what dmesg shows. Throws ModuleError(EINVAL) for a
  // value that is none of its parameter's type.
  void set(std::string_view module, std::string_view arguments,
           const std::function<void(const std::string&)>& warn);

 private:
  struct Parameter;

  bool set_one(const Parameter& parameter, GuestVa where, std::string_view value, bool given);
  bool set_array(const Parameter& parameter, std::string_view value);

  KernelSpace& space_;
  GuestVa section_;
  std::uint64_t bytes_;
};

}  // namespace trapline::kernel
