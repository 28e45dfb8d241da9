// Reading files: fopen, fseek, fread, pread, stat and what is refused.
//: args @root@
//: files
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "show.h"

static const char* root;
static const char* path(const char* name) {
  static char whole[4096];
  snprintf(whole, sizeof whole, "%s/%s", root, name);
  return whole;
}

static void show_stat(const char* name) {
  struct stat status;
  if (stat(path(name), &status) != 0) {
    printf("%s: %s\n", name, strerrorname_np(errno));
    return;
  }
  const char* kind = S_ISREG(status.st_mode) ? "file" : S_ISDIR(status.st_mode) ? "folder" : "other";
  printf("%s: %s, readable %d", name, kind, (status.st_mode & S_IRUSR) != 0);
  if (S_ISREG(status.st_mode)) printf(", size %lld, blksize > 0 %d", (long long)status.st_size, status.st_blksize > 0);
  printf("\n");
}

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  root = argv[1];
  FILE* file = fopen(path("poem.txt"), "r");
  if (file == NULL) return perror("poem.txt"), 1;
  char line[100];
  while (fgets(line, sizeof line, file) != NULL) printf("%ld %s", ftell(file), line);
  printf("\n");
  fseek(file, 4, SEEK_SET);
  SHOW(fgetc(file));
  fseek(file, -3, SEEK_END);
  SHOW(fgetc(file));
  fseek(file, -2, SEEK_CUR);
  SHOW(fgetc(file));
  rewind(file);
  SHOW(fgetc(file));
  TRY(fseek(file, -100, SEEK_CUR));
  char block[16] = "";
  SHOW(fread(block, 5, 3, file));
  puts(block);
  TRY(fputc('x', file));
  SHOW(ferror(file) != 0);
  fclose(file);
  const int fd = open(path("numbers.txt"), O_RDONLY);
  char piece[9] = "";
  TRY(pread(fd, piece, 8, 100));
  puts(piece);
  TRY(lseek(fd, 0, SEEK_CUR));
  TRY(lseek(fd, 0, SEEK_END));
  TRY(read(fd, piece, 8));
  TRY(lseek(fd, -4, SEEK_CUR));
  TRY(lseek(fd, -1, SEEK_SET));
  const int copy = dup(fd);
  lseek(copy, 2, SEEK_SET);
  TRY(lseek(fd, 0, SEEK_CUR));
  close(copy);
  close(fd);
  TRY(read(fd, piece, 1));
  show_stat("poem.txt"), show_stat("empty.txt"), show_stat("folder"), show_stat("folder/two.txt"), show_stat("absent");
  show_stat("poem.txt/below"), show_stat("folder/../poem.txt"), show_stat("folder/.");
  TRY(open(path("absent"), O_RDONLY));
  TRY(open(path("folder"), O_WRONLY));
  TRY(open(path("poem.txt"), O_CREAT | O_EXCL | O_RDONLY, 0600));
  TRY(open(path("poem.txt"), O_RDONLY | O_DIRECTORY));
  TRY(access(path("poem.txt"), R_OK));
  TRY(access(path("absent"), F_OK));
  const int folder = open(path("folder"), O_RDONLY | O_DIRECTORY);
  const int inside = openat(folder, "three.txt", O_RDONLY);
  memset(piece, 0, sizeof piece);
  TRY(read(inside, piece, 8));
  puts(piece);
  TRY(read(folder, piece, 1));
  return 0;
}
