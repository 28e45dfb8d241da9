/* What may befall the kernel, and the words for it. */
#ifndef TRAPLINE_ASM_KDEBUG_H
#define TRAPLINE_ASM_KDEBUG_H

#ifdef __x86_64__
enum die_val {
  DIE_OOPS = 1,
  DIE_INT3,
  DIE_DEBUG,
  DIE_PANIC,
  DIE_NMI,
  DIE_DIE,
  DIE_KERNELDEBUG,
  DIE_TRAP,
  DIE_GPF,
  DIE_CALL,
  DIE_PAGE_FAULT,
  DIE_NMIUNKNOWN,
};
#else
enum die_val {
  DIE_OOPS = 1,
  DIE_IABR_MATCH,
  DIE_DABR_MATCH,
  DIE_BPT,
  DIE_SSTEP,
};
#endif

#endif
