/* First-in first-out buffers: of one kind of element, in the struct (DEFINE_KFIFO) or allocated. */
#ifndef TRAPLINE_LINUX_KFIFO_H
#define TRAPLINE_LINUX_KFIFO_H

#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
struct __kfifo {
  unsigned int in;
  unsigned int out;
  unsigned int mask; /* elements less 1 */
  unsigned int esize;
  void* data;
};
#define __STRUCT_KFIFO(type, size)                                 \
  {                                                                \
    struct __kfifo kfifo;                                          \
    type* elements; /* for its type */                             \
    type buf[((size) < 2) || ((size) & ((size)-1)) ? -1 : (size)]; \
  }
#define DECLARE_KFIFO(fifo, type, size) struct __STRUCT_KFIFO(type, size) fifo
#define DECLARE_KFIFO_PTR(fifo, type) \
  struct {                            \
    struct __kfifo kfifo;             \
    type* elements;                   \
  } fifo
#define STRUCT_KFIFO(type, size) struct __STRUCT_KFIFO(type, size)
#define STRUCT_KFIFO_PTR(type) \
  struct {                     \
    struct __kfifo kfifo;      \
    type* elements;            \
  }
struct kfifo {
  struct __kfifo kfifo;
  unsigned char* elements;
};
#define INIT_KFIFO(fifo)                                                                                  \
  do {                                                                                                    \
    (fifo).kfifo = (struct __kfifo){0, 0, ARRAY_SIZE((fifo).buf) - 1, sizeof((fifo).buf[0]), (fifo).buf}; \
  } while (0)
#define DEFINE_KFIFO(fifo, type, size) \
  DECLARE_KFIFO(fifo, type, size) = {.kfifo = {0, 0, (size)-1, sizeof(type), &(fifo).buf}}
static inline int __kfifo_alloc(struct __kfifo* f, unsigned int size, size_t esize, gfp_t gfp) {
  size = (unsigned int)roundup_pow_of_two(size);
  if (size < 2) return -EINVAL;
  *f = (struct __kfifo){0, 0, size - 1, (unsigned int)esize, kmalloc_array(size, esize, gfp)};
  return f->data ? 0 : -ENOMEM;
}
static inline void __kfifo_free(struct __kfifo* f) {
  kfree(f->data);
  *f = (struct __kfifo){0, 0, 0, 0, NULL};
}
static inline unsigned int __kfifo_in(struct __kfifo* f, const void* from, unsigned int n) {
  unsigned int room = f->mask + 1 - (f->in - f->out);
  if (n > room) n = room;
  for (unsigned int i = 0; i < n; i++)
    memcpy((char*)f->data + (size_t)((f->in + i) & f->mask) * f->esize,
           (const char*)from + (size_t)i * f->esize, f->esize);
  smp_wmb();
  f->in += n;
  return n;
}
static inline unsigned int __kfifo_peek(struct __kfifo* f, void* to, unsigned int n) {
  if (n > f->in - f->out) n = f->in - f->out;
  smp_rmb();
  for (unsigned int i = 0; i < n; i++)
    memcpy((char*)to + (size_t)i * f->esize, (char*)f->data + (size_t)((f->out + i) & f->mask) * f->esize,
           f->esize);
  return n;
}
static inline unsigned int __kfifo_out(struct __kfifo* f, void* to, unsigned int n) {
  n = __kfifo_peek(f, to, n);
  f->out += n;
  return n;
}
static inline int __kfifo_to_user(struct __kfifo* f, void __user* to, unsigned long bytes,
                                  unsigned int* copied) {
  unsigned int n = (unsigned int)(bytes / f->esize), done = 0;
  if (n > f->in - f->out) n = f->in - f->out;
  for (; done < n; done++, f->out++)
    if (copy_to_user((char*)to + (size_t)done * f->esize,
                     (char*)f->data + (size_t)(f->out & f->mask) * f->esize, f->esize))
      break;
  *copied = done * f->esize;
  return done < n ? -EFAULT : 0;
}
static inline int __kfifo_from_user(struct __kfifo* f, const void __user* from, unsigned long bytes,
                                    unsigned int* copied) {
  unsigned int n = (unsigned int)(bytes / f->esize), done = 0, room = f->mask + 1 - (f->in - f->out);
  if (n > room) n = room;
  for (; done < n; done++, f->in++)
    if (copy_from_user((char*)f->data + (size_t)(f->in & f->mask) * f->esize,
                       (const char*)from + (size_t)done * f->esize, f->esize))
      break;
  *copied = done * f->esize;
  return done < n ? -EFAULT : 0;
}
#define __kfifo_element(fifo) typeof(*(fifo)->elements)
#define kfifo_alloc(fifo, size, gfp) __kfifo_alloc(&(fifo)->kfifo, size, sizeof(*(fifo)->elements), gfp)
#define kfifo_free(fifo) __kfifo_free(&(fifo)->kfifo)
#define kfifo_initialized(fifo) ((fifo)->kfifo.data != NULL)
#define kfifo_size(fifo) ((fifo)->kfifo.mask + 1)
#define kfifo_esize(fifo) ((fifo)->kfifo.esize)
#define kfifo_len(fifo) ((fifo)->kfifo.in - (fifo)->kfifo.out)
#define kfifo_avail(fifo) (kfifo_size(fifo) - kfifo_len(fifo))
#define kfifo_is_empty(fifo) (kfifo_len(fifo) == 0)
#define kfifo_is_full(fifo) (kfifo_len(fifo) > (fifo)->kfifo.mask)
#define kfifo_reset(fifo)                     \
  do {                                        \
    (fifo)->kfifo.in = (fifo)->kfifo.out = 0; \
  } while (0)
