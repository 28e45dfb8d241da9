// Random calls on files in a folder of its own, from a seed: what each gives is printed. The same seed makes the same
// calls everywhere, so that two kernels can be compared.
//: scratch
//: args 1 1500
//: args 2 1500
//: args 3 1500
//: args 100 1500
//: args 111 1500
//: args 132 1500
//: args 133 1500
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define PAGE 65536  // of the larger instruction set

enum { kSlots = 8, kMaps = 3 };
static int slots[kSlots];
static struct { unsigned char* at; size_t size; long offset; int shared, writable, fd; } maps[kMaps];

static void told(const char* what, long result) {
  if (result < 0) {
    printf("%s = %s\n", what, strerrorname_np(errno));
  } else {
    printf("%s = %ld\n", what, result);
  }
}

// Never outside of the folder: `..` is always followed by its name.
static const char* path(void) {
  static const char* const kNames[] = {"a", "b", "c", "d", "e", "f"};
  static char buffers[4][200];
  static unsigned turn;
  char* p = buffers[turn++ % 4];
  *p = 0;
  if (chance(3)) return "";
  const unsigned depth = chance(60) ? 1 : 1 + below(3);
  for (unsigned i = 0; i < depth; ++i) {
    if (i != 0) strcat(p, chance(5) ? "//" : "/");
    if (chance(6)) {
      strcat(p, "..");
      strcat(p, "/root_of_it");
    } else {
      strcat(p, chance(4) ? "." : kNames[below(COUNT(kNames))]);
    }
  }
  if (chance(6)) strcat(p, "/");
  return p;
}

static int slot(void) { return below(kSlots); }
static int fd(void) {
  int s = slot();
  for (int i = 0; i < 4 && slots[s] < 0; ++i) s = slot();
  return chance(3) ? 97 : slots[s];
}

static void keep(int new_fd) {
  if (new_fd < 0) return;
  const int s = slot();
  if (slots[s] >= 0) close(slots[s]);
  slots[s] = new_fd;
}

static int open_flags(void) {
  int flags = below(3);
  if (chance(35)) flags |= O_CREAT;
  if (chance(10)) flags |= O_EXCL;
  if (chance(12)) flags |= O_TRUNC;
  if (chance(10)) flags |= O_APPEND;
  if (chance(8) && !(flags & O_CREAT)) flags |= O_DIRECTORY;
  if (chance(8)) flags |= O_NOFOLLOW;
  if (chance(6)) flags |= O_PATH;
  if (chance(10)) flags |= O_CLOEXEC;
  return flags | O_NONBLOCK;
}

static void show(const char* what, int result, const struct stat* s) {
  if (result != 0) {
    told(what, result);
    return;
  }
  const int file = S_ISREG(s->st_mode);
  printf("%s = mode %o, links %ld, owner %u:%u, size %ld, modified %ld\n", what, s->st_mode, (long)s->st_nlink, s->st_uid,
         s->st_gid, file || S_ISLNK(s->st_mode) ? (long)s->st_size : 0, !S_ISFIFO(s->st_mode) && s->st_mtim.tv_sec < 100000 ? (long)s->st_mtim.tv_sec : -1);
}

static int by_name(const void* a, const void* b) { return strcmp(*(char* const*)a, *(char* const*)b); }

static void list(const char* p) {
  DIR* folder = opendir(p);
  if (!folder) {
    told("opendir", -1);
    return;
  }
  char* names[64];
  size_t count = 0;
  struct dirent* entry;
  while ((entry = readdir(folder)) && count < COUNT(names)) {
    char* text;
    asprintf(&text, "%s:%d", entry->d_name, entry->d_type);
    names[count++] = text;
  }
  closedir(folder);
  qsort(names, count, sizeof *names, by_name);
  printf("list:");
  for (size_t i = 0; i < count; ++i) {
    printf(" %s", names[i]);
    free(names[i]);
  }
  printf("\n");
}

static unsigned sum(const unsigned char* bytes, size_t size) {
  unsigned hash = 2166136261u;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 16777619u;
  return hash;
}

static size_t fill(unsigned char* bytes, size_t most) {
  const size_t size = chance(20) ? below(most) : below(300);
  for (size_t i = 0; i < size; ++i) bytes[i] = next();
  return size;
}

