/* The instruction set's part of probes. */
#ifndef TRAPLINE_ASM_KPROBES_H
#define TRAPLINE_ASM_KPROBES_H

#include <linux/types.h>
#ifdef __x86_64__
typedef u8 kprobe_opcode_t;
#define MAX_INSN_SIZE 16
#define BREAKPOINT_INSTRUCTION 0xcc
#else
typedef u32 kprobe_opcode_t;
#define MAX_INSN_SIZE 2
#define BREAKPOINT_INSTRUCTION 0x7fe00008
#endif
struct arch_specific_insn {
  kprobe_opcode_t* insn; /* a copy of the probed instruction */
};

#endif
