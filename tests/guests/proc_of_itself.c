// What /proc says of the process itself: program, maps, state, names, threads; and of its child.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include "tasks.h"

static sem_t ready, go;
static char heap_marker;

static void* waits(void* unused) {
  prctl(PR_SET_NAME, "waiter");
  sem_post(&ready);
  sem_wait(&go);
  return unused;
}
static int number_of_tasks(const char* path) {
  DIR* const folder = opendir(path);
  if (folder == NULL) return -1;
  int number = 0;
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;) number += entry->d_name[0] != '.';
  closedir(folder);
  return number;
}
static int in_map(const char* name, const void* at) {
  FILE* const maps = fopen("/proc/self/maps", "r");
  char line[600];
  int found = 0;
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long from, to;
    char access[8];
    if (sscanf(line, "%lx-%lx %7s", &from, &to, access) != 3) return -1;
    if ((unsigned long)at >= from && (unsigned long)at < to) found = strstr(line, name) != NULL && access[0] == 'r' ? 1 : 2;
  }
  fclose(maps);
  return found;
}
// The value of a field of /proc/PID/status.
static char* status_field(const char* pid, const char* field, char* value) {
  char path[64], line[600];
  sprintf(path, "/proc/%s/status", pid);
  FILE* const file = fopen(path, "r");
  strcpy(value, "missing");
  if (file == NULL) return value;
  const size_t size = strlen(field);
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, field, size) == 0 && line[size] == ':') sscanf(line + size + 1, " %99[^\n]", value);
  }
  fclose(file);
  return value;
}

int main(int argc, char** argv) {
  (void)argc;
  char text[4096], value[100];
  ssize_t size = readlink("/proc/self/exe", text, sizeof text - 1);
  text[size] = 0;
  const char* const program = strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 : argv[0];
  SHOW(strcmp(strrchr(text, '/') + 1, program));
  SHOW(text[0] == '/');
  size = readlink("/proc/self", text, sizeof text - 1);
  text[size] = 0;
  SHOW(atoi(text) == getpid());
  TRY(readlink("/proc/self/none", text, 10));
  TRY(open("/proc/self/none", O_RDONLY));
  TRY(open("/proc/99999999/status", O_RDONLY));

  char here;
  char* const on_heap = malloc(100);
  SHOW(in_map("[stack]", &here));
  SHOW(in_map("[heap]", on_heap));
  SHOW(in_map(program, &heap_marker) != 0);
  SHOW(in_map(program, "constant"));
  SHOW(in_map("", (void*)8));
  free(on_heap);

  SHOW(strncmp(status_field("self", "Name", value), program, 15));
  SHOW(atoi(status_field("self", "Pid", value)) == getpid());
  SHOW(atoi(status_field("self", "Tgid", value)) == getpid());
  SHOW(atoi(status_field("self", "PPid", value)) == getppid());
  SHOW(status_field("self", "State", value)[0]);
  printf("State %s, Threads %s\n", value, status_field("self", "Threads", value + 50));
  FILE* file = fopen("/proc/self/cmdline", "r");
  size = (ssize_t)fread(text, 1, sizeof text, file);
  fclose(file);
  SHOW(size == (ssize_t)strlen(argv[0]) + 1 && strcmp(text, argv[0]) == 0);

  sem_init(&ready, 0, 0), sem_init(&go, 0, 0);
  SHOW(number_of_tasks("/proc/self/task"));
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, waits, NULL), sem_wait(&ready);
  SHOW(number_of_tasks("/proc/self/task"));
  printf("Threads %s\n", status_field("self", "Threads", value));
  char own[64];
  sprintf(own, "/proc/%d/task", getpid());
  SHOW(number_of_tasks(own));
  for (int i = 0; i < 4; ++i) sem_post(&go);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  while (number_of_tasks("/proc/self/task") != 1) pause_briefly();

  // A child: stopped, then dead, then gone.
  const pid_t child = fork_flushed();
  if (child == 0) for (;;) pause();
  char pid[12];
  sprintf(pid, "%d", child);
  kill(child, SIGSTOP);
  int status;
  waitpid(child, &status, WUNTRACED);
  SHOW(status_field(pid, "State", value)[0]);
  SHOW(atoi(status_field(pid, "PPid", value)) == getpid());
  kill(child, SIGKILL);
  siginfo_t info;
  waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
  SHOW(status_field(pid, "State", value)[0]);
  waitpid(child, &status, 0);
  puts(status_field(pid, "State", value));
  TRY(kill(child, 0));
  return 0;
}
