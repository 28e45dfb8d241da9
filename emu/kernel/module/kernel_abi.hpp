// How a function of the kernel is called, and the registers that it is told of (struct pt_regs): the calling
// conventions of the instruction sets' ABIs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "emu/kernel/module/kernel_space.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel {

class KernelAbi {
 public:
  virtual ~KernelAbi() = default;
  KernelAbi(const KernelAbi&) = delete;
  KernelAbi& operator=(const KernelAbi&) = delete;

  // The CPU runs the function next, with the stack below `stack` and a return to `return_to`. False: it
  // cannot be called there.
  virtual bool call(machine::Cpu& cpu, KernelSpace& space, GuestVa function,
                    std::span<const std::uint64_t> arguments, GuestVa stack, GuestVa return_to) const = 0;
  // Just entered: its arguments, from 0 on; 0 where the stack cannot be read.
  virtual std::uint64_t argument(machine::Cpu& cpu, const KernelSpace& space, std::size_t n) const = 0;
  // It returns at once.
  virtual void return_from(machine::Cpu& cpu, const KernelSpace& space, std::uint64_t value) const = 0;
  // What it has returned.
  virtual std::uint64_t result(machine::Cpu& cpu) const = 0;
  virtual GuestVa stack_pointer(machine::Cpu& cpu) const = 0;
  // Who called the function that was just entered.
  virtual GuestVa caller(machine::Cpu& cpu, const KernelSpace& space) const = 0;
  // struct pt_regs of user_regs' layout.
  virtual std::vector<std::byte> pt_regs(machine::Cpu& cpu, bool user) const = 0;
  // The CPU's registers are those of `after` where it differs from `before`. Only what a handler may change
  // of what it interrupted: general registers, the PC, flags of the program's.
  virtual void restore(machine::Cpu& cpu, std::span<const std::byte> before,
                       std::span<const std::byte> after) const = 0;
  // Of struct pt_regs: what a function returned.
  virtual void set_result(std::span<std::byte> pt_regs, std::uint64_t value) const = 0;
  // Likewise: which exception it was, at what address and why, where the registers say so (PPC64).
  virtual void set_exception(std::span<std::byte> /*pt_regs*/, std::uint64_t /*trap*/,
                             std::uint64_t /*address*/, std::uint64_t /*status*/) const {}
  // The function just entered returns there instead; where it would have.
  virtual GuestVa replace_return(machine::Cpu& cpu, KernelSpace& space, GuestVa to) const = 0;
  // What a walk of the stack begins with.
  struct Position {
    GuestVa pc;
    GuestVa stack;   // rsp; r1
    GuestVa frame;   // rbp; r1
    GuestVa link{};  // PPC64: LR
  };
  virtual Position position(machine::Cpu& cpu) const = 0;
  // The same of struct pt_regs in memory.
  virtual Position position(const KernelSpace& space, GuestVa pt_regs) const = 0;
  // Return addresses up the stack, the innermost first: at most so many. `function`: where the one that the
  // PC is in begins; there and just before it returns it has no frame.
  virtual std::vector<GuestVa> callers(const KernelSpace& space, const Position& from, GuestVa function,
                                       std::size_t most) const = 0;

 protected:
  KernelAbi() = default;
};

std::unique_ptr<KernelAbi> make_kernel_abi(isa::Isa isa);

}  // namespace trapline::kernel
