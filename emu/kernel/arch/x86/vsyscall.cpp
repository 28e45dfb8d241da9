#include "emu/kernel/arch/x86/vsyscall.hpp"

#include <array>

#include "emu/kernel/task/task.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::kernel::x86_arch {

bool emulate_vsyscall(machine::Cpu& cpu, Task& task, isa::GuestVa address, const Arch::MakeCall& call) {
  using isa::x86::Reg;
  using Name = isa::linux_abi::Syscall;
  constexpr std::uint64_t kDistance = 0x400;  // between the functions
  constexpr std::array kFunctions{Name::sys_gettimeofday, Name::sys_time, Name::sys_getcpu};
  const std::uint64_t offset = address.value - kVsyscallPage.value;
  if (offset % kDistance != 0 || offset / kDistance >= kFunctions.size()) return false;
  const auto caller = task.mm->read_word(isa::GuestVa(cpu.get(Reg::rsp)), 8);
  if (!caller) return false;
  const SyscallResult result =
      call(kFunctions.at(offset / kDistance), {cpu.get(Reg::rdi), cpu.get(Reg::rsi), cpu.get(Reg::rdx)});
  if (!result) return false;  // a pointer that leads nowhere faults, as it would in a function
  cpu.set(Reg::rax, *result);
  cpu.set(Reg::rsp, cpu.get(Reg::rsp) + 8);
  cpu.set_pc(isa::GuestVa(*caller));
  return true;
}

}  // namespace trapline::kernel::x86_arch
