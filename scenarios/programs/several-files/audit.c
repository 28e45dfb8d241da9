#include "account.h"

static int calls;

__attribute__((noinline)) void correct(void) {
  if (++calls == 1) balance = 0;
}
