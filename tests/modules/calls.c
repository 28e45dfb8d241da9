#define _GNU_SOURCE
// System calls on the kernel's log and on files of modules: calls COMMAND [PATH]; prints what each gives.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wunused-result"

static char buffer[1 << 17];
static volatile size_t gibibyte = 1 << 30;

// The result, or the error's name.
static void show(const char* what, long result) {
  if (result < 0)
    printf("%s: %s\n", what, strerrorname_np(errno));
  else
    printf("%s: %ld\n", what, result);
}

// A record without its time, and with its number from the first one shown.
static void show_record(int fd) {
  static long first = -1;
  unsigned priority;
  long seq, at;
  ssize_t n = read(fd, buffer, sizeof buffer - 1);
  char flag;
  int text = 0;

  if (n < 0) {
    show("read", n);
    return;
  }
  buffer[n] = 0;
  if (sscanf(buffer, "%u,%ld,%ld,%c;%n", &priority, &seq, &at, &flag, &text) != 4) printf("no record: ");
  if (first < 0) first = seq;
  printf("%u,%ld,%c;%s", priority, seq - first, flag, buffer + text);
}

static short polled(int fd, int timeout) {
  struct pollfd entry = {fd, POLLIN | POLLOUT, 0};

  return poll(&entry, 1, timeout) < 0 ? -1 : entry.revents;
}

static void put(int fd, const char* text) { show("write", write(fd, text, strlen(text))); }

static void kmsg(void) {
  int fd = open("/dev/kmsg", O_RDWR | O_NONBLOCK);
  static char large[993];

  show("end", lseek(fd, 0, SEEK_END));
  show_record(fd);
  printf("poll %x\n", polled(fd, 0));
  put(fd, "<3>tab\tand \\\n");
  put(fd, "<190>two\nlines\n");
  printf("poll %x\n", polled(fd, 0));
  show("short", read(fd, buffer, 3));
  show_record(fd);
  put(fd, "unfinished");
  show_record(fd);
  put(fd, "next\n");
  show_record(fd);
  show_record(fd);
  show("set 1", lseek(fd, 1, SEEK_SET));
  show("current", lseek(fd, 0, SEEK_CUR));
  memset(large, 'x', sizeof large);
  show("large", write(fd, large, sizeof large));
  close(fd);
  fd = open("/dev/kmsg", O_RDWR);
  if (!fork()) {
    usleep(1000);
    write(fd, "<5>from the child\n", 18);
    _exit(0);
  }
  lseek(fd, 0, SEEK_END);
  show_record(fd);
  wait(NULL);
  // What is written over.
  lseek(fd, 0, SEEK_SET);
  for (int i = 0; i < 20; i++) {
    int other = open("/dev/kmsg", O_WRONLY);
    for (int n = 0; n < 10; n++) write(other, large, 990);
    close(other);
  }
  printf("poll %x\n", polled(fd, 0));
  show_record(fd);
  show("again", read(fd, buffer, sizeof buffer) > 900);
  fd = open("/dev/kmsg", O_WRONLY);
  for (int n = 0; n < 12; n++) write(fd, "limited\n", 8);
  show("read", read(fd, buffer, sizeof buffer));
  close(fd);
  fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer - 1)) > 0;) buffer[n] = 0;
  printf("%s", strchr(buffer, ';') + 1);
}

static void klog(void) {
  int fd = open("/dev/kmsg", O_WRONLY), proc;
  char small[8];

  show("clear", klogctl(5, NULL, 0));
  show("empty", klogctl(3, buffer, sizeof buffer));
  while (klogctl(9, NULL, 0) > 0) klogctl(2, buffer, sizeof buffer);
  write(fd, "<14>one\ntwo\n", 12);
  write(fd, "<11>three\n", 10);
  show("buffer", klogctl(10, NULL, 0));
  show("unread", klogctl(9, NULL, 0));
  show("part", klogctl(2, small, sizeof small));
  show("unread", klogctl(9, NULL, 0));
  proc = open("/proc/kmsg", O_RDONLY | O_NONBLOCK);
  printf("poll %x\n", polled(proc, 0));
  show("rest", read(proc, buffer, sizeof buffer));
  show("read", read(proc, buffer, sizeof buffer));
  printf("poll %x\n", polled(proc, 0));
  show("last", klogctl(3, buffer, 50));
  show("all", klogctl(4, buffer, sizeof buffer));
  buffer[4] = 0;
  printf("%s\n", buffer);
  show("cleared", klogctl(3, buffer, sizeof buffer));
  show("null", klogctl(3, NULL, 8));
  show("level", klogctl(8, NULL, 9));
  show("level", klogctl(8, NULL, 4));
  show("off", klogctl(6, NULL, 0));
  show("on", klogctl(7, NULL, 0));
  show("no action", klogctl(11, NULL, 0));
  if (!fork()) {
    usleep(1000);
    write(fd, "<9>more\n", 8);
    _exit(0);
  }
  show("waited", klogctl(2, buffer, sizeof buffer));
  wait(NULL);
}

