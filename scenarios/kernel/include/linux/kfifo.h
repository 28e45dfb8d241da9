/* First-in first-out buffers: of one kind of element, in the struct (DEFINE_KFIFO) or allocated. */
#ifndef TRAPLINE_LINUX_KFIFO_H
#define TRAPLINE_LINUX_KFIFO_H

#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/scatterlist.h>
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
/* The pointers are for their types only. recsize: of the length before each record, of one without records 0.
 */
#define __STRUCT_KFIFO_COMMON(type, recsize) \
  struct __kfifo kfifo;                      \
  type* elements;                            \
  char(*rectype)[recsize];
#define __STRUCT_KFIFO(type, size, recsize)                        \
  {                                                                \
    __STRUCT_KFIFO_COMMON(type, recsize)                           \
    type buf[((size) < 2) || ((size) & ((size)-1)) ? -1 : (size)]; \
  }
#define STRUCT_KFIFO(type, size) struct __STRUCT_KFIFO(type, size, 0)
#define __STRUCT_KFIFO_PTR(type, recsize) \
  {                                       \
    __STRUCT_KFIFO_COMMON(type, recsize)  \
    type buf[0];                          \
  }
#define STRUCT_KFIFO_PTR(type) struct __STRUCT_KFIFO_PTR(type, 0)
#define STRUCT_KFIFO_REC_1(size) struct __STRUCT_KFIFO(unsigned char, size, 1)
#define STRUCT_KFIFO_REC_2(size) struct __STRUCT_KFIFO(unsigned char, size, 2)
#define DECLARE_KFIFO(fifo, type, size) STRUCT_KFIFO(type, size) fifo
#define DECLARE_KFIFO_PTR(fifo, type) STRUCT_KFIFO_PTR(type) fifo
struct kfifo __STRUCT_KFIFO_PTR(unsigned char, 0);
struct kfifo_rec_ptr_1 __STRUCT_KFIFO_PTR(unsigned char, 1);
struct kfifo_rec_ptr_2 __STRUCT_KFIFO_PTR(unsigned char, 2);
/* One that is to be allocated is empty then. */
#define INIT_KFIFO(fifo)                                                                              \
  do {                                                                                                \
    const unsigned int __kn = sizeof((fifo).buf) / sizeof((fifo).buf[0]);                             \
    (fifo).kfifo =                                                                                    \
        (struct __kfifo){0, 0, __kn ? __kn - 1 : 0, sizeof((fifo).buf[0]), __kn ? (fifo).buf : NULL}; \
  } while (0)
#define DEFINE_KFIFO(fifo, type, size) \
  DECLARE_KFIFO(fifo, type, size) = {.kfifo = {0, 0, (size)-1, sizeof(type), &(fifo).buf}}
