// Permissions, owners, times, extended attributes and names of files.
//: scratch
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#define T(e)                                                                             \
  do {                                                                                   \
    errno = 0;                                                                           \
    long r = (long)(e);                                                                  \
    printf("%s: %ld %s\n", #e, r < 0 ? -1 : r, r < 0 ? strerrorname_np(errno) : "");     \
  } while (0)

static void show(const char* path) {
  struct stat s;
  if (lstat(path, &s) != 0) {
    printf("  %s: %s\n", path, strerrorname_np(errno));
    return;
  }
  printf("  %s: mode %o, links %lu, owner %u:%u, size %ld\n", path, s.st_mode, S_ISDIR(s.st_mode) ? 0 : (long)s.st_nlink,
         s.st_uid, s.st_gid, S_ISDIR(s.st_mode) ? 0 : (long)s.st_size);
}

static void show_times(const char* path) {
  struct stat s;
  lstat(path, &s);
  printf("  %s: access %ld.%09ld, modify %ld.%09ld\n", path, s.st_atim.tv_sec, s.st_atim.tv_nsec, s.st_mtim.tv_sec,
         s.st_mtim.tv_nsec);
}

int main(void) {
  umask(022);
  int fd = open("a", O_RDWR | O_CREAT, 0666);
  show("a");
  T(chmod("a", 04711)); show("a");
  T(chown("a", -1, -1)); show("a");
  T(fchmod(fd, 0600)); show("a");
  T(chmod("none", 0600));
  T(chmod("a/b", 0600));
  T(fchmod(99, 0600));
  T(fchmodat(AT_FDCWD, "a", 02070, 0)); show("a");
  T(mkdir("d", 01777)); show("d");
  T(chmod("d", 02755)); show("d");
  T(mkdir("d/e", 0700)); show("d/e");

  T(link("a", "b")); show("a");
  T(link("a", "b"));
  T(link("d", "x"));
  T(link("none", "x"));
  T(linkat(fd, "", AT_FDCWD, "by_fd", AT_EMPTY_PATH)); show("by_fd");
  T(symlink("b", "s")); show("s");
  T(symlink("", "t"));
  T(symlink("b", "s"));
  T(symlink("nowhere/at/all", "dangling")); show("dangling");
  T(link("s", "t")); show("t");
  T(linkat(AT_FDCWD, "s", AT_FDCWD, "u", AT_SYMLINK_FOLLOW)); show("u");
  char text[20] = "";
  T(readlink("s", text, sizeof text)); printf("  %s\n", text);
  T(open("dangling", O_RDONLY));
  T(symlink("loop", "loop"));
  T(open("loop", O_RDONLY));

  T(mknod("p", S_IFIFO | 0666, 0)); show("p");
  T(mknod("r", 0640, 0)); show("r");
  T(mknod("k", S_IFSOCK | 0600, 0)); show("k");
  T(mknod("bad", S_IFDIR | 0600, 0));
  T(mknod("bad", S_IFLNK | 0600, 0));
  T(open("k", O_RDONLY));

  struct timespec times[2] = {{100, 5}, {200, 7}};
  T(utimensat(AT_FDCWD, "a", times, 0)); show_times("a");
  times[0].tv_nsec = UTIME_OMIT; times[1].tv_sec = -3;
  T(utimensat(AT_FDCWD, "a", times, 0)); show_times("a");
  T(futimens(fd, times));
  times[1].tv_nsec = 1000000000;
  T(futimens(fd, times));
  T(utime("a", &(struct utimbuf){11, 12})); show_times("a");
  T(utimes("a", (struct timeval[]){{13, 5}, {14, 6}})); show_times("a");
  T(utimes("a", (struct timeval[]){{13, 5}, {14, 1000000}}));
  T(utimensat(AT_FDCWD, "s", (struct timespec[]){{21, 0}, {22, 0}}, AT_SYMLINK_NOFOLLOW)); show_times("s"); show_times("b");
  T(utimensat(AT_FDCWD, "none", 0, 0));

  T(rename("a", "a2")); show("a"); show("a2");
  T(renameat2(AT_FDCWD, "a2", AT_FDCWD, "r", RENAME_NOREPLACE));
  T(renameat2(AT_FDCWD, "a2", AT_FDCWD, "d", RENAME_EXCHANGE)); show("a2"); show("d");
  T(renameat2(AT_FDCWD, "a2", AT_FDCWD, "none", RENAME_EXCHANGE));
  T(renameat2(AT_FDCWD, "a2", AT_FDCWD, "d", RENAME_EXCHANGE | RENAME_NOREPLACE));
  T(rename("a2", "a2/e/f"));
  T(rename("d", "a2"));
  T(rename("a2", "d"));

  char value[40] = "";
  T(setxattr("r", "user.one", "1", 1, 0));
  T(setxattr("r", "user.one", "2", 1, XATTR_CREATE));
  T(setxattr("r", "user.two", "2", 1, XATTR_REPLACE));
  T(fsetxattr(fd, "user.three", "abc", 3, 0));
  T(getxattr("r", "user.one", value, sizeof value)); printf("  %s\n", value);
  T(getxattr("r", "user.none", value, sizeof value));
  T(fgetxattr(fd, "user.three", value, 2));
  T(fgetxattr(fd, "user.three", value, 0));
  T(listxattr("r", value, sizeof value)); printf("  %s\n", value);
  T(setxattr("r", "nothing", "2", 1, 0));
  T(setxattr("p", "user.one", "2", 1, 0));
  T(removexattr("r", "user.one"));
  T(removexattr("r", "user.one"));
  T(getxattr("/proc", "user.x", value, sizeof value));

  struct statfs f;
  T(statfs("/proc", &f)); printf("  %lx %ld\n", (long)f.f_type, (long)f.f_namelen);
  T(statfs("none", &f));
  int pipe_fds[2];
  pipe(pipe_fds);
  T(fstatfs(pipe_fds[0], &f)); printf("  %lx\n", (long)f.f_type);
  T(fstatfs(77, &f));
  return 0;
}
