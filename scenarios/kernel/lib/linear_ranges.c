// Values by selectors and back (lib/linear_ranges.c).
#include <linux/errno.h>
#include <linux/linear_range.h>
#include <linux/math.h>

unsigned int linear_range_values_in_range(const struct linear_range* r) {
  return r ? r->max_sel - r->min_sel + 1 : 0;
}

unsigned int linear_range_values_in_range_array(const struct linear_range* r, int ranges) {
  unsigned int sum = 0;

  for (const struct linear_range* end = r + ranges; r < end; r++) {
    unsigned int n = linear_range_values_in_range(r);

    if (!n) return 0;
    sum += n;
  }
  return sum;
}

static bool has_selector(const struct linear_range* r, unsigned int selector) {
  return selector - r->min_sel <= r->max_sel - r->min_sel;
}
static unsigned int value_of(const struct linear_range* r, unsigned int selector) {
  return r->min + r->step * (selector - r->min_sel);
}

unsigned int linear_range_get_max_value(const struct linear_range* r) { return value_of(r, r->max_sel); }

int linear_range_get_value(const struct linear_range* r, unsigned int selector, unsigned int* value) {
  return linear_range_get_value_array(r, 1, selector, value);
}

int linear_range_get_value_array(const struct linear_range* r, int ranges, unsigned int selector,
                                 unsigned int* value) {
  for (; ranges-- > 0; r++) {
    if (!has_selector(r, selector)) continue;
    *value = value_of(r, selector);
    return 0;
  }
  return -EINVAL;
}

// What lies beyond the range has the selector of its end, on the one side; on the other there is none.
static int selector_of(const struct linear_range* r, unsigned int value, unsigned int* selector, bool up) {
  unsigned int above = value - r->min;

  if (value < r->min) {
    *selector = r->min_sel;
    return -1;
  }
  if (value > linear_range_get_max_value(r)) {
    *selector = r->max_sel;
    return 1;
  }
  if (!r->step)
    *selector = up ? r->max_sel : r->min_sel;
  else
    *selector = r->min_sel + (up ? DIV_ROUND_UP(above, r->step) : above / r->step);
  return 0;
}

static int checked_selector(const struct linear_range* r, unsigned int value, unsigned int* selector,
                            bool* found, bool up) {
  unsigned int answer;
  int side = selector_of(r, value, &answer, up);

  *found = side == 0;
  if (side == (up ? 1 : -1)) return -EINVAL;
  *selector = answer;
  return 0;
}

int linear_range_get_selector_low(const struct linear_range* r, unsigned int value, unsigned int* selector,
                                  bool* found) {
  return checked_selector(r, value, selector, found, false);
}
int linear_range_get_selector_high(const struct linear_range* r, unsigned int value, unsigned int* selector,
                                   bool* found) {
  return checked_selector(r, value, selector, found, true);
}
void linear_range_get_selector_within(const struct linear_range* r, unsigned int value,
                                      unsigned int* selector) {
  (void)selector_of(r, value, selector, false);
}

int linear_range_get_selector_low_array(const struct linear_range* r, int ranges, unsigned int value,
                                        unsigned int* selector, bool* found) {
  int result = -EINVAL;

  for (*found = false; ranges-- > 0 && !*found; r++)
    if (!linear_range_get_selector_low(r, value, selector, found)) result = 0;
  return result;
}
