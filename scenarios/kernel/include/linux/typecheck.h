/* Checks of types at compile time. */
#ifndef TRAPLINE_LINUX_TYPECHECK_H
#define TRAPLINE_LINUX_TYPECHECK_H

#define typecheck(type, x)  \
  ({                        \
    type __tc;              \
    typeof(x) __tx;         \
    (void)(&__tc == &__tx); \
    1;                      \
  })
#define typecheck_fn(type, f) \
  ({                          \
    typeof(type)* __tf = (f); \
    (void)__tf;               \
  })

#endif
