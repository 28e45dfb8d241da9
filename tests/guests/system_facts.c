// What a program may ask about its system: masked to what is the same everywhere.
#define _GNU_SOURCE
#include <sched.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "show.h"

int main(void) {
  struct utsname names;
  TRY(uname(&names));
  SHOW(strcmp(names.sysname, "Linux"));
  SHOW(names.nodename[0] != 0 && names.release[0] > '0' && names.machine[0] != 0);
  struct rlimit limit;
  TRY(getrlimit(RLIMIT_STACK, &limit));
  SHOW(limit.rlim_cur >= 1 << 20 && limit.rlim_cur <= limit.rlim_max);
  TRY(getrlimit(RLIMIT_NOFILE, &limit));
  SHOW(limit.rlim_cur >= 64 && limit.rlim_cur <= limit.rlim_max);
  TRY(getrlimit(99, &limit));
  SHOW((sysconf(_SC_PAGESIZE) & (sysconf(_SC_PAGESIZE) - 1)) == 0);
  SHOW(sysconf(_SC_NPROCESSORS_ONLN) > 0 && sysconf(_SC_NPROCESSORS_CONF) >= sysconf(_SC_NPROCESSORS_ONLN));
  SHOW(sysconf(_SC_CLK_TCK));
  SHOW(sysconf(_SC_ARG_MAX) >= 4096 && sysconf(_SC_PHYS_PAGES) > 0);
  unsigned char a[64] = {0}, b[64] = {0};
  TRY(getrandom(a, 64, 0));
  TRY(getrandom(b, 64, GRND_NONBLOCK));
  SHOW(memcmp(a, b, 64) != 0);
  TRY(getrandom(a, 1, 0x80));
  TRY(getentropy(a, 32));
  SHOW(getpid() > 1 && getpid() == gettid() && getppid() >= 0);
  char name[17] = "";
  TRY(prctl(PR_SET_NAME, "a-name-longer-than-fifteen"));
  TRY(prctl(PR_GET_NAME, name));
  puts(name);
  struct sysinfo info;
  TRY(sysinfo(&info));
  SHOW(info.totalram > 0 && info.freeram <= info.totalram);
  cpu_set_t set;
  TRY(sched_getaffinity(0, sizeof set, &set));
  SHOW(CPU_COUNT(&set) > 0 && CPU_ISSET(sched_getcpu(), &set));
  TRY(sched_yield());
  SHOW(getauxval(AT_PAGESZ) == (unsigned long)sysconf(_SC_PAGESIZE));
  SHOW(getauxval(AT_PHNUM) > 2 && getauxval(AT_RANDOM) != 0);
  TRY(syscall(9999));
  return 0;
}
