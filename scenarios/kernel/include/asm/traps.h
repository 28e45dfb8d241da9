/* Numbers of traps. */
#ifndef TRAPLINE_ASM_TRAPS_H
#define TRAPLINE_ASM_TRAPS_H

#ifdef __x86_64__
#define X86_TRAP_DE 0
#define X86_TRAP_DB 1
#define X86_TRAP_NMI 2
#define X86_TRAP_BP 3
#define X86_TRAP_OF 4
#define X86_TRAP_UD 6
#define X86_TRAP_DF 8
#define X86_TRAP_GP 13
#define X86_TRAP_PF 14
#endif

#endif
