// PPC_PTRACE_GETHWDBGINFO on a machine with a DABR.
//: isa ppc64
//: expected
#include "ppc.h"
static int work(void) { return 0; }
int main(void) {
  const pid_t pid = tracee(work);
  struct debug_info info;
  memset(&info, 0x55, sizeof info);
  printf("%s\n", outcome(request(kGetHwDbgInfo, pid, 0, (unsigned long)&info)));
  printf("version %u, instruction %u, data %u, conditions %u, alignment %u, size of condition %u, features %#lx\n", info.version,
         info.instruction_bps, info.data_bps, info.condition_regs, info.data_bp_alignment, info.sizeof_condition, info.features);
  printf("%s\n", outcome(request(kGetHwDbgInfo, pid, 0, 8)));
  end(pid);
  return 0;
}