static inline int __kfifo_alloc(struct __kfifo* f, unsigned int size, size_t esize, gfp_t gfp) {
  size = (unsigned int)roundup_pow_of_two(size);
  if (size < 2) return -EINVAL;
  *f = (struct __kfifo){0, 0, size - 1, (unsigned int)esize, kmalloc_array(size, esize, gfp)};
  return f->data ? 0 : -ENOMEM;
}
static inline int __kfifo_init(struct __kfifo* f, void* buffer, unsigned int size, size_t esize) {
  size = size / (unsigned int)esize;
  if (size) size = (unsigned int)rounddown_pow_of_two(size);
  if (size < 2) return -EINVAL;
  *f = (struct __kfifo){0, 0, size - 1, (unsigned int)esize, buffer};
  return 0;
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
/* Records: bytes, after their number. */
static inline unsigned char* __kfifo_byte(struct __kfifo* f, unsigned int at) {
  return (unsigned char*)f->data + (at & f->mask);
}
static inline unsigned int __kfifo_record(struct __kfifo* f, size_t recsize) {
  if (f->in == f->out) return 0;
  return *__kfifo_byte(f, f->out) + (recsize > 1 ? *__kfifo_byte(f, f->out + 1) * 256u : 0);
}
static inline unsigned int __kfifo_room_r(struct __kfifo* f, size_t recsize) {
  unsigned int room = f->mask + 1 - (f->in - f->out), most = (1u << (8 * recsize)) - 1;
  if (room <= recsize) return 0;
  room -= (unsigned int)recsize;
  return room < most ? room : most;
}
static inline void __kfifo_put_length(struct __kfifo* f, unsigned int n, size_t recsize) {
  *__kfifo_byte(f, f->in++) = (unsigned char)n;
  if (recsize > 1) *__kfifo_byte(f, f->in++) = (unsigned char)(n >> 8);
}
static inline unsigned int __kfifo_in_r(struct __kfifo* f, const void* from, unsigned int n, size_t recsize) {
  if (n > __kfifo_room_r(f, recsize)) return 0;
  __kfifo_put_length(f, n, recsize);
  return __kfifo_in(f, from, n);
}
static inline void __kfifo_skip_r(struct __kfifo* f, size_t recsize) {
  if (recsize)
    f->out += (unsigned int)recsize + __kfifo_record(f, recsize);
  else
    f->out++;
}
static inline unsigned int __kfifo_peek_r(struct __kfifo* f, void* to, unsigned int n, size_t recsize) {
  struct __kfifo inner = *f;
  unsigned int has = __kfifo_record(f, recsize);
  inner.out += (unsigned int)recsize;
  return f->in == f->out ? 0 : __kfifo_peek(&inner, to, n < has ? n : has);
}
static inline unsigned int __kfifo_out_r(struct __kfifo* f, void* to, unsigned int n, size_t recsize) {
  n = __kfifo_peek_r(f, to, n, recsize);
  if (f->in != f->out) __kfifo_skip_r(f, recsize);
  return n;
}
static inline int __kfifo_to_user_r(struct __kfifo* f, void __user* to, unsigned long n, unsigned int* copied,
                                    size_t recsize) {
  struct __kfifo inner = *f;
  unsigned int has = __kfifo_record(f, recsize);
  int err;
  *copied = 0;
  if (f->in == f->out) return 0;
  inner.out += (unsigned int)recsize;
  err = __kfifo_to_user(&inner, to, n < has ? n : has, copied);
  if (!err) __kfifo_skip_r(f, recsize);
  return err;
}
static inline int __kfifo_from_user_r(struct __kfifo* f, const void __user* from, unsigned long n,
                                      unsigned int* copied, size_t recsize) {
  unsigned int in = f->in;
  int err;
  *copied = 0;
  if (n > __kfifo_room_r(f, recsize)) return 0;
  __kfifo_put_length(f, (unsigned int)n, recsize);
  err = __kfifo_from_user(f, from, n, copied);
  if (err) f->in = in;
  return err;
}
/* Up to so many elements of the ring from one on, as pieces of memory. */
static inline unsigned int __kfifo_pieces(struct __kfifo* f, struct scatterlist* sgl, int most,
                                          unsigned int at, unsigned int n) {
  unsigned int first, pieces = 0;
  at &= f->mask;
  first = min(n, f->mask + 1 - at);
  if (most > 0 && first) sg_set_buf(sgl + pieces++, (char*)f->data + (size_t)at * f->esize, first * f->esize);
  if (most > 1 && n > first) sg_set_buf(sgl + pieces++, f->data, (n - first) * f->esize);
  return pieces;
}

#define __kfifo_element(fifo) typeof(*(fifo)->elements)
#define kfifo_alloc(fifo, size, gfp) __kfifo_alloc(&(fifo)->kfifo, size, sizeof(*(fifo)->elements), gfp)
#define kfifo_free(fifo) __kfifo_free(&(fifo)->kfifo)
#define kfifo_init(fifo, buffer, size) __kfifo_init(&(fifo)->kfifo, buffer, size, sizeof(*(fifo)->elements))
#define kfifo_initialized(fifo) ((fifo)->kfifo.mask != 0)
#define kfifo_recsize(fifo) (sizeof(*(fifo)->rectype))
#define kfifo_size(fifo) ((fifo)->kfifo.mask + 1)
#define kfifo_esize(fifo) ((fifo)->kfifo.esize)
#define kfifo_len(fifo) ((fifo)->kfifo.in - (fifo)->kfifo.out)
#define kfifo_avail(fifo)                                                    \
  (kfifo_recsize(fifo) ? __kfifo_room_r(&(fifo)->kfifo, kfifo_recsize(fifo)) \
                       : kfifo_size(fifo) - kfifo_len(fifo))
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
#define kfifo_skip(fifo) __kfifo_skip_r(&(fifo)->kfifo, kfifo_recsize(fifo))
#define kfifo_peek_len(fifo)                                                 \
  (kfifo_recsize(fifo) ? __kfifo_record(&(fifo)->kfifo, kfifo_recsize(fifo)) \
                       : (kfifo_is_empty(fifo) ? 0 : kfifo_esize(fifo)))
#define kfifo_put(fifo, value)            \
  ({                                      \
    __kfifo_element(fifo) __kv = (value); \
    kfifo_in(fifo, &__kv, 1);             \
  })
#define kfifo_get(fifo, p) kfifo_out(fifo, p, 1)
#define kfifo_peek(fifo, p) kfifo_out_peek(fifo, p, 1)
/* By what is known of the type, the one function or the other. */
#define __kfifo_either(fifo, name, ...)                                             \
  (kfifo_recsize(fifo) ? name##_r(&(fifo)->kfifo, __VA_ARGS__, kfifo_recsize(fifo)) \
                       : name(&(fifo)->kfifo, __VA_ARGS__))
#define kfifo_in(fifo, p, n) __kfifo_either(fifo, __kfifo_in, p, n)
#define kfifo_out(fifo, p, n) __kfifo_either(fifo, __kfifo_out, p, n)
#define kfifo_out_peek(fifo, p, n) __kfifo_either(fifo, __kfifo_peek, p, n)
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
#define kfifo_to_user(fifo, to, n, copied) __kfifo_either(fifo, __kfifo_to_user, to, n, copied)
#define kfifo_from_user(fifo, from, n, copied) __kfifo_either(fifo, __kfifo_from_user, from, n, copied)
#define kfifo_is_empty_spinlocked(fifo, lock) (bool)__kfifo_locked(lock, kfifo_is_empty(fifo))
#define kfifo_in_spinlocked_noirqsave(fifo, p, n, lock) kfifo_in_spinlocked(fifo, p, n, lock)
#define kfifo_out_spinlocked_noirqsave(fifo, p, n, lock) kfifo_out_spinlocked(fifo, p, n, lock)
/* For a device that writes into the buffer itself or reads of it; what it did is told at the end. */
#define kfifo_dma_in_prepare(fifo, sgl, nents, n)              \
  __kfifo_pieces(&(fifo)->kfifo, sgl, nents, (fifo)->kfifo.in, \
                 min((unsigned int)(n), kfifo_size(fifo) - kfifo_len(fifo)))
#define kfifo_dma_in_finish(fifo, n)             \
  do {                                           \
    (fifo)->kfifo.in += (n) / kfifo_esize(fifo); \
  } while (0)
#define kfifo_dma_out_prepare(fifo, sgl, nents, n) \
  __kfifo_pieces(&(fifo)->kfifo, sgl, nents, (fifo)->kfifo.out, min((unsigned int)(n), kfifo_len(fifo)))
#define kfifo_dma_out_finish(fifo, n)             \
  do {                                            \
    (fifo)->kfifo.out += (n) / kfifo_esize(fifo); \
  } while (0)

#endif
