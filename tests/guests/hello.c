// The start of every program: arguments, printf, malloc.
//: args
//: args world
//: args a "b c" "" d
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char** argv) {
  printf("hello, %s\n", argc > 1 ? argv[1] : "nobody");
  for (int i = 1; i < argc; ++i) {
    char* copy = malloc(strlen(argv[i]) + 1);
    strcpy(copy, argv[i]);
    printf("%d: '%s' of %zu\n", i, copy, strlen(copy));
    free(copy);
  }
  printf("end of argv: %d\n", argv[argc] == NULL);
  return 0;
}
