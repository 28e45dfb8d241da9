// execve(2) of the program itself: arguments and environment as given, empty, absent and long; memory starts anew, the process stays.
#define _GNU_SOURCE
#include <sys/auxv.h>
#include "tasks.h"

extern char** environ;
static int data = 1;
static char self[] = "/proc/self/exe";

static void show_arguments(int argc, char** argv) {
  printf("%d:", argc);
  for (int i = 0; i < argc; ++i) strlen(argv[i]) > 40 ? printf(" [%zu long]", strlen(argv[i])) : printf(" [%s]", argv[i]);
  printf(" env");
  for (int i = 0; environ[i] != NULL; ++i) printf(" [%s]", environ[i]);
  printf(" end %d data %d\n", argv[argc] == NULL, data);
}

static pid_t start(char** argv, char** envp) {
  const pid_t child = fork_flushed();
  if (child == 0) {
    data = 2;
    TRY(execve(self, argv, envp));
    leave(99);
  }
  return child;
}

int main(int argc, char** argv) {
  if (argc > 0 && strcmp(argv[0], "shows") == 0) {
    show_arguments(argc, argv);
    return argc;
  }
  if (argc > 0 && strcmp(argv[0], "counts") == 0) {  // itself again and again, in one process
    const int left = atoi(argv[1]);
    if (left == 0) return getpid() == atoi(argv[2]) ? 50 : 51;
    char number[12];
    sprintf(number, "%d", left - 1);
    return execl(self, "counts", number, argv[2], NULL);
  }
  if (argc > 0 && strcmp(argv[0], "auxiliary") == 0) {
    SHOW(getauxval(AT_ENTRY) != 0 && getauxval(AT_PHDR) != 0 && getauxval(AT_RANDOM) != 0);
    SHOW(getauxval(AT_SECURE));
    SHOW(strcmp((const char*)getauxval(AT_EXECFN), self));
    return 0;
  }
  show_end("plain", start((char*[]){"shows", "a", "b c", "", "d\n", NULL}, (char*[]){"A=1", "no equals sign", "", "B=", NULL}));
  show_end("no environment", start((char*[]){"shows", NULL}, (char*[]){NULL}));
  show_end("no environment at all", start((char*[]){"shows", NULL}, NULL));
  enum { kLong = 100000 };
  char* const text = malloc(kLong + 1);
  memset(text, 'x', kLong), text[kLong] = 0;
  show_end("long", start((char*[]){"shows", text, text + 50000, "end", NULL}, (char*[]){"A=b", NULL}));
  char* many[202] = {"shows"};
  for (int i = 1; i < 201; ++i) many[i] = i % 50 == 0 ? "fifty" : "";
  show_end("many", start(many, (char*[]){NULL}));
  show_end("auxiliary", start((char*[]){"auxiliary", NULL}, (char*[]){NULL}));
  const pid_t child = fork_flushed();
  if (child == 0) {
    char pid[12];
    sprintf(pid, "%d", getpid());
    execl(self, "counts", "20", pid, NULL);
  }
  show_end("repeated", child);
  SHOW(data);
  return 0;
}
