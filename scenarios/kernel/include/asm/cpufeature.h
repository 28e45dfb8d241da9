/* What the CPU has, as CPUID tells; of PPC64 nothing is told. */
#ifndef TRAPLINE_ASM_CPUFEATURE_H
#define TRAPLINE_ASM_CPUFEATURE_H

#include <linux/types.h>
#ifdef __x86_64__
/* A word of 32 features, and the bit: words 0 and 4 are leaf 1, 1 and 6 leaf 0x80000001, 9 leaf 7. */
#define X86_FEATURE_FPU (0 * 32 + 0)
#define X86_FEATURE_DE (0 * 32 + 2)
#define X86_FEATURE_TSC (0 * 32 + 4)
#define X86_FEATURE_MSR (0 * 32 + 5)
#define X86_FEATURE_CX8 (0 * 32 + 8)
#define X86_FEATURE_APIC (0 * 32 + 9)
#define X86_FEATURE_CMOV (0 * 32 + 15)
#define X86_FEATURE_CLFLUSH (0 * 32 + 19)
#define X86_FEATURE_MMX (0 * 32 + 23)
#define X86_FEATURE_FXSR (0 * 32 + 24)
#define X86_FEATURE_XMM (0 * 32 + 25)
#define X86_FEATURE_XMM2 (0 * 32 + 26)
#define X86_FEATURE_SYSCALL (1 * 32 + 11)
#define X86_FEATURE_NX (1 * 32 + 20)
#define X86_FEATURE_RDTSCP (1 * 32 + 27)
#define X86_FEATURE_LM (1 * 32 + 29)
#define X86_FEATURE_XMM3 (4 * 32 + 0)
#define X86_FEATURE_CX16 (4 * 32 + 13)
#define X86_FEATURE_XMM4_1 (4 * 32 + 19)
#define X86_FEATURE_XMM4_2 (4 * 32 + 20)
#define X86_FEATURE_POPCNT (4 * 32 + 23)
#define X86_FEATURE_AES (4 * 32 + 25)
#define X86_FEATURE_XSAVE (4 * 32 + 26)
#define X86_FEATURE_AVX (4 * 32 + 28)
#define X86_FEATURE_RDRAND (4 * 32 + 30)
#define X86_FEATURE_LAHF_LM (6 * 32 + 0)
#define X86_FEATURE_BPEXT (6 * 32 + 26)
#define X86_FEATURE_FSGSBASE (9 * 32 + 0)
#define X86_FEATURE_BMI1 (9 * 32 + 3)
#define X86_FEATURE_AVX2 (9 * 32 + 5)
#define X86_FEATURE_SMEP (9 * 32 + 7)
#define X86_FEATURE_BMI2 (9 * 32 + 8)
#define X86_FEATURE_SMAP (9 * 32 + 20)
static inline bool boot_cpu_has(unsigned int feature) {
  unsigned int word = feature / 32, c = 0, a = word == 1 || word == 6 ? 0x80000001u : word == 9 ? 7 : 1, b, d;
  __asm__ __volatile__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return ((word == 9 ? b : word == 4 || word == 6 ? c : d) >> (feature % 32)) & 1;
}
#else
#define boot_cpu_has(x) ((void)(x), false)
#endif
#define static_cpu_has(x) boot_cpu_has(x)
#define cpu_feature_enabled(x) boot_cpu_has(x)

#endif
