#define _GNU_SOURCE
// Reads files and writes to them as it is told: files PATH PATH=TEXT …; "fork" makes a child and waits for it,
// "trap" meets a breakpoint instruction, "spin" takes its time, @PATH reads it in places.
#include <asm/ptrace.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static void told(int signal, siginfo_t* info, void* context) {
  (void)info;
  printf("signal %d\n", signal);
#ifdef __powerpc64__
  ((ucontext_t*)context)->uc_mcontext.regs->nip += 4; /* it is at the trap, which is still to come */
#else
  (void)context;
#endif
}

static void read_all(const char* path) {
  char buffer[70000];
  ssize_t n;
  int fd = open(path, O_RDONLY);

  if (fd < 0) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  fflush(stdout);
  while ((n = read(fd, buffer, sizeof buffer)) > 0) (void)!write(1, buffer, (size_t)n);
  if (n < 0) printf("%s: read: %s\n", path, strerror(errno));
  close(fd);
}

static void read_places(const char* path) {
  char a[8] = "", b[8] = "", c[8] = "";
  int fd = open(path, O_RDONLY);

  if (pread(fd, a, 4, 4) != 4 || read(fd, b, 4) != 4 || pread(fd, c, 2, lseek(fd, 0, SEEK_CUR)) != 2) printf("%s\n", strerror(errno));
  printf("%s %s %s\n", a, b, c);
  close(fd);
}

static void write_text(const char* path, const char* text) {
  int fd = open(path, O_WRONLY);
  ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

  if (n != (ssize_t)strlen(text)) printf("%s: write: %s\n", path, n < 0 ? strerror(errno) : "in part");
  if (fd >= 0) close(fd);
}

int main(int count, char** arguments) {
  struct sigaction action = {.sa_sigaction = told, .sa_flags = SA_SIGINFO};

  setvbuf(stdout, NULL, _IOLBF, 0);
  sigaction(SIGTRAP, &action, NULL);
  for (int i = 1; i < count; i++) {
    char* text = strchr(arguments[i], '=');

    if (!strcmp(arguments[i], "fork")) {
      pid_t child = fork();
      if (!child) _exit(0);
      waitpid(child, NULL, 0);
    } else if (!strcmp(arguments[i], "trap")) {
#ifdef __x86_64__
      __asm__ volatile("int3");
#else
      __asm__ volatile("trap");
#endif
    } else if (!strcmp(arguments[i], "spin")) {
      for (volatile int n = 0; n < 4000000; n++) {
      }
    } else if (*arguments[i] == '@') {
      read_places(arguments[i] + 1);
    } else if (text) {
      *text = 0;
      write_text(arguments[i], text + 1);
    } else {
      read_all(arguments[i]);
    }
  }
  return 3;
}
