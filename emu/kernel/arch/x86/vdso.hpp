// x86-64: the shared object that the kernel maps into every program (arch/x86/entry/vdso), whose functions
// tell the time without a system call. They read the time stamp counter, which is the CPU's clock in
// nanoseconds, and in the page below what the counter does not know: the latest time that a program was told
// on any CPU, before which none may be told that it is now, and how much later than its start the wall clock
// is. So they say to the cycle what the system calls would say there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "emu/kernel/mm/mm.hpp"

namespace trapline::kernel::x86_arch {

// The object's file, which works wherever it is mapped, if vvar lies below it.
std::vector<std::byte> vdso_image();

// What is mapped, of which all programs have the same pages.
class Vdso {
 public:
  explicit Vdso(machine::Machine& machine) : machine_(machine) {}

  // [vvar] and [vdso] (map_vdso(), Mm::vdso). Throws ElfError(ENOMEM).
  void map(Mm& mm);
  // No program is told of an earlier time than this from now on.
  void update(std::uint64_t latest);

 private:
  bool make_pages();

  machine::Machine& machine_;
  std::shared_ptr<SharedMemory> vvar_;  // null until a program wants it
  std::shared_ptr<SharedMemory> image_;
  std::uint64_t latest_ = 0;  // what vvar says
};

}  // namespace trapline::kernel::x86_arch
