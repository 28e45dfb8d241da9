/* Probes: calls before and after an instruction, at a function's entry and at its return. */
#ifndef TRAPLINE_LINUX_KPROBES_H
#define TRAPLINE_LINUX_KPROBES_H

#include <asm-generic/kprobes.h>
#include <asm/kprobes.h>
#include <linux/bug.h>
#include <linux/ftrace.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
struct kprobe;
struct kretprobe;
struct kretprobe_instance;
typedef int (*kprobe_pre_handler_t)(struct kprobe* p, struct pt_regs* regs);
typedef void (*kprobe_post_handler_t)(struct kprobe* p, struct pt_regs* regs, unsigned long flags);
typedef int (*kprobe_fault_handler_t)(struct kprobe* p, struct pt_regs* regs, int trapnr);
typedef int (*kretprobe_handler_t)(struct kretprobe_instance* ri, struct pt_regs* regs);

struct kprobe {
  struct hlist_node hlist;
  struct list_head list;
  unsigned long nmissed;
  kprobe_opcode_t* addr;
  const char* symbol_name;
  unsigned int offset;
  u32 flags;
  kprobe_pre_handler_t pre_handler;
  kprobe_post_handler_t post_handler;
  kprobe_fault_handler_t fault_handler; /* Linux before 5.14 has it; never called */
  kprobe_opcode_t opcode;
  struct arch_specific_insn ainsn;
};
_Static_assert(offsetof(struct kprobe, nmissed) == 32 && offsetof(struct kprobe, addr) == 40 &&
                   offsetof(struct kprobe, symbol_name) == 48 && offsetof(struct kprobe, offset) == 56 &&
                   offsetof(struct kprobe, flags) == 60 && offsetof(struct kprobe, pre_handler) == 64 &&
                   offsetof(struct kprobe, post_handler) == 72 && offsetof(struct kprobe, opcode) == 88 &&
                   offsetof(struct kprobe, ainsn) == 96 && sizeof(struct kprobe) == 104,
               "the emulator keeps it");
#define KPROBE_FLAG_GONE 1
#define KPROBE_FLAG_DISABLED 2
#define KPROBE_FLAG_OPTIMIZED 4
#define KPROBE_FLAG_FTRACE 8
struct kretprobe {
  struct kprobe kp;
  kretprobe_handler_t handler;
  kretprobe_handler_t entry_handler;
  int maxactive;
  int nmissed;
  size_t data_size;
  void* private_;
};
_Static_assert(offsetof(struct kretprobe, handler) == 104 &&
                   offsetof(struct kretprobe, entry_handler) == 112 &&
                   offsetof(struct kretprobe, maxactive) == 120 &&
                   offsetof(struct kretprobe, nmissed) == 124 &&
                   offsetof(struct kretprobe, data_size) == 128 && sizeof(struct kretprobe) == 144,
               "the emulator keeps it");
struct kretprobe_instance {
  struct hlist_node node;
  struct kretprobe* rp;
  kprobe_opcode_t* ret_addr;
  struct task_struct* task;
  void* fp;
  char data[]; /* data_size bytes */
};
_Static_assert(offsetof(struct kretprobe_instance, rp) == 16 &&
                   offsetof(struct kretprobe_instance, data) == 48,
               "the emulator makes it");
struct kprobe_blacklist_entry {
  struct list_head list;
  unsigned long start_addr;
  unsigned long end_addr;
};

int register_kprobe(struct kprobe* p);
void unregister_kprobe(struct kprobe* p);
int register_kretprobe(struct kretprobe* rp);
void unregister_kretprobe(struct kretprobe* rp);
int enable_kprobe(struct kprobe* p);
int disable_kprobe(struct kprobe* p);
struct kprobe* get_kprobe(void* addr);
struct kprobe* kprobe_running(void);
static inline void unregister_kprobes(struct kprobe** ps, int num) {
  for (int i = 0; i < num; i++) unregister_kprobe(ps[i]);
}
static inline int register_kprobes(struct kprobe** ps, int num) {
  if (num <= 0) return -EINVAL;
  for (int i = 0; i < num; i++) {
    int ret = register_kprobe(ps[i]);
    if (ret < 0) {
      unregister_kprobes(ps, i);
      return ret;
    }
  }
  return 0;
}
static inline void unregister_kretprobes(struct kretprobe** rps, int num) {
  for (int i = 0; i < num; i++) unregister_kretprobe(rps[i]);
}
static inline int register_kretprobes(struct kretprobe** rps, int num) {
  if (num <= 0) return -EINVAL;
  for (int i = 0; i < num; i++) {
    int ret = register_kretprobe(rps[i]);
    if (ret < 0) {
      unregister_kretprobes(rps, i);
      return ret;
    }
  }
  return 0;
}
static inline int enable_kretprobe(struct kretprobe* rp) { return enable_kprobe(&rp->kp); }
static inline int disable_kretprobe(struct kretprobe* rp) { return disable_kprobe(&rp->kp); }
static inline bool kprobe_disabled(struct kprobe* p) {
  return p->flags & (KPROBE_FLAG_DISABLED | KPROBE_FLAG_GONE);
}
static inline struct kretprobe* get_kretprobe(struct kretprobe_instance* ri) { return ri->rp; }
static inline unsigned long get_kretprobe_retaddr(struct kretprobe_instance* ri) {
  return (unsigned long)ri->ret_addr;
}

#endif
