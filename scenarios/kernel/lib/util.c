// Copies in memory of their own (mm/util.c), and pages (mm/page_alloc.c).
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

void* kmemdup(const void* p, size_t n, gfp_t gfp) {
  void* copy = kmalloc(n, gfp);

  if (copy) memcpy(copy, p, n);
  return copy;
}

char* kstrndup(const char* s, size_t most, gfp_t gfp) {
  size_t n = s ? strnlen(s, most) : 0;
  char* copy = s ? kmalloc(n + 1, gfp) : NULL;

  if (copy) {
    memcpy(copy, s, n);
    copy[n] = 0;
  }
  return copy;
}

char* kstrdup(const char* s, gfp_t gfp) { return kstrndup(s, ~0UL >> 1, gfp); }

static void* dup_user(const void __user* p, size_t n, size_t more) {
  char* copy = kmalloc(n + more, GFP_USER);

  if (!copy) return ERR_PTR(-ENOMEM);
  if (copy_from_user(copy, p, n)) {
    kfree(copy);
    return ERR_PTR(-EFAULT);
  }
  if (more) copy[n] = 0;
  return copy;
}

void* memdup_user(const void __user* p, size_t n) { return dup_user(p, n, 0); }
void* memdup_user_nul(const void __user* p, size_t n) { return dup_user(p, n, 1); }

char* strndup_user(const char __user* s, long most) {
  long n = strnlen_user(s, most);
  char* copy;

  if (!n) return ERR_PTR(-EFAULT);
  if (n > most) return ERR_PTR(-EINVAL);
  copy = dup_user(s, (size_t)n, 0);
  if (!IS_ERR(copy)) copy[n - 1] = 0;
  return copy;
}

void* krealloc(const void* p, size_t size, gfp_t gfp) {
  void* other;

  if (!size) {
    kfree(p);
    return ZERO_SIZE_PTR;
  }
  if (!ZERO_OR_NULL_PTR(p) && ksize(p) >= size) return (void*)p;
  other = kmalloc(size, gfp);
  if (other && !ZERO_OR_NULL_PTR(p)) {
    memcpy(other, p, ksize(p));
    kfree(p);
  }
  return other;
}

// What kmalloc() gives of such a size begins at a page.
unsigned long __get_free_pages(gfp_t gfp, unsigned int order) {
  return (unsigned long)kmalloc(PAGE_SIZE << order, gfp);
}
void free_pages(unsigned long address, unsigned int order) { kfree((void*)address); }

void** __memcat_p(void** a, void** b) {
  size_t n = 0, m = 0;
  void** both;

  while (a[n]) n++;
  while (b[m]) m++;
  both = kmalloc_array(n + m + 1, sizeof(*both), GFP_KERNEL);
  if (!both) return NULL;
  memcpy(both, a, n * sizeof(*a));
  memcpy(both + n, b, (m + 1) * sizeof(*b));
  return both;
}
