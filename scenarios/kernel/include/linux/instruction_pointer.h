/* The address of the code that asks. */
#ifndef TRAPLINE_LINUX_INSTRUCTION_POINTER_H
#define TRAPLINE_LINUX_INSTRUCTION_POINTER_H

#define _RET_IP_ (unsigned long)__builtin_return_address(0)
#define _THIS_IP_            \
  ({                         \
    __label__ __here;        \
  __here:                    \
    (unsigned long)&&__here; \
  })

#endif
