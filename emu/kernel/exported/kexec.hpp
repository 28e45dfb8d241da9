// kexec: another kernel, which a program has loaded, takes the machine over (kernel/kexec_core.c,
// machine_kexec()). It runs with the kernel's privilege at its physical addresses, on one CPU, with nothing
// of the old kernel's around it, until it halts.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/result.hpp"
#include "emu/machine/stop.hpp"

namespace trapline::kernel {

class Kernel;

class Kexec {
 public:
  struct Segment {
    GuestVa address;  // physical; a multiple of a page
    std::uint64_t size = 0;
    std::vector<std::byte> bytes;  // at its start; the rest is zero
  };
  struct Image {
    GuestVa entry;
    std::vector<Segment> segments;
  };

  explicit Kexec(Kernel& kernel) : kernel_(kernel) {}

  // kexec_load(2). EADDRNOTAVAIL: there is no memory at a segment's addresses, or it is needed for the stack;
  // EINVAL: two overlap.
  Status load(Image image);
  void unload() { image_.reset(); }
  bool loaded() const { return image_.has_value(); }

  // All other CPUs stop, breakpoints go, and the CPU goes on in the new kernel (machine_kexec()). ENOMEM.
  Status start(machine::Cpu& cpu, Task& task);
  bool started() const { return started_; }
  // The new kernel has no handlers here: it halts, or the machine is at its end.
  void stopped(machine::Cpu& cpu, const machine::Stop& stop);

 private:
  Kernel& kernel_;
  std::optional<Image> image_;
  bool started_ = false;
};

}  // namespace trapline::kernel
