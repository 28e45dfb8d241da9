// Reading files: fopen, fseek, fread, pread, stat and what is refused.
//: args @root@
//: files
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char* root;
static const char* path(const char* name) {
  static char whole[4096];
  snprintf(whole, sizeof whole, "%s/%s", root, name);
  return whole;
}

static void show_stat(const char* name) {
  struct stat status;
  if (stat(path(name), &status) != 0) {
    printf("%s: %s\n", name, strerror(errno));
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
  fseek(file, 4, SEEK_SET), printf("%c", fgetc(file));
  fseek(file, -3, SEEK_END), printf("%c", fgetc(file));
  fseek(file, -2, SEEK_CUR), printf("%c", fgetc(file));
  rewind(file), printf("%c %d\n", fgetc(file), fseek(file, -100, SEEK_CUR));
  char block[16] = "";
  printf("%zu %s\n", fread(block, 5, 3, file), block);
  printf("write refused: %d %d\n", fputc('x', file), ferror(file) != 0);
  fclose(file);
  const int fd = open(path("numbers.txt"), O_RDONLY);
  char piece[9] = "";
  printf("pread %zd", pread(fd, piece, 8, 100));
  printf(" '%s'", piece);
  printf(" at %lld, end %lld", (long long)lseek(fd, 0, SEEK_CUR), (long long)lseek(fd, 0, SEEK_END));
  printf(", read %zd, seek back %lld\n", read(fd, piece, 8), (long long)lseek(fd, -4, SEEK_CUR));
  errno = 0, printf("seek before the start %lld %d\n", (long long)lseek(fd, -1, SEEK_SET), errno);
  const int copy = dup(fd);
  lseek(copy, 2, SEEK_SET);
  printf("dup shares the position: %lld\n", (long long)lseek(fd, 0, SEEK_CUR));
  close(copy);
  close(fd);
  errno = 0, printf("closed: %zd %d\n", read(fd, piece, 1), errno);
  show_stat("poem.txt"), show_stat("empty.txt"), show_stat("folder"), show_stat("folder/two.txt"), show_stat("absent");
  show_stat("poem.txt/below"), show_stat("folder/../poem.txt"), show_stat("folder/.");
  errno = 0, printf("open absent %d %s\n", open(path("absent"), O_RDONLY), strerror(errno));
  errno = 0, printf("open folder to write %d %s\n", open(path("folder"), O_WRONLY), strerror(errno));
  errno = 0, printf("create over a file, exclusively %d %s\n", open(path("poem.txt"), O_CREAT | O_EXCL | O_RDONLY, 0600), strerror(errno));
  errno = 0, printf("open file as folder %d %s\n", open(path("poem.txt"), O_RDONLY | O_DIRECTORY), strerror(errno));
  printf("access %d %d\n", access(path("poem.txt"), R_OK), access(path("absent"), F_OK));
  const int folder = open(path("folder"), O_RDONLY | O_DIRECTORY);
  const int inside = openat(folder, "three.txt", O_RDONLY);
  memset(piece, 0, sizeof piece);
  printf("openat %d: %zd", inside >= 0, read(inside, piece, 8));
  printf(" %s", piece);
  errno = 0, printf("read of a folder %zd %s\n", read(folder, piece, 1), strerror(errno));
  return 0;
}
