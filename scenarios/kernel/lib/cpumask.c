// Sets of one CPU each (lib/cpumask.c, kernel/cpu.c).
#include <linux/cpumask.h>

// cpumask_of(): word n has bit n set.
#define BITS_4(n) 1UL << (n), 1UL << ((n) + 1), 1UL << ((n) + 2), 1UL << ((n) + 3)
#define BITS_16(n) BITS_4(n), BITS_4((n) + 4), BITS_4((n) + 8), BITS_4((n) + 12)
const unsigned long __cpu_bit_words[NR_CPUS] = {BITS_16(0), BITS_16(16), BITS_16(32), BITS_16(48)};
