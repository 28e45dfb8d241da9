// Process groups and sessions: setpgid, getpgid, setsid, getsid and what they refuse; signals to groups.
#define _GNU_SOURCE
#include "tasks.h"

static volatile int* shared;
static int go[2], ready[2];

static pid_t start(void) {  // runs until a byte comes, or a signal
  const pid_t child = fork_flushed();
  if (child == 0) {
    char byte;
    write(ready[1], "", 1);
    read(go[0], &byte, 1);
    _exit(byte);
  }
  char byte;
  read(ready[0], &byte, 1);
  return child;
}
static volatile int handled;
static void handler(int number) { (void)number; ++handled; }

int main(int argc, char** argv) {
  default_signals();
  if (argc > 2) {  // the program that a child becomes
    write(atoi(argv[1]), "", 1);
    char byte;
    read(atoi(argv[2]), &byte, 1);
    return 4;
  }
  shared = shared_memory(4096);
  pipe(go), pipe(ready);
  SHOW(getpgrp() == getpgid(0) && getpgid(getpid()) == getpgrp());
  SHOW(getsid(0) == getsid(getpid()));
  TRY(getpgid(-1));
  TRY(getpgid(0x3ffffff));
  TRY(getsid(0x3ffffff));
  TRY(getsid(-1));
  TRY(setpgid(0, -1));
  TRY(setpgid(-1, 0));
  TRY(setpgid(0x3ffffff, 0));
  const pid_t parent_group = getpgrp();

  // In a session of our own, so that the one outside does not matter.
  const pid_t leader = fork_flushed();
  if (leader != 0) {
    show_end("leader", leader);
    return 0;
  }
  SHOW(getpgrp() == parent_group);
  SHOW(setsid() == getpid());
  SHOW(getsid(0) == getpid() && getpgrp() == getpid());
  TRY(setsid());
  TRY(setpgid(0, 0));            // a session leader may not
  TRY(setpgid(0, parent_group) == -1);
  TRY(setpgid(getppid(), 0));    // no child of ours

  const pid_t a = start(), b = start(), c = start();
  SHOW(getpgid(a) == getpid());
  TRY(setpgid(a, a));
  TRY(setpgid(b, a));
  SHOW(getpgid(a) == a && getpgid(b) == a && getsid(b) == getpid());
  SHOW(setpgid(c, 0x3fffff) == -1 && errno == EPERM);  // no such group
  SHOW(setpgid(a, parent_group) == -1 && errno == EPERM);  // another session's
  TRY(setpgid(c, 0));
  SHOW(getpgid(c) == c);
  TRY(waitpid(0, NULL, WNOHANG));  // none is in our group
  SHOW(waitpid(-a, NULL, WNOHANG));
  // Signals for a group.
  TRY(kill(-a, 0));
  SHOW(kill(-0x3ffffff, 0) == -1 && errno == ESRCH);
  kill(-a, SIGTERM);
  int status, number = 0;
  while (waitpid(-a, &status, 0) > 0) number += WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
  SHOW(number);
  SHOW(kill(-a, 0) == -1 && errno == ESRCH);
  SHOW(kill(c, 0));
  TRY(killpg(c, SIGINT));
  show_end("c", c);

  // kill(0): everybody in the group, also the sender.
  const pid_t d = fork_flushed();
  if (d == 0) {
    setpgid(0, 0);
    signal(SIGUSR1, handler);
    pid_t members[3];
    for (int i = 0; i < 3; ++i) members[i] = start();
    signal(SIGUSR2, SIG_IGN);
    kill(0, SIGUSR2);  // kills the three, which had not ignored it
    for (int i = 0; i < 3; ++i) show_end("member", members[i]);
    kill(0, SIGUSR1);
    SHOW(handled);
    TRY(kill(0, 65));
    fflush(stdout);
    kill(0, SIGTERM);
    leave(1);
  }
  show_end("d", d);

  // The id of a group lives on after its leader.
  const pid_t e = start(), f = start();
  setpgid(e, e), setpgid(f, e);
  kill(e, SIGKILL);
  show_end("e", e);
  SHOW(getpgid(f) == e);
  SHOW(getpgid(e) == -1 && errno == ESRCH);
  TRY(kill(-e, SIGKILL));
  show_end("f", f);

  // Its own group it may leave only before execve, as far as its parent is concerned.
  const pid_t g = fork_flushed();
  if (g == 0) {
    char to[12], from[12];
    sprintf(to, "%d", ready[1]), sprintf(from, "%d", go[0]);
    execl("/proc/self/exe", "self", to, from, NULL);
  }
  char byte;
  read(ready[0], &byte, 1);
  TRY(setpgid(g, g));
  SHOW(getpgid(g) == getpid());
  write(go[1], "", 1);
  show_end("g", g);
  // A child's session is not ours to change groups in.
  const pid_t h = fork_flushed();
  if (h == 0) {
    setsid();
    write(ready[1], "", 1);
    read(go[0], &byte, 1);
    _exit(byte);
  }
  read(ready[0], &byte, 1);
  SHOW(getsid(h) == h && getpgid(h) == h);
  TRY(setpgid(h, getpid()));
  write(go[1], "\5", 1);
  show_end("h", h);
  leave(6);
}
