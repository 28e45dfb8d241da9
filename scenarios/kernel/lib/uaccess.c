// The program's strings (lib/strnlen_user.c), by characters.
#include <linux/uaccess.h>

// With the NUL; more than `most` where it does not end, 0 where it is not all there.
long strnlen_user(const char __user* s, long most) {
  for (long n = 0; n < most; n++) {
    char c;

    if (copy_from_user(&c, s + n, 1)) return 0;
    if (!c) return n + 1;
  }
  return most + 1;
}
