// Named pipes: who waits for whom; and pipes in packets, copied and moved without a program's memory.
//: scratch
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static void on_alarm(int signal) {}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  signal(SIGPIPE, SIG_IGN);
  char b[64] = "";
  SHOW(mkfifo("p", 0600));
  TRY(open("p", O_WRONLY | O_NONBLOCK));
  int r = open("p", O_RDONLY | O_NONBLOCK);
  SHOW(r >= 0);
  SHOW(read(r, b, 1));  // nobody writes: the end
  struct pollfd poll_fd = {r, POLLIN, 0};
  SHOW(poll(&poll_fd, 1, 0));
  int w = open("p", O_WRONLY | O_NONBLOCK);
  SHOW(w >= 0);
  TRY(read(r, b, 1));
  SHOW(write(w, "abc", 3)); SHOW(read(r, b, 9)); puts(b);
  close(w);
  SHOW(poll(&poll_fd, 1, 0)); SHOW(poll_fd.revents == POLLHUP);
  close(r);
  if (fork() == 0) {
    int c = open("p", O_RDONLY);  // waits for the parent
    SHOW(read(c, b, 20)); puts(b);
    _exit(0);
  }
  w = open("p", O_WRONLY);
  write(w, "to the child", 13);
  wait(NULL);
  TRY(write(w, "x", 1));
  close(w);
  struct sigaction action = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &action, NULL);
  ualarm(20000, 0);
  TRY(open("p", O_RDONLY));
  int both = open("p", O_RDWR);
  SHOW(write(both, "self", 4)); SHOW(read(both, b, 4));
  struct stat s;
  SHOW(fstat(both, &s)); SHOW(S_ISFIFO(s.st_mode)); SHOW(s.st_mode & 0777);
  TRY(lseek(both, 0, SEEK_CUR));
  close(both);
  SHOW(unlink("p"));

  // Packets.
  int p[2], q[2];
  SHOW(pipe2(p, O_DIRECT));
  SHOW(write(p[1], "one", 3)); SHOW(write(p[1], "second", 6)); SHOW(write(p[1], "3", 1));
  int bytes;
  SHOW(ioctl(p[0], FIONREAD, &bytes)); SHOW(bytes);
  SHOW(read(p[0], b, 2)); SHOW(read(p[0], b, 60)); SHOW(read(p[0], b, 60));
  SHOW((fcntl(p[0], F_GETFL) & O_DIRECT) != 0);
  SHOW(fcntl(p[1], F_SETFL, 0));
  SHOW(write(p[1], "ab", 2)); SHOW(write(p[1], "cd", 2)); SHOW(read(p[0], b, 60));

  // splice, tee, vmsplice, sendfile
  pipe(q);
  int f = open("f", O_RDWR | O_CREAT, 0600);
  write(f, "0123456789", 10);
  loff_t at = 2;
  SHOW(splice(f, &at, p[1], NULL, 5, 0)); SHOW(at);
  SHOW(tee(p[0], q[1], 4, 0)); SHOW(read(q[0], b, 60)); b[4] = 0; puts(b);
  SHOW(splice(p[0], NULL, q[1], NULL, 3, 0)); SHOW(read(q[0], b, 60)); b[3] = 0; puts(b);
  at = 20;
  SHOW(splice(p[0], NULL, f, &at, 10, 0)); SHOW(at);
  TRY(splice(p[0], &at, f, NULL, 1, 0));
  TRY(splice(f, NULL, f, NULL, 1, 0));
  TRY(splice(p[0], NULL, p[1], NULL, 1, 0));
  TRY(splice(p[0], NULL, q[1], NULL, 1, SPLICE_F_NONBLOCK));
  TRY(tee(p[0], f, 1, 0));
  struct iovec parts[2] = {{"xx", 2}, {"yyy", 3}};
  SHOW(vmsplice(p[1], parts, 2, 0)); SHOW(read(p[0], b, 60)); b[5] = 0; puts(b);
  TRY(vmsplice(f, parts, 2, 0));
  off_t from = 1;
  SHOW(sendfile(p[1], f, &from, 4)); SHOW(from); SHOW(read(p[0], b, 60)); b[4] = 0; puts(b);
  int g = open("g", O_RDWR | O_CREAT, 0600);
  lseek(f, 0, SEEK_SET);
  SHOW(sendfile(g, f, NULL, 100)); SHOW(lseek(f, 0, SEEK_CUR)); SHOW(lseek(g, 0, SEEK_CUR));
  TRY(sendfile(g, p[0], NULL, 1));
  TRY(sendfile(g, 77, NULL, 1));
  TRY(sendfile(77, g, NULL, 1));
  loff_t in = 0, to = 30;
  SHOW(copy_file_range(f, &in, g, &to, 6, 0)); SHOW(in); SHOW(to);
  in = 0; to = 3;
  TRY(copy_file_range(f, &in, f, &to, 6, 0));
  TRY(copy_file_range(f, &in, p[1], NULL, 6, 0));
  TRY(copy_file_range(f, &in, g, &to, 6, 1));
  SHOW(fallocate(g, 0, 0, 100)); SHOW(lseek(g, 0, SEEK_END));
  SHOW(fallocate(g, FALLOC_FL_KEEP_SIZE, 0, 1000)); SHOW(lseek(g, 0, SEEK_END));
  TRY(fallocate(p[1], 0, 0, 10));
  TRY(fallocate(g, 0, -1, 10));
  TRY(fallocate(g, FALLOC_FL_PUNCH_HOLE, 0, 10));
  SHOW(readahead(f, 0, 10)); TRY(readahead(p[0], 0, 10));
  SHOW(sync_file_range(f, 0, 0, 0)); TRY(sync_file_range(f, 0, 0, 99)); SHOW(syncfs(f));
  parts[0].iov_base = b;
  SHOW(preadv2(f, parts, 1, 1, 0)); TRY(preadv2(f, parts, 1, 1, 0x1000)); SHOW(pwritev2(g, parts, 1, -1, RWF_APPEND));
  return 0;
}
