// Who looks at what the kernel itself reads and writes of user memory.
#pragma once

#include "isa/access.hpp"

namespace trapline::kernel {

class Mm;

class AccessWatch {
 public:
  // The kernel is about to access memory that is there: by the addresses that its current task has it at
  // (copy_to_user), or, `remote`, through a mapping of its own, as ptrace(2) and execve(2) do. False: nobody
  // is interested. Else done() follows when the access is carried out.
  virtual bool begin(const Mm& mm, const isa::Access& access, bool remote) = 0;
  virtual void done() = 0;

 protected:
  ~AccessWatch() = default;
};

}  // namespace trapline::kernel
