/* Sets of CPUs: one word each, for 64 CPUs at most. */
#ifndef TRAPLINE_LINUX_CPUMASK_H
#define TRAPLINE_LINUX_CPUMASK_H

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/threads.h>

typedef struct cpumask {
  unsigned long bits[BITS_TO_LONGS(NR_CPUS)];
} cpumask_t;
typedef struct cpumask cpumask_var_t[1];
_Static_assert(sizeof(cpumask_t) == 8, "the emulator writes it");

extern struct cpumask __cpu_possible_mask, __cpu_online_mask, __cpu_present_mask, __cpu_active_mask;
extern unsigned int nr_cpu_ids;
#define nr_cpumask_bits nr_cpu_ids
#define cpu_possible_mask ((const struct cpumask*)&__cpu_possible_mask)
#define cpu_online_mask ((const struct cpumask*)&__cpu_online_mask)
#define cpu_present_mask ((const struct cpumask*)&__cpu_present_mask)
#define cpu_active_mask ((const struct cpumask*)&__cpu_active_mask)
#define cpumask_bits(mask) ((mask)->bits)
#define CPU_BITS_NONE \
  { 0 }
#define CPU_MASK_NONE ((cpumask_t){{0}})
#define CPU_MASK_ALL ((cpumask_t){{~0UL}})
#define CPU_MASK_CPU0 ((cpumask_t){{1UL}})

static inline unsigned int cpumask_next(int cpu, const struct cpumask* m) {
  return find_next_bit(m->bits, nr_cpu_ids, cpu + 1);
}
static inline unsigned int cpumask_next_and(int cpu, const struct cpumask* a, const struct cpumask* b) {
  unsigned long both = a->bits[0] & b->bits[0];
  return find_next_bit(&both, nr_cpu_ids, cpu + 1);
}
static inline unsigned int cpumask_next_zero(int cpu, const struct cpumask* m) {
  return find_next_zero_bit(m->bits, nr_cpu_ids, cpu + 1);
}
static inline unsigned int cpumask_next_andnot(int cpu, const struct cpumask* a, const struct cpumask* b) {
  return find_next_andnot_bit(a->bits, b->bits, nr_cpu_ids, cpu + 1);
}
/* The next of a round that began at start; wrap: the round is at its second half. nr_cpu_ids: it is over. */
static inline unsigned int cpumask_next_wrap(int cpu, const struct cpumask* m, int start, bool wrap) {
  unsigned int next = cpumask_next(cpu, m);
  if (wrap && cpu < start && next >= (unsigned int)start) return nr_cpu_ids;
  if (next < nr_cpu_ids) return next;
  if (wrap && cpu < start) return nr_cpu_ids;
  next = find_next_bit(m->bits, nr_cpu_ids, 0);
  return next < (unsigned int)start ? next : nr_cpu_ids;
}
static inline unsigned int cpumask_nth(unsigned int n, const struct cpumask* m) {
  return find_nth_bit(m->bits, nr_cpu_ids, n);
}
static inline unsigned int cpumask_first(const struct cpumask* m) { return cpumask_next(-1, m); }
static inline unsigned int cpumask_first_zero(const struct cpumask* m) { return cpumask_next_zero(-1, m); }
static inline unsigned int cpumask_first_and(const struct cpumask* a, const struct cpumask* b) {
  return cpumask_next_and(-1, a, b);
}
static inline unsigned int cpumask_last(const struct cpumask* m) {
  return find_last_bit(m->bits, nr_cpu_ids);
}
static inline void cpumask_set_cpu(unsigned int cpu, struct cpumask* m) { set_bit(cpu, m->bits); }
static inline void cpumask_clear_cpu(int cpu, struct cpumask* m) { clear_bit(cpu, m->bits); }
static inline bool cpumask_test_cpu(int cpu, const struct cpumask* m) { return test_bit(cpu, m->bits); }
static inline bool cpumask_test_and_set_cpu(int cpu, struct cpumask* m) {
  return test_and_set_bit(cpu, m->bits);
}
static inline bool cpumask_test_and_clear_cpu(int cpu, struct cpumask* m) {
  return test_and_clear_bit(cpu, m->bits);
}
#define __cpumask_set_cpu cpumask_set_cpu
#define __cpumask_clear_cpu cpumask_clear_cpu
static inline void cpumask_clear(struct cpumask* m) { m->bits[0] = 0; }
static inline void cpumask_setall(struct cpumask* m) { m->bits[0] = ~0UL >> (BITS_PER_LONG - nr_cpu_ids); }
static inline void cpumask_copy(struct cpumask* d, const struct cpumask* s) { *d = *s; }
static inline bool cpumask_and(struct cpumask* d, const struct cpumask* a, const struct cpumask* b) {
  return (d->bits[0] = a->bits[0] & b->bits[0]) != 0;
}
static inline void cpumask_or(struct cpumask* d, const struct cpumask* a, const struct cpumask* b) {
  d->bits[0] = a->bits[0] | b->bits[0];
}
static inline void cpumask_xor(struct cpumask* d, const struct cpumask* a, const struct cpumask* b) {
  d->bits[0] = a->bits[0] ^ b->bits[0];
}
static inline bool cpumask_andnot(struct cpumask* d, const struct cpumask* a, const struct cpumask* b) {
  return (d->bits[0] = a->bits[0] & ~b->bits[0]) != 0;
}
static inline bool cpumask_empty(const struct cpumask* m) { return cpumask_first(m) >= nr_cpu_ids; }
static inline unsigned int cpumask_weight(const struct cpumask* m) {
  return bitmap_weight(m->bits, nr_cpu_ids);
}
static inline bool cpumask_full(const struct cpumask* m) { return cpumask_weight(m) == nr_cpu_ids; }
static inline bool cpumask_equal(const struct cpumask* a, const struct cpumask* b) {
  return a->bits[0] == b->bits[0];
}
static inline bool cpumask_intersects(const struct cpumask* a, const struct cpumask* b) {
  return (a->bits[0] & b->bits[0]) != 0;
}
static inline bool cpumask_subset(const struct cpumask* a, const struct cpumask* b) {
  return (a->bits[0] & ~b->bits[0]) == 0;
}
static inline unsigned int cpumask_any_but(const struct cpumask* m, unsigned int cpu) {
  unsigned int i = cpumask_first(m);
  return i == cpu ? cpumask_next(i, m) : i;
}
static inline void cpumask_complement(struct cpumask* d, const struct cpumask* s) {
  d->bits[0] = ~s->bits[0] & (~0UL >> (BITS_PER_LONG - nr_cpu_ids));
}
static inline void cpumask_shift_right(struct cpumask* d, const struct cpumask* s, int n) {
  bitmap_shift_right(d->bits, s->bits, n, nr_cpu_ids);
}
static inline void cpumask_shift_left(struct cpumask* d, const struct cpumask* s, int n) {
  bitmap_shift_left(d->bits, s->bits, n, nr_cpu_ids);
}
static inline int cpumask_parse(const char* buf, struct cpumask* d) {
  return bitmap_parse(buf, ~0u, d->bits, nr_cpu_ids);
}
static inline int cpulist_parse(const char* buf, struct cpumask* d) {
  return bitmap_parselist(buf, d->bits, nr_cpu_ids);
}
static inline int cpumask_parse_user(const char __user* buf, int n, struct cpumask* d) {
  return bitmap_parse_user(buf, n, d->bits, nr_cpu_ids);
}
static inline int cpumask_parselist_user(const char __user* buf, int n, struct cpumask* d) {
  return bitmap_parselist_user(buf, n, d->bits, nr_cpu_ids);
}
static inline ssize_t cpumap_print_to_pagebuf(bool list, char* buf, const struct cpumask* m) {
  return bitmap_print_to_pagebuf(list, buf, m->bits, nr_cpu_ids);
}
#define cpumask_any(m) cpumask_first(m)
#define cpumask_any_and(a, b) cpumask_first_and(a, b)
#define cpumask_pr_args(m) (int)nr_cpu_ids, cpumask_bits(m)
extern const unsigned long __cpu_bit_words[NR_CPUS]; /* word n has bit n set */
#define cpumask_of(cpu) ((const struct cpumask*)&__cpu_bit_words[cpu])
#define get_cpu_mask(cpu) cpumask_of(cpu)

