// Names: each thread's own, inherited by threads and children, cut at fifteen bytes, seen in /proc, and set anew by execve.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include "tasks.h"

static sem_t ready, go;

static void show_name(const char* who) {
  char name[17] = "?";
  prctl(PR_GET_NAME, name);
  printf("%s: %s\n", who, name);
}
static void show_file(const char* what, const char* path) {
  char text[40] = "";
  const int fd = open(path, O_RDONLY);
  if (fd < 0) printf("%s: %s\n", what, strerrorname_np(errno));
  else {
    read(fd, text, sizeof text - 1);
    printf("%s: %s", what, text);
    close(fd);
  }
}
static void* named(void* unused) {
  show_name("inherited");
  prctl(PR_SET_NAME, "thread's own");
  show_name("set");
  sem_post(&ready);
  sem_wait(&go);
  show_name("set by another");
  return unused;
}

int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) {
    char name[17];
    prctl(PR_GET_NAME, name);
    SHOW(strcmp(name, "main") != 0 && strcmp(name, "forked") != 0);
    return 0;
  }
  TRY(prctl(PR_SET_NAME, "main"));
  show_name("main");
  TRY(prctl(PR_SET_NAME, "fifteen bytes.."));
  show_name("fifteen");
  TRY(prctl(PR_SET_NAME, "sixteen bytes..."));
  show_name("sixteen");
  TRY(prctl(PR_SET_NAME, ""));
  show_name("empty");
  TRY(prctl(PR_SET_NAME, 8));
  TRY(prctl(PR_GET_NAME, 8));
  prctl(PR_SET_NAME, "main");
  sem_init(&ready, 0, 0), sem_init(&go, 0, 0);
  pthread_t thread;
  pthread_create(&thread, NULL, named, NULL);
  sem_wait(&ready);
  show_name("still");
  show_file("comm", "/proc/self/comm");
  char name[17] = "";
  GIVES(pthread_getname_np(thread, name, sizeof name));
  puts(name);
  GIVES(pthread_setname_np(thread, "a name that is too long"));
  GIVES(pthread_setname_np(thread, "given"));
  GIVES(pthread_getname_np(thread, name, 3));
  sem_post(&go);
  pthread_join(thread, NULL);
  const pid_t child = fork_flushed();
  if (child == 0) {
    show_name("child");
    prctl(PR_SET_NAME, "forked");
    show_file("comm", "/proc/self/comm");
    show_file("thread-self", "/proc/thread-self/comm");
    fflush(stdout);
    execl("/proc/self/exe", "self", "again", NULL);
    leave(99);
  }
  show_end("child", child);
  show_name("main");
  return 0;
}
