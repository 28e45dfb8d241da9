/* Fields of words, by masks. */
#ifndef TRAPLINE_LINUX_BITFIELD_H
#define TRAPLINE_LINUX_BITFIELD_H

#include <asm/byteorder.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#define __bf_shf(mask) (__builtin_ffsll(mask) - 1)
#define FIELD_PREP(mask, value) (((typeof(mask))(value) << __bf_shf(mask)) & (mask))
#define FIELD_GET(mask, reg) ((typeof(mask))(((reg) & (mask)) >> __bf_shf(mask)))
#define FIELD_MAX(mask) ((typeof(mask))((mask) >> __bf_shf(mask)))
#define FIELD_FIT(mask, value) (!((((typeof(mask))(value)) << __bf_shf(mask)) & ~(mask)))

/* u32_get_bits() and the like, of a mask of consecutive bits; le32_ and be32_ of words in that byte order. */
static __always_inline u64 field_multiplier(u64 field) { return field & -field; }
static __always_inline u64 field_mask(u64 field) { return field / field_multiplier(field); }
#define field_max(field) ((typeof(field))field_mask(field))
#define ____MAKE_OP(type, base, to, from)                                                                \
  static __always_inline __##type __must_check type##_encode_bits(base v, base field) {                  \
    BUILD_BUG_ON_MSG(__builtin_constant_p(v) && __builtin_constant_p(field) && (v & ~field_mask(field)), \
                     "the value does not fit into the field");                                           \
    return to((v & field_mask(field)) * field_multiplier(field));                                        \
  }                                                                                                      \
  static __always_inline __##type __must_check type##_replace_bits(__##type old, base v, base field) {   \
    return (old & ~to(field)) | type##_encode_bits(v, field);                                            \
  }                                                                                                      \
  static __always_inline void type##p_replace_bits(__##type* p, base v, base field) {                    \
    *p = (*p & ~to(field)) | type##_encode_bits(v, field);                                               \
  }                                                                                                      \
  static __always_inline base __must_check type##_get_bits(__##type v, base field) {                     \
    return (from(v) & field) / field_multiplier(field);                                                  \
  }
#define __MAKE_OP(size)                                              \
  ____MAKE_OP(le##size, u##size, cpu_to_le##size, le##size##_to_cpu) \
  ____MAKE_OP(be##size, u##size, cpu_to_be##size, be##size##_to_cpu) \
  ____MAKE_OP(u##size, u##size, (u##size), (u##size))
____MAKE_OP(u8, u8, (u8), (u8))
__MAKE_OP(16)
__MAKE_OP(32)
__MAKE_OP(64)

#endif
