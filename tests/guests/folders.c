// opendir, readdir, rewinddir, seekdir, scandir: the same order each time, and every name once.
//: args @root@
//: files
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int pass(DIR* folder, char names[][64]) {
  int count = 0;
  for (struct dirent* entry; (entry = readdir(folder)) != NULL && count < 32; ++count) strcpy(names[count], entry->d_name);
  return count;
}

static void list(const char* path, const char* shown) {
  struct dirent** entries;
  const int count = scandir(path, &entries, NULL, alphasort);
  if (count < 0) {
    printf("%s: %s\n", shown, strerror(errno));
    return;
  }
  printf("%s:", shown);
  for (int i = 0; i < count; ++i) printf(" %s/%d", entries[i]->d_name, entries[i]->d_type), free(entries[i]);
  printf("\n");
  free(entries);
}

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  char path[4096], below[5000];
  snprintf(path, sizeof path, "%s/folder", argv[1]);
  list(path, "folder");
  snprintf(below, sizeof below, "%s/one.txt", path);
  list(below, "a file");
  snprintf(below, sizeof below, "%s/absent", path);
  list(below, "absent");
  DIR* folder = opendir(path);
  char first[32][64], second[32][64];
  const int count = pass(folder, first);
  rewinddir(folder);
  printf("%d names, again %d, ", count, pass(folder, second) == count);
  int same = 1;
  for (int i = 0; i < count; ++i) same &= strcmp(first[i], second[i]) == 0;
  rewinddir(folder);
  readdir(folder), readdir(folder);
  const long place = telldir(folder);
  readdir(folder);
  seekdir(folder, place);
  printf("same order %d, after seekdir %d\n", same, strcmp(readdir(folder)->d_name, first[2]) == 0);
  printf("closed %d\n", closedir(folder));
  return 0;
}