static void pick_map(void) {
  const unsigned m = below(kMaps);
  if (maps[m].at) {
    munmap(maps[m].at, maps[m].size);
    close(maps[m].fd);
  }
  maps[m].at = NULL;
  struct stat s;
  const int f = fd();
  const int shared = chance(70), writable = chance(60);
  const size_t size = PAGE * (1 + below(2));
  const long offset = chance(20) ? PAGE : 0;
  unsigned char* at = mmap(NULL, size, PROT_READ | (writable ? PROT_WRITE : 0), shared ? MAP_SHARED : MAP_PRIVATE, f, offset);
  told("mmap", at == MAP_FAILED ? -1 : 0);
  if (at == MAP_FAILED) return;
  maps[m].at = at;
  maps[m].size = size;
  maps[m].offset = offset;
  maps[m].fd = fcntl(f, F_DUPFD, 50);
  maps[m].shared = shared;
  maps[m].writable = writable;
}

// What lies past a file's end would be SIGBUS: the kernel looks, and tells by EFAULT.
static void use_map(void) {
  const unsigned m = below(kMaps);
  if (!maps[m].at) return;
  // In the first bytes of a page, which both sizes of pages have or have not.
  const unsigned page = below(maps[m].size / PAGE);
  unsigned char* at = maps[m].at + page * PAGE + below(60) * 64;
  // What is stored past the end, in the file's last page, may or may not be there when the file grows.
  struct stat s;
  fstat(maps[m].fd, &s);
  const int inside = maps[m].offset + (at - maps[m].at) + 16 <= s.st_size;
  int pipe_fds[2];
  pipe(pipe_fds);
  if (maps[m].writable && chance(50)) {
    if (!inside) {
      printf("outside\n");
      close(pipe_fds[0]);
      close(pipe_fds[1]);
      return;
    }
    write(pipe_fds[1], "0123456789abcdef", 16);
    told("store", read(pipe_fds[0], at, 16));
  } else {
    unsigned char bytes[64];
    const long got = write(pipe_fds[1], at, 64);
    told("load", got);
    // A private page may be the file's as it was, or as it is.
    if (got > 0 && maps[m].shared && read(pipe_fds[0], bytes, got) == got) printf("  %08x\n", sum(bytes, got));
  }
  close(pipe_fds[0]);
  close(pipe_fds[1]);
}

