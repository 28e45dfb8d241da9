// Drives the modules ksym_tracer and ksym_victim by their files, and prints what it does and reads.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRACING "/sys/kernel/debug/tracing/"
#define POKE "/sys/kernel/debug/ksym_victim/poke"

static void say_error(void) {
  printf("  %s\n", errno == EINVAL   ? "EINVAL"
                   : errno == ENOSPC ? "ENOSPC"
                   : errno == EBUSY  ? "EBUSY"
                   : errno == EAGAIN ? "EAGAIN"
                                     : strerror(errno));
}

static void write_to(const char* path, const char* text, int flags) {
  int fd = open(path, O_WRONLY | flags);

  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) say_error();
  if (fd >= 0) close(fd);
}

static void echo(const char* text, const char* name) {
  char path[100] = TRACING;

  printf("# echo -n '%s' > %s\n", text, name);
  write_to(strcat(path, name), text, O_TRUNC);
}

static void poke(const char* order) {
  printf("# poke %s\n", order);
  write_to(POKE, order, 0);
}

static int open_file(const char* name, int flags) {
  char path[100] = TRACING;

  return open(strcat(path, name), O_RDONLY | flags);
}

// In pieces of a size that cuts lines.
static void print_rest(int fd, size_t piece) {
  char text[4096];
  ssize_t n;

  while ((n = read(fd, text, piece)) > 0) fwrite(text, 1, (size_t)n, stdout);
  if (n < 0) say_error();
}

static void cat(const char* name) {
  int fd = open_file(name, 0);

  printf("# cat %s\n", name);
  if (fd < 0) {
    say_error();
  } else {
    print_rest(fd, 100);
    close(fd);
  }
}

static void spin(void) {
  for (volatile long i = 0; i < 1500000; ++i) {
  }
}

static void filters(void) {
  puts("== filters");
  echo("victim:-w-", "ksym_trace_filter");
  echo("victim:-w-", "ksym_trace_filter");
  echo("victim:rw-", "ksym_trace_filter");
  cat("ksym_trace_filter");
  echo("victim", "ksym_trace_filter");
  echo("victim:rw", "ksym_trace_filter");
  echo("victim:--x", "ksym_trace_filter");
  echo("victim:xyz", "ksym_trace_filter");
  echo("ksym_victim:victim:rw-", "ksym_trace_filter");
  echo("no_such_symbol:rw-", "ksym_trace_filter");
  echo("jiffies:---", "ksym_trace_filter");
  echo("!victim", "ksym_trace_filter");
  echo("victim:---", "ksym_trace_filter");
  cat("ksym_trace_filter");
  echo("victim_read_only:r--", "ksym_trace_filter");
  cat("ksym_trace_filter");
  echo("0", "ksym_trace_filter");
  echo("victim_odd:rw-", "ksym_trace_filter");
  echo("*:---", "ksym_trace_filter");
  echo("victim_across:rw-", "ksym_trace_filter");
  echo("*:---\n", "ksym_trace_filter");
  echo("victim:rw-", "ksym_trace_filter");
  echo("victim_read_only:rw-", "ksym_trace_filter");
  echo("victim_text:rw-", "ksym_trace_filter");
  echo("jiffies:-w-", "ksym_trace_filter");
  echo("nr_cpu_ids:rw-", "ksym_trace_filter");
  cat("ksym_trace_filter");
  echo("", "ksym_trace_filter");
  echo("\n", "ksym_trace_filter");
  cat("ksym_trace_filter");
}

static void traces(void) {
  puts("== hits");
  echo("victim:rw-\n", "ksym_trace_filter");
  poke("w 1");
  echo("ksym_tracer\n", "current_tracer");
  cat("current_tracer");
  poke("w 2");
  poke("r 1");
  cat("trace");
  echo("0", "tracing_enabled");
  poke("w 1");
  echo("1", "tracing_enabled");
  echo("0\n", "tracing_on");
  poke("w 1");
  cat("tracing_on");
  echo("1", "tracing_on");
  echo("on", "tracing_on");
  cat("trace");
  cat("ksym_profile");
  echo("victim:-w-", "ksym_trace_filter");
  poke("r 1");
  poke("w 1");
  cat("ksym_profile");
  echo("", "trace");
  cat("trace");

  puts("== reads only");
  echo("victim:---", "ksym_trace_filter");
  echo("victim_read_only:r--", "ksym_trace_filter");
  poke("o");
  cat("trace");

  puts("== jiffies");
  echo("0", "ksym_trace_filter");
  echo("jiffies:-w-", "ksym_trace_filter");
  spin();
  echo("*:---", "ksym_trace_filter");
  cat("trace");
  echo("function", "current_tracer");
  echo("nop", "current_tracer");
  cat("trace");
}

static void pipes(void) {
  int fd, second;

  puts("== trace_pipe");
  echo("ksym_tracer", "current_tracer");
  echo("victim:-w-", "ksym_trace_filter");
  fd = open_file("trace_pipe", O_NONBLOCK);
  second = open_file("trace_pipe", 0);
  if (second < 0) say_error();
  print_rest(fd, 100);
  poke("w 3");
  print_rest(fd, 100);
  puts("# overrun");
  poke("w 10");
  cat("per_cpu/cpu0/stats");
  print_rest(fd, 100);
  close(fd);
  cat("trace");

  puts("== one file open to be read, nothing is recorded");
  fd = open_file("trace", 0);
  poke("w 1");
  close(fd);
  cat("ksym_profile");
  echo("nop", "current_tracer");
  cat("ksym_trace_filter");
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  cat("available_tracers");
  cat("current_tracer");
  cat("tracing_enabled");
  cat("trace");
  filters();
  traces();
  pipes();
  return 0;
}
