// ioprio_get(2) and ioprio_set(2): what of a thread, a group and a user is told, by whom it is inherited, and what is refused.
#define _GNU_SOURCE
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "show.h"

enum { kProcess = 1, kGroup, kUser };
#define GET(which, who) syscall(SYS_ioprio_get, which, who)
#define SET(which, who, priority) syscall(SYS_ioprio_set, which, who, priority)
#define PRIORITY(cls, level) ((cls) << 13 | (level))

int main(void) {
  setpgid(0, 0);
  TRY(GET(kProcess, 0));
  TRY(GET(kGroup, 0));
  TRY(GET(0, 0));
  TRY(GET(4, 0));
  TRY(GET(kProcess, 99999999));
  TRY(GET(kGroup, 99999999));
  setpriority(PRIO_PROCESS, 0, 10);
  TRY(GET(kGroup, 0));
  sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0});
  TRY(GET(kGroup, 0));
  TRY(SET(kProcess, 0, PRIORITY(2, 3)));
  TRY(GET(kProcess, 0));
  TRY(SET(kProcess, 0, PRIORITY(0, 1)));
  TRY(SET(kProcess, 0, PRIORITY(2, 7)));
  TRY(SET(kProcess, 0, PRIORITY(4, 0)));
  TRY(SET(kProcess, 0, PRIORITY(7, 0)));
  TRY(SET(kProcess, 99999999, PRIORITY(2, 0)));
  TRY(SET(5, 0, PRIORITY(2, 0)));
  fflush(stdout);
  if (fork() == 0) {
    TRY(GET(kProcess, 0));
    TRY(SET(kProcess, 0, PRIORITY(3, 0)));
    TRY(GET(kGroup, 0));
    TRY(SET(kGroup, 0, PRIORITY(2, 5)));
    fflush(stdout), _exit(0);
  }
  wait(NULL);
  TRY(GET(kProcess, 0));
  TRY(SET(kProcess, 0, PRIORITY(0, 0)));
  TRY(GET(kProcess, 0));
  return 0;
}
