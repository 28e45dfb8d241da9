// Dates (kernel/time/timeconv.c).
#include <linux/time.h>

static bool is_leap(long year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

// offset: seconds east of UTC.
void time64_to_tm(time64_t totalsecs, int offset, struct tm* result) {
  static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const long day = 86400, days_of_400_years = 146097;
  long seconds = totalsecs + offset, days = seconds / day, year = 1970;
  int month = 0;

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
  year += days / days_of_400_years * 400;
  days %= days_of_400_years;
  if (days < 0) {
    days += days_of_400_years;
    year -= 400;
  }
  for (; days >= 365 + is_leap(year); year++) days -= 365 + is_leap(year);
  result->tm_year = year - 1900;
  result->tm_yday = (int)days;
  for (; days >= lengths[month] + (month == 1 && is_leap(year)); month++)
    days -= lengths[month] + (month == 1 && is_leap(year));
  result->tm_mon = month;
  result->tm_mday = (int)days + 1;
}
