/* Time. */
#ifndef TRAPLINE_LINUX_TIME_H
#define TRAPLINE_LINUX_TIME_H

#include <linux/math64.h>
#include_next <linux/time.h>
#include <linux/time64.h>
struct tm {
  int tm_sec, tm_min, tm_hour, tm_mday, tm_mon;
  long tm_year;
  int tm_wday, tm_yday;
};
void time64_to_tm(time64_t totalsecs, int offset, struct tm* result);
#include <linux/jiffies.h>

#endif