#define kfifo_reset_out(fifo)             \
  do {                                    \
    (fifo)->kfifo.out = (fifo)->kfifo.in; \
  } while (0)
#define kfifo_skip(fifo) \
  do {                   \
    (fifo)->kfifo.out++; \
  } while (0)
#define kfifo_put(fifo, value)            \
  ({                                      \
    __kfifo_element(fifo) __kv = (value); \
    __kfifo_in(&(fifo)->kfifo, &__kv, 1); \
  })
#define kfifo_get(fifo, p) __kfifo_out(&(fifo)->kfifo, p, 1)
#define kfifo_peek(fifo, p) __kfifo_peek(&(fifo)->kfifo, p, 1)
#define kfifo_in(fifo, p, n) __kfifo_in(&(fifo)->kfifo, p, n)
#define kfifo_out(fifo, p, n) __kfifo_out(&(fifo)->kfifo, p, n)
#define kfifo_out_peek(fifo, p, n) __kfifo_peek(&(fifo)->kfifo, p, n)
#define __kfifo_locked(lock, expression) \
  ({                                     \
    unsigned long __kf, __kn;            \
    spin_lock_irqsave(lock, __kf);       \
    __kn = expression;                   \
    spin_unlock_irqrestore(lock, __kf);  \
    (unsigned int)__kn;                  \
  })
#define kfifo_in_spinlocked(fifo, p, n, lock) __kfifo_locked(lock, kfifo_in(fifo, p, n))
#define kfifo_out_spinlocked(fifo, p, n, lock) __kfifo_locked(lock, kfifo_out(fifo, p, n))
#define kfifo_in_locked(fifo, p, n, lock) kfifo_in_spinlocked(fifo, p, n, lock)
#define kfifo_out_locked(fifo, p, n, lock) kfifo_out_spinlocked(fifo, p, n, lock)
#define kfifo_to_user(fifo, to, n, copied) __kfifo_to_user(&(fifo)->kfifo, to, n, copied)
#define kfifo_from_user(fifo, from, n, copied) __kfifo_from_user(&(fifo)->kfifo, from, n, copied)

#endif