static inline unsigned int num_online_cpus(void) { return cpumask_weight(cpu_online_mask); }
#define num_possible_cpus() cpumask_weight(cpu_possible_mask)
#define num_present_cpus() cpumask_weight(cpu_present_mask)
#define num_active_cpus() cpumask_weight(cpu_active_mask)
static inline bool cpu_online(unsigned int cpu) { return cpumask_test_cpu(cpu, cpu_online_mask); }
static inline bool cpu_possible(unsigned int cpu) { return cpumask_test_cpu(cpu, cpu_possible_mask); }
static inline bool cpu_present(unsigned int cpu) { return cpumask_test_cpu(cpu, cpu_present_mask); }
static inline bool cpu_active(unsigned int cpu) { return cpumask_test_cpu(cpu, cpu_active_mask); }
static inline bool cpu_is_offline(unsigned int cpu) { return !cpu_online(cpu); }

#define for_each_cpu(cpu, mask) \
  for ((cpu) = cpumask_first(mask); (unsigned int)(cpu) < nr_cpu_ids; (cpu) = cpumask_next((cpu), (mask)))
#define for_each_cpu_not(cpu, mask)                                        \
  for ((cpu) = cpumask_first_zero(mask); (unsigned int)(cpu) < nr_cpu_ids; \
       (cpu) = cpumask_next_zero((cpu), (mask)))
#define for_each_cpu_and(cpu, a, b)                                       \
  for ((cpu) = cpumask_first_and(a, b); (unsigned int)(cpu) < nr_cpu_ids; \
       (cpu) = cpumask_next_and((cpu), (a), (b)))
#define for_each_cpu_andnot(cpu, a, b)                                              \
  for ((cpu) = cpumask_next_andnot(-1, (a), (b)); (unsigned int)(cpu) < nr_cpu_ids; \
       (cpu) = cpumask_next_andnot((cpu), (a), (b)))
#define for_each_cpu_wrap(cpu, mask, start) for_each_set_bit_wrap(cpu, cpumask_bits(mask), nr_cpu_ids, start)
#define for_each_possible_cpu(cpu) for_each_cpu((cpu), cpu_possible_mask)
#define for_each_online_cpu(cpu) for_each_cpu((cpu), cpu_online_mask)
#define for_each_present_cpu(cpu) for_each_cpu((cpu), cpu_present_mask)

#define alloc_cpumask_var(mask, gfp) ((void)(mask), true)
#define alloc_cpumask_var_node(mask, gfp, node) ((void)(mask), true)
#define zalloc_cpumask_var(mask, gfp) (cpumask_clear(*(mask)), true)
#define free_cpumask_var(mask) \
  do {                         \
    (void)(mask);              \
  } while (0)

#endif