// What a file gets of itself where the ranges meet depends on how the kernel copies within a page.
static int same_file(int f, int g) {
  struct stat one, other;
  return fstat(f, &one) == 0 && fstat(g, &other) == 0 && one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

int main(int argc, char** argv) {
  static unsigned char bytes[3 * PAGE];
  const unsigned steps = argc > 2 ? atoi(argv[2]) : 1000;
  state = 88172645463325252ull ^ (strtoull(argc > 1 ? argv[1] : "1", 0, 0) * 0x9e3779b97f4a7c15ull);
  for (int i = 0; i < 20; ++i) next();
  for (int i = 0; i < kSlots; ++i) slots[i] = -1;
  slots[0] = open("/dev/null", O_RDWR);
  umask(027);
  signal(SIGPIPE, SIG_IGN);
  mkdir("root_of_it", 0755);
  chdir("root_of_it");
  mkdir("d", 0755);
  mkdir("e", 0750);
  for (unsigned step = 0; step < steps; ++step) {
    struct stat s;
    char text[300];
    loff_t one, two;
    const unsigned what = below(40);
    printf("%u: ", step);
    errno = 0;
    switch (what) {
      case 0: case 1: case 2: case 3: {
        const char* p = path(); const int flags = open_flags();
        const int got = open(p, flags, 0666 & next());
        printf("open %s %o ", p, flags & (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND));
        told("", got < 0 ? -1 : 0); keep(got); break;
      }
      case 4: { const int f = slot(); told("close", slots[f] < 0 ? 0 : close(slots[f])); slots[f] = -1; break; }
      case 5: case 6: { const int f = fd(); const long got = read(f, bytes, below(5000)); told("read", got); if (got > 0) printf("  %08x\n", sum(bytes, got)); break; }
      case 7: case 8: { const size_t n = fill(bytes, 9000); told("write", write(fd(), bytes, n)); break; }
      case 9: { const int f = fd(); const size_t n = below(5000); const long got = pread(f, bytes, n, (long)below(20000) - 100); told("pread", got); if (got > 0) printf("  %08x\n", sum(bytes, got)); break; }
      case 10: { const size_t n = fill(bytes, 9000); const int f = fd(); told("pwrite", pwrite(f, bytes, n, (long)below(140000) - 100)); break; }
      case 11: { static const int how[] = {SEEK_SET, SEEK_CUR, SEEK_END}; const int f = fd(); const long to = (long)below(10000) - 2000; const int from = chance(3) ? 9 : how[below(3)]; if (f >= 0 && fstat(f, &s) == 0 && S_ISDIR(s.st_mode)) { printf("folder\n"); break; } told("lseek", lseek(f, to, from)); break; }
      case 12: { const int f = fd(); told("ftruncate", ftruncate(f, (long)below(150000) - 100)); break; }
      case 13: { const char* p = path(); told("truncate", truncate(p, (long)below(30000) - 100)); break; }
      case 14: case 15: { const char* p = path(); printf("%s ", p); show("stat", stat(p, &s), &s); break; }
      case 16: { const char* p = path(); printf("%s ", p); show("lstat", lstat(p, &s), &s); break; }
      case 17: show("fstat", fstat(fd(), &s), &s); break;
      case 18: { const char* p = path(); printf("%s ", p); told("mkdir", mkdir(p, 07777 & next())); break; }
      case 19: { const char* p = path(); printf("%s ", p); told("rmdir", rmdir(p)); break; }
      case 20: { const char* p = path(); printf("%s ", p); told("unlink", unlink(p)); break; }
      case 21: { const char* p = path(); const char* q = path(); printf("%s %s ", p, q); told("rename", rename(p, q)); break; }
      case 22: { const char *p = path(), *q = path(); const int flags = below(4); printf("%s %s %d ", p, q, flags); told("renameat2", renameat2(AT_FDCWD, p, AT_FDCWD, q, flags)); break; }
      case 23: { const char *p = path(), *q = path(); printf("%s %s ", p, q); told("link", link(p, q)); break; }
      case 24: { const char *p = path(), *q = path(); printf("%s %s ", p, q); told("linkat", linkat(AT_FDCWD, p, AT_FDCWD, q, AT_SYMLINK_FOLLOW)); break; }
      case 25: { const char *p = path(), *q = path(); printf("%s %s ", p, q); told("symlink", symlink(p, q)); break; }
      case 26: { const char* p = path(); const long got = readlink(p, text, sizeof text - 1); printf("%s ", p); told("readlink", got); if (got > 0) printf("  %.*s\n", (int)got, text); break; }
      case 27: { const char* p = path(); printf("%s ", p); told("chmod", chmod(p, 07777 & next())); break; }
      case 28: { const char* p = path(); printf("%s ", p); const int u = chance(50) ? -1 : (int)below(5); told("chown", chown(p, u, chance(50) ? -1 : (int)below(5))); break; }
      case 29: { const char* p = path(); const long first = below(1000), second = below(1000); const struct timespec t[2] = {{first, 5}, {second, chance(10) ? UTIME_OMIT : chance(5) ? 1000000000 : 7}}; printf("%s ", p); told("utimensat", utimensat(AT_FDCWD, p, t, chance(30) ? AT_SYMLINK_NOFOLLOW : 0)); break; }
      case 30: { static const int modes[] = {0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE, FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_PUNCH_HOLE}; const int mode = modes[below(7)]; const int whole = mode >= 8 && mode != FALLOC_FL_ZERO_RANGE; printf("%d ", mode); const int f = fd(); const long at = below(20) * (whole ? 4096 : 100); told("fallocate", fallocate(f, mode, at, (1 + below(10)) * (whole ? 4096 : 77))); break; }
      case 31: { one = below(8000); two = below(8000); const int f = fd(), g = fd(); loff_t* const a = chance(50) ? &one : 0; loff_t* const b = chance(50) ? &two : 0; told("copy_file_range", copy_file_range(f, a, g, b, below(6000), 0)); break; }
      case 32: { off_t at = below(5000); const int f = fd(), g = fd(); off_t* const a = chance(50) ? &at : 0; const size_t n = below(6000); if (same_file(f, g)) break; told("sendfile", sendfile(f, g, a, n)); break; }
      case 33: { const char* p = path(); printf("%s ", p); list(*p ? p : "."); break; }
      case 34: { const int f = fd(); keep(chance(50) ? dup(f) : fcntl(f, F_DUPFD, 3)); printf("dup\n"); break; }
      case 35: pick_map(); break;
      case 36: case 37: use_map(); break;
      case 38: {
        const char* p = path();
        const int kind = below(4);
        printf("%s %d ", p, kind);
        if (kind == 0) told("mknod", mknod(p, S_IFREG | 0640, 0));
        if (kind == 1) told("mkfifo", mkfifo(p, 0666));
        const int mode = below(8);
        if (kind == 2) told("access", faccessat(AT_FDCWD, p, mode, chance(30) ? AT_SYMLINK_NOFOLLOW : 0));
        if (kind == 3) told("chdir", chdir(p));
        break;
      }
      default: {
        const char* p = path();
        struct open_how how = {.flags = (open_flags() & ~(O_CREAT | O_PATH | O_TRUNC)) | O_NONBLOCK};
        how.resolve = below(32);
        const int got = syscall(SYS_openat2, AT_FDCWD, p, &how, sizeof how);
        printf("openat2 %s %llx ", p, (unsigned long long)how.resolve);
        told("", got < 0 ? -1 : 0); keep(got); break;
      }
    }
  }
  return 0;
}