// A file that is ready when something is written to it, and a pipe that is not.
static void polling(const char* path) {
  int fd = open(path, O_RDWR), pipes[2];
  struct timeval time = {0, 2000};
  struct timespec wait_for = {1, 0};
  struct pollfd both[2];
  fd_set set;
  sigset_t none;

  pipe(pipes);
  printf("poll %x\n", polled(fd, 0));
  printf("poll %x\n", polled(fd, 5));
  both[0] = (struct pollfd){pipes[0], POLLIN, 0};
  both[1] = (struct pollfd){fd, POLLIN, 0};
  if (!fork()) {
    usleep(2000);
    write(fd, "x", 1);
    _exit(0);
  }
  show("poll", poll(both, 2, -1));
  printf("%x %x\n", both[0].revents, both[1].revents);
  wait(NULL);
  read(fd, buffer, 1);
  FD_ZERO(&set);
  FD_SET(fd, &set);
  show("select", select(fd + 1, &set, NULL, NULL, &time));
  if (!fork()) {
    usleep(2000);
    write(fd, "x", 1);
    _exit(0);
  }
  FD_SET(fd, &set);
  sigemptyset(&none);
  show("pselect", pselect(fd + 1, &set, NULL, NULL, &wait_for, &none));
  wait(NULL);
  read(fd, buffer, 1);
  // A signal ends it.
  signal(SIGALRM, SIG_IGN);
  if (!fork()) {
    alarm(1);
    signal(SIGALRM, SIG_DFL);
    poll(both + 1, 1, -1);
    _exit(0);
  }
  int status;
  wait(&status);
  printf("signal %d\n", WTERMSIG(status));
  close(fd);
}

static void closing(const char* path) {
  int fd = open(path, O_RDWR), other = dup(fd);

  show("close", close(other));
  show("close", close(fd));
  fd = open(path, O_RDWR);
  show("dup2", dup2(0, fd) == fd);
  fd = open(path, O_RDWR);
  show("mmap", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0);
  show("large write", write(fd, buffer, gibibyte));
  show("large read", read(fd, buffer, gibibyte));
  close(fd);
  // Of a task that ends.
  if (!fork()) {
    open(path, O_RDWR);
    _exit(0);
  }
  wait(NULL);
  usleep(2000);
}

static void splicing(const char* path) {
  int fd = open(path, O_RDWR), pipes[2];
  off_t at = 2;

  pipe(pipes);
  show("sendfile", sendfile(pipes[1], fd, NULL, 3));
  show("sendfile", sendfile(pipes[1], fd, &at, 100));
  show("splice", splice(fd, NULL, pipes[1], NULL, 100, 0));
  fcntl(pipes[0], F_SETFL, O_NONBLOCK);
  ssize_t n = read(pipes[0], buffer, sizeof buffer);
  printf("%.*s\n", (int)n, buffer);
  write(pipes[1], "11", 2);
  show("into", splice(pipes[0], NULL, fd, NULL, 2, 0));
}

static void killing(const char* path) {
  for (int i = 0; i < 6; i++) {
    int status;
    pid_t child = fork();
    if (!child) {
      signal(SIGALRM, (void (*)(int))abort);
      read(open(path, O_RDONLY), buffer, 1);
      _exit(0);
    }
    usleep(2000);
    kill(child, SIGALRM);
    usleep(2000);
    if (waitpid(child, &status, WNOHANG) == 0) printf("waits, ");
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    printf("signal %d\n", WTERMSIG(status));
  }
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void* plays(void* which) {
  for (int i = 0; i < 200; i++) {
    pthread_mutex_lock(&lock);
    while (turn % 2 != (which != NULL)) pthread_cond_wait(&changed, &lock);
    turn++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

// Tasks that sleep and wake each other in several ways.
static void turns(void) {
  pthread_t other;
  int there[2], back[2];
  char byte = 0;

  pthread_create(&other, NULL, plays, NULL);
  plays(&other);
  pthread_join(other, NULL);
  if (!vfork()) _exit(0);
  pipe(there), pipe(back);
  if (!fork()) {
    while (read(there[0], &byte, 1) == 1 && byte++ < 100) write(back[1], &byte, 1);
    _exit(0);
  }
  do write(there[1], &byte, 1);
  while (byte < 100 && read(back[0], &byte, 1) == 1);
  while (wait(NULL) > 0) continue;
  printf("%d turns, %d\n", turn, byte);
}

int main(int count, char** arguments) {
  const char* path = count > 2 ? arguments[2] : "";

  setvbuf(stdout, NULL, _IOLBF, 0);
  if (!strcmp(arguments[1], "kmsg")) kmsg();
  if (!strcmp(arguments[1], "klog")) klog();
  if (!strcmp(arguments[1], "poll")) polling(path);
  if (!strcmp(arguments[1], "turns")) turns();
  if (!strcmp(arguments[1], "kill")) killing(path);
  if (!strcmp(arguments[1], "close")) closing(path);
  if (!strcmp(arguments[1], "splice")) splicing(path);
  return 0;
}
