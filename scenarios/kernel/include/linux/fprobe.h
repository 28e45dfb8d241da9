/* Probes of the entries and ends of functions, many at once. */
#ifndef TRAPLINE_LINUX_FPROBE_H
#define TRAPLINE_LINUX_FPROBE_H

#include <linux/compiler.h>
#include <linux/ftrace.h>
#include <linux/types.h>
struct fprobe_sites;
struct fprobe {
  unsigned long nmissed;
  unsigned int flags;
  struct fprobe_sites* rethook; /* what is probed; null: nothing */
  size_t entry_data_size;       /* of the bytes that both handlers of a call get */
  int nr_maxactive;
  void (*entry_handler)(struct fprobe* fp, unsigned long ip, struct pt_regs* regs, void* data);
  void (*exit_handler)(struct fprobe* fp, unsigned long ip, struct pt_regs* regs, void* data);
};
#define FPROBE_FL_DISABLED 1
#define FPROBE_FL_KPROBE_SHARED 2
static inline bool fprobe_disabled(struct fprobe* fp) { return fp && (fp->flags & FPROBE_FL_DISABLED); }
static inline void disable_fprobe(struct fprobe* fp) {
  if (fp) fp->flags |= FPROBE_FL_DISABLED;
}
static inline void enable_fprobe(struct fprobe* fp) {
  if (fp) fp->flags &= ~(unsigned int)FPROBE_FL_DISABLED;
}
/* Of all functions whose names match the one pattern and not the other, if there is one (linux/glob.h). */
int register_fprobe(struct fprobe* fp, const char* filter, const char* notfilter);
int register_fprobe_ips(struct fprobe* fp, unsigned long* addresses, int n);
int register_fprobe_syms(struct fprobe* fp, const char** names, int n);
int unregister_fprobe(struct fprobe* fp);

#endif
