// The program's strings (lib/strnlen_user.c), by characters, and structs (lib/usercopy.c).
#include <asm/processor.h>
#include <linux/minmax.h>
#include <linux/string.h>
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

bool __access_ok(const void __user* p, unsigned long size) {
  return size <= TASK_SIZE_MAX && (unsigned long)p <= TASK_SIZE_MAX - size;
}

int check_zeroed_user(const void __user* from, size_t size) {
  for (const char __user* at = from; size > 0;) {
    char part[64];
    size_t n = min(size, sizeof(part));

    if (copy_from_user(part, at, n)) return -EFAULT;
    if (memchr_inv(part, 0, n)) return 0;
    at += n;
    size -= n;
  }
  return 1;
}

int copy_struct_from_user(void* to, size_t ksize, const void __user* from, size_t usize) {
  size_t both = min(ksize, usize);
  int zeros;

  if (usize > ksize) {
    zeros = check_zeroed_user((const char __user*)from + ksize, usize - ksize);
    if (zeros <= 0) return zeros ? zeros : -E2BIG;
  }
  memset((char*)to + both, 0, ksize - both);
  return copy_from_user(to, from, both) ? -EFAULT : 0;
}
