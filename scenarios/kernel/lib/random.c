// Random numbers (drivers/char/random.c).
#include <linux/random.h>

u32 get_random_u32(void) {
  u32 value;

  get_random_bytes(&value, sizeof(value));
  return value;
}
