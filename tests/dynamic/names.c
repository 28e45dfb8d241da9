// What a program is called, by all that tells it.
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char exe[400] = "", folder[400];
  readlink("/proc/self/exe", exe, sizeof exe - 1);
  printf("argv[0] %s, AT_EXECFN %s, exe %s, %s, in %s\n", argv[0], (char *)getauxval(AT_EXECFN), exe,
         access(exe, X_OK) == 0 ? "there" : "absent", getcwd(folder, sizeof folder));
}
