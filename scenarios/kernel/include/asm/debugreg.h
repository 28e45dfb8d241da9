/* The debug registers of x86: numbers and bits. */
#ifndef TRAPLINE_ASM_DEBUGREG_H
#define TRAPLINE_ASM_DEBUGREG_H

#include <linux/types.h>
#ifdef __x86_64__
#define DR_FIRSTADDR 0
#define DR_LASTADDR 3
#define DR_STATUS 6
#define DR_CONTROL 7
#define DR6_RESERVED 0xFFFF0FF0
#define DR_TRAP0 0x1
#define DR_TRAP1 0x2
#define DR_TRAP2 0x4
#define DR_TRAP3 0x8
#define DR_TRAP_BITS 0xf
#define DR_STEP 0x4000
#define DR_SWITCH 0x8000
#define DR_CONTROL_SHIFT 16
#define DR_CONTROL_SIZE 4
#define DR_RW_EXECUTE 0x0
#define DR_RW_WRITE 0x1
#define DR_RW_READ 0x3
#define DR_LEN_1 0x0
#define DR_LEN_2 0x4
#define DR_LEN_4 0xC
#define DR_LEN_8 0x8
#define DR_LOCAL_ENABLE 0x1
#define DR_GLOBAL_ENABLE 0x2
#define DR_ENABLE_SIZE 2
unsigned long __get_debugreg(int number);
#define get_debugreg(var, number)   \
  do {                              \
    (var) = __get_debugreg(number); \
  } while (0)
#endif

#endif
