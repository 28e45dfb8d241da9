// The fraction nearest to one within limits (lib/math/rational.c): by its continued fraction.
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/rational.h>

struct fraction {
  unsigned long n, d;
};

static struct fraction mediant(struct fraction a, unsigned long times, struct fraction b) {
  return (struct fraction){a.n + times * b.n, a.d + times * b.d};
}

// How many times b may be added to a.
static unsigned long room(struct fraction most, struct fraction a, struct fraction b) {
  return min(b.n ? (most.n - a.n) / b.n : ULONG_MAX, b.d ? (most.d - a.d) / b.d : ULONG_MAX);
}

void rational_best_approximation(unsigned long numerator, unsigned long denominator,
                                 unsigned long max_numerator, unsigned long max_denominator,
                                 unsigned long* best_numerator, unsigned long* best_denominator) {
  struct fraction most = {max_numerator, max_denominator};
  struct fraction before = {0, 1}, best = {1, 0}, rest = {numerator, denominator};

  while (rest.d) {
    unsigned long term = rest.n / rest.d, fits = room(most, before, best);
    struct fraction next = mediant(before, min(term, fits), best);
    struct fraction less = {rest.d, rest.n % rest.d};

    if (fits < term) {
      // With more than half of the term it is nearer; with just half of it that depends on the rest.
      bool nearer = fits > term - fits || (fits == term - fits && before.d * less.n > best.d * less.d);

      if (!best.d || nearer) best = next;
      break;
    }
    before = best;
    best = next;
    rest = less;
  }
  *best_numerator = best.n;
  *best_denominator = best.d;
}
