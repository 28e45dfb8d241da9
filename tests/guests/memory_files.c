// memfd_create(2): reading, writing, holes, sizes, mappings that show the file, seals; and what fexecve does with scripts in them.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include "tasks.h"

extern char** environ;

int main(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  close_range(3, ~0u, 0);
  char text[300];
  memset(text, 'x', sizeof text);
  text[249] = 0;
  TRY(memfd_create(text, 0));
  text[248] = 'x', text[249] = 'x', text[250] = 0;
  TRY(memfd_create(text, 0));
  TRY(memfd_create((char*)8, 0));
  TRY(memfd_create("x", 0x100));
  const int fd = memfd_create("file", MFD_ALLOW_SEALING);
  SHOW(fd);
  TRY(write(fd, "hello, world", 12));
  TRY(lseek(fd, -5, SEEK_END));
  memset(text, 0, sizeof text);
  TRY(read(fd, text, 100));
  puts(text);
  TRY(read(fd, text, 100));
  struct stat status;
  TRY(fstat(fd, &status));
  printf("%o %lld\n", status.st_mode, (long long)status.st_size);
  TRY(pwrite(fd, "far", 3, 100000));
  TRY(fstat(fd, &status));
  SHOW(status.st_size);
  memset(text, 1, sizeof text);
  TRY(pread(fd, text, 20, 90000));
  SHOW(text[0] | text[19]);
  TRY(pread(fd, text, 20, 200000));
  TRY(ftruncate(fd, 5));
  TRY(ftruncate(fd, 20));
  TRY(pread(fd, text, 100, 0));
  SHOW(memcmp(text, "hello\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20));

  // Mappings: what is shared is the file.
  ftruncate(fd, 3 * (off_t)page);
  char* const shared = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char* const own = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  char* const second = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, (off_t)page);
  printf("%.5s %.5s\n", shared, own);
  shared[0] = 'j';
  memset(text, 0, sizeof text);
  TRY(pread(fd, text, 5, 0));
  printf("%s %.5s\n", text, own);
  own[1] = 'u';
  printf("%.5s %.5s\n", shared, own);
  TRY(pwrite(fd, "second", 6, (off_t)page));
  printf("%s %s %s\n", second, shared + page, own + page);
  const pid_t child = fork_flushed();
  if (child == 0) {
    strcpy(shared + page, "from the child");
    strcpy(own + 2 * page, "not seen");
    _exit(3);
  }
  show_end("child", child);
  printf("%s, %s\n", second, own + 2 * page);
  TRY(munmap(shared, 3 * page));
  memset(text, 0, sizeof text);
  TRY(pread(fd, text, 30, (off_t)page));
  puts(text);
  // By a description for reading.
  char path[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  const int reader = open(path, O_RDONLY);
  SHOW(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0) == MAP_FAILED);
  SHOW(errno == EACCES);
  char* const readable = mmap(NULL, page, PROT_READ, MAP_SHARED, reader, 0);
  TRY(mprotect(readable, page, PROT_READ | PROT_WRITE));
  TRY(write(reader, "x", 1));
  TRY(ftruncate(reader, 1));
  memset(text, 0, sizeof text);
  TRY(read(reader, text, 5));
  puts(text);
  SHOW(lseek(fd, 0, SEEK_CUR));
  ssize_t size = readlink(path, text, sizeof text);
  printf("%.*s\n", (int)size, text);

  // Seals.
  TRY(fcntl(fd, F_GET_SEALS));
  TRY(fcntl(reader, F_ADD_SEALS, F_SEAL_GROW));
  TRY(fcntl(fd, F_ADD_SEALS, 0x1000));
  TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  TRY(ftruncate(fd, 7));
  TRY(ftruncate(fd, 4 * (off_t)page));
  TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  TRY(ftruncate(fd, 5 * (off_t)page));
  TRY(pwrite(fd, "x", 1, 4 * (off_t)page));
  char* const writable = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  munmap(writable, page);
  munmap(second, page);
  TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  TRY(write(fd, "x", 1));
  SHOW(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  SHOW(errno == EPERM);
  SHOW(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) != MAP_FAILED);
  TRY(fcntl(fd, F_GET_SEALS));
  TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  const int unsealable = memfd_create("x", 0);
  TRY(fcntl(unsealable, F_GET_SEALS));
  TRY(fcntl(unsealable, F_ADD_SEALS, F_SEAL_GROW));
  int ends[2];
  pipe(ends);
  TRY(fcntl(ends[0], F_GET_SEALS));
  TRY(fcntl(ends[0], F_ADD_SEALS, F_SEAL_GROW));
  TRY(fcntl(ends[1], F_ADD_SEALS, F_SEAL_GROW));

  // Not while it is open for writing.
  char* const arguments[] = {"name", NULL};
  const int text_busy = memfd_create("busy", 0);
  write(text_busy, "#!/no/such/program\n", 19);
  TRY(execveat(text_busy, "", arguments, environ, AT_EMPTY_PATH));
  sprintf(path, "/proc/self/fd/%d", text_busy);
  TRY(execve(path, arguments, environ));
  const int writer = open(path, O_WRONLY);
  TRY(execve(path, arguments, environ));
  close(writer);
  const int script = open(path, O_RDONLY | O_CLOEXEC);
  close(text_busy);
  TRY(execveat(script, "", arguments, environ, AT_EMPTY_PATH));
  TRY(fchmod(script, 0600));
  fstat(script, &status);
  printf("%o\n", status.st_mode);
  return 0;
}
