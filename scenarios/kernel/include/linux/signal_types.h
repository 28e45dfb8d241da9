/* Signals' numbers, and what is told with one. */
#ifndef TRAPLINE_LINUX_SIGNAL_TYPES_H
#define TRAPLINE_LINUX_SIGNAL_TYPES_H

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/time.h>
#include <linux/types.h>
#undef si_signo
#undef si_errno
#undef si_code
#undef si_pid
#undef si_uid
#undef si_int
#undef si_addr
typedef struct kernel_siginfo {
  int si_signo;
  int si_errno;
  int si_code;
  union {
    struct {
      pid_t si_pid;
      uid_t si_uid;
      int si_int;
    };
    void __user* si_addr;
    char space[112];
  };
} kernel_siginfo_t;
_Static_assert(sizeof(kernel_siginfo_t) == 128, "the emulator reads it");
struct task_struct;
int send_sig_info(int sig, struct kernel_siginfo* info, struct task_struct* p);
#define SEND_SIG_NOINFO ((struct kernel_siginfo*)0)
#define SEND_SIG_PRIV ((struct kernel_siginfo*)1)
static inline void clear_siginfo(kernel_siginfo_t* info) { *info = (kernel_siginfo_t){.si_signo = 0}; }

#endif
