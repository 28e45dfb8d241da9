// Dates (kernel/time/timeconv.c).
#include <linux/delay.h>
#include <linux/time.h>

static bool is_leap(long year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

// offset: seconds east of UTC. Years begin with March here, so that the day that is not always there is the
// last.
void time64_to_tm(time64_t totalsecs, int offset, struct tm* result) {
  const long day = 86400, days_of_400_years = 146097, before_1970 = 719468;
  long seconds = totalsecs + offset, days = seconds / day, eras, year, from_march;
  int month;

  seconds %= day;
  if (seconds < 0) {
    seconds += day;
    days--;
  }
  result->tm_hour = (int)(seconds / 3600);
  result->tm_min = (int)(seconds / 60 % 60);
  result->tm_sec = (int)(seconds % 60);
  // The first of January of 1970 was a Thursday.
  result->tm_wday = (int)((days % 7 + 7 + 4) % 7);
  days += before_1970;
  eras = days / days_of_400_years - (days % days_of_400_years < 0);
  days -= eras * days_of_400_years;
  // Without the leap days that were, which each fourth year has, but no hundredth, though the four hundredth.
  year = (days - days / 1460 + days / 36524 - days / 146096) / 365;
  from_march = days - (365 * year + year / 4 - year / 100);
  year += eras * 400;
  // Five months have 153 days, in the order 31, 30, 31, 30, 31.
  month = (int)(5 * from_march + 2) / 153;
  result->tm_mday = (int)from_march - (153 * month + 2) / 5 + 1;
  result->tm_mon = month < 10 ? month + 2 : month - 10;
  result->tm_yday = (int)from_march + (month < 10 ? 59 + is_leap(year) : -306);
  result->tm_year = year + (month >= 10) - 1900;
}

unsigned long loops_per_jiffy = 4000000;
