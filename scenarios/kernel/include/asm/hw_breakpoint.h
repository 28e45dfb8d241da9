/* The instruction set's part of a hardware breakpoint. */
#ifndef TRAPLINE_ASM_HW_BREAKPOINT_H
#define TRAPLINE_ASM_HW_BREAKPOINT_H

#include <linux/types.h>
#ifdef __x86_64__
struct arch_hw_breakpoint {
  unsigned long address;
  unsigned long mask;
  u8 len;
  u8 type;
};
#define X86_BREAKPOINT_LEN_X 0x40
#define X86_BREAKPOINT_LEN_1 0x40
#define X86_BREAKPOINT_LEN_2 0x44
#define X86_BREAKPOINT_LEN_4 0x4c
#define X86_BREAKPOINT_LEN_8 0x48
#define X86_BREAKPOINT_EXECUTE 0x80
#define X86_BREAKPOINT_WRITE 0x81
#define X86_BREAKPOINT_RW 0x83
#define HBP_NUM 4
#else
struct arch_hw_breakpoint {
  unsigned long address;
  u16 type;
  u16 len;    /* as asked for */
  u16 hw_len; /* as the hardware matches */
  u8 flags;
  bool perf_single_step;
};
#define HW_BRK_TYPE_READ 0x01
#define HW_BRK_TYPE_WRITE 0x02
#define HW_BRK_TYPE_TRANSLATE 0x04
#define HW_BRK_TYPE_USER 0x08
#define HW_BRK_TYPE_KERNEL 0x10
#define HW_BRK_TYPE_HYP 0x20
#define HW_BRK_TYPE_EXTRANEOUS_IRQ 0x80
#define HW_BRK_TYPE_DABR (HW_BRK_TYPE_READ | HW_BRK_TYPE_WRITE | HW_BRK_TYPE_TRANSLATE)
#define HW_BRK_TYPE_RDWR (HW_BRK_TYPE_READ | HW_BRK_TYPE_WRITE)
#define HW_BRK_TYPE_PRIV_ALL (HW_BRK_TYPE_USER | HW_BRK_TYPE_KERNEL | HW_BRK_TYPE_HYP)
#define HW_BRK_FLAG_DISABLED 0x1
#define HW_BREAKPOINT_SIZE 8
#define HBP_NUM_MAX 2
#define HBP_NUM_ONE 1
#define HBP_NUM_TWO 2
#define HBP_NUM 1
#endif

#endif
