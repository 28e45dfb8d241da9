// posix_spawn of the program itself: arguments, file actions, attributes for signals and groups, and errors that the parent learns.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include "tasks.h"

static char self[] = "/proc/self/exe";

static int run_child(int argc, char** argv) {
  const char* const what = argv[1];
  if (strcmp(what, "arguments") == 0) {
    for (int i = 0; i < argc; ++i) printf("[%s]", argv[i]);
    printf(" N=%s\n", getenv("N"));
    return argc;
  }
  if (strcmp(what, "files") == 0) {
    printf("to the pipe: 20 %s, 21 %s\n", fcntl(20, F_GETFD) < 0 ? "closed" : "open", fcntl(21, F_GETFD) < 0 ? "closed" : "open");
    return 3;
  }
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  struct sigaction one, two;
  sigaction(SIGUSR1, NULL, &one), sigaction(SIGUSR2, NULL, &two);
  printf("blocked HUP %d TERM %d, USR1 ignored %d, USR2 ignored %d, own group %d\n", sigismember(&mask, SIGHUP), sigismember(&mask, SIGTERM),
         one.sa_handler == SIG_IGN, two.sa_handler == SIG_IGN, getpgrp() == getpid());
  return 4;
}

int main(int argc, char** argv) {
  if (argc > 1) return run_child(argc, argv);
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  pid_t child = -1;
  char* environment[] = {"N=value", NULL};
  SHOW(posix_spawn(&child, self, NULL, NULL, (char*[]){"name", "arguments", "a b", "", NULL}, environment));
  show_end("arguments", child);
  GIVES(posix_spawn(&child, "/no/such/file", NULL, NULL, (char*[]){"name", NULL}, environment));
  GIVES(posix_spawn(&child, "/", NULL, NULL, (char*[]){"name", NULL}, environment));
  GIVES(posix_spawnp(&child, "no-such-program", NULL, NULL, (char*[]){"name", NULL}, environment));
  TRY(wait(NULL));

  int ends[2];
  pipe(ends);
  dup2(0, 20), dup2(0, 21);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  posix_spawn_file_actions_addclose(&actions, 20);
  posix_spawn_file_actions_addopen(&actions, 22, self, O_RDONLY, 0);
  GIVES(posix_spawn(&child, self, &actions, NULL, (char*[]){"name", "files", NULL}, environment));
  close(ends[1]);
  char text[200] = "";
  const ssize_t got = read(ends[0], text, sizeof text - 1);
  printf("%zd: %s", got, text);
  show_end("files", child);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 23, "/no/such/file", O_RDONLY, 0);
  GIVES(posix_spawn(&child, self, &actions, NULL, (char*[]){"name", "files", NULL}, environment));
  TRY(wait(NULL));

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGHUP);
  posix_spawnattr_setsigmask(&attributes, &set);
  sigemptyset(&set), sigaddset(&set, SIGUSR2);
  posix_spawnattr_setsigdefault(&attributes, &set);
  posix_spawnattr_setpgroup(&attributes, 0);
  signal(SIGUSR1, SIG_IGN), signal(SIGUSR2, SIG_IGN);
  sigemptyset(&set), sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int with = 0; with < 2; ++with) {
    posix_spawnattr_setflags(&attributes, with ? POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP : 0);
    fflush(stdout);
    const int error = posix_spawn(&child, self, NULL, &attributes, (char*[]){"name", "signals", NULL}, environment);
    printf("spawned %d, ", error);
    show_end("signals", child);
  }
  return 0;
}
