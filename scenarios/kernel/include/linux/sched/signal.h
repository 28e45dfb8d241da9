/* Signals and lists of tasks. */
#ifndef TRAPLINE_LINUX_SCHED_SIGNAL_H
#define TRAPLINE_LINUX_SCHED_SIGNAL_H

#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/signal.h>
#define force_sig(sig) send_sig(sig, current, 1)
/* A kernel thread takes that signal from now on; it pends until flush_signals(). */
void allow_signal(int sig);
#define disallow_signal(sig) \
  do {                       \
    (void)(sig);             \
  } while (0)
void flush_signals(struct task_struct* p);
#define kill_pid(pid, sig, priv) kill_pid_nr(pid_nr(pid), sig)
#include <linux/pid.h>

#endif
