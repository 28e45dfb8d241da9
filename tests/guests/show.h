// Prints an expression and its value, one in each statement: the order of a call's arguments is not the same everywhere.
#pragma once
#ifndef _GNU_SOURCE
#error define _GNU_SOURCE first, for strerrorname_np
#endif
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SHOW(expression) do { const long long shown = (long long)(expression); printf("%s = %lld\n", #expression, shown); } while (0)

// For calls that return -1 and set errno.
#define TRY(call)                                                                                   \
  do {                                                                                              \
    errno = 0;                                                                                      \
    const long long outcome = (long long)(call);                                                    \
    printf("%s = %lld%s%s\n", #call, outcome, outcome == -1 ? " " : "", outcome == -1 ? strerrorname_np(errno) : ""); \
  } while (0)
