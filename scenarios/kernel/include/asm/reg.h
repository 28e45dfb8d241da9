/* Special registers of PowerPC: the instructions to reach them. */
#ifndef TRAPLINE_ASM_REG_H
#define TRAPLINE_ASM_REG_H

#include <asm/ptrace.h>
#ifdef __powerpc64__
#define SPRN_DABR 0x3F5
#define SPRN_DAWR0 0xB4
#define SPRN_DAWRX0 0xBC
#define SPRN_PVR 0x11F
#define mfspr(number)                                                 \
  ({                                                                  \
    unsigned long __spr;                                              \
    __asm__ __volatile__("mfspr %0, %1" : "=r"(__spr) : "i"(number)); \
    __spr;                                                            \
  })
#define mtspr(number, value) \
  __asm__ __volatile__("mtspr %0, %1" : : "i"(number), "r"((unsigned long)(value)) : "memory")
#define mfmsr()                                     \
  ({                                                \
    unsigned long __msr;                            \
    __asm__ __volatile__("mfmsr %0" : "=r"(__msr)); \
    __msr;                                          \
  })
#endif

#endif
