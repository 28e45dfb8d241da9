// The environment as given, changed, and searched.
//: env NAME=value EMPTY= PATH=/bin ODD=a=b
#include <stdio.h>
#include <stdlib.h>

extern char** environ;

static void show(const char* name) {
  const char* value = getenv(name);
  printf("%s %s\n", name, value == NULL ? "(none)" : value);
}

int main(void) {
  for (char** entry = environ; *entry != NULL; ++entry) printf("[%s]\n", *entry);
  show("NAME"), show("EMPTY"), show("ODD"), show("ABSENT"), show("NAM");
  setenv("ABSENT", "here", 0), setenv("NAME", "kept", 0), setenv("EMPTY", "full", 1), unsetenv("ODD");
  show("NAME"), show("EMPTY"), show("ODD"), show("ABSENT");
  for (int i = 0; i < 200; ++i) {
    char name[16];
    snprintf(name, sizeof name, "N%d", i);
    setenv(name, name, 1);
  }
  show("N199");
  clearenv();
  show("PATH");
  return 0;
}
