/* Signals and lists of tasks. */
#ifndef TRAPLINE_LINUX_SCHED_SIGNAL_H
#define TRAPLINE_LINUX_SCHED_SIGNAL_H

#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/signal.h>
#define force_sig(sig) send_sig(sig, current, 1)
#define allow_signal(sig) \
  do {                    \
    (void)(sig);          \
  } while (0)
#define disallow_signal(sig) \
  do {                       \
    (void)(sig);             \
  } while (0)
#define flush_signals(p) \
  do {                   \
    (void)(p);           \
  } while (0)
#define kill_pid(pid, sig, priv) kill_pid_nr(pid_nr(pid), sig)
#include <linux/pid.h>

#endif
