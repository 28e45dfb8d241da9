// What the calls on sockets say of files that are none.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define T(e)                                                               \
  do {                                                                     \
    errno = 0;                                                             \
    printf("%s: %s\n", #e, (long)(e) < 0 ? strerrorname_np(errno) : "ok"); \
  } while (0)

int main(void) {
  char b[32];
  socklen_t l = sizeof b;
  int p[2];
  pipe(p);
  T(getpeername(p[0], (void*)b, &l));
  T(getsockname(p[0], (void*)b, &l));
  T(recv(p[0], b, 1, 0));
  T(send(p[1], b, 1, 0));
  T(bind(p[0], (void*)b, 16));
  T(connect(p[0], (void*)b, 16));
  T(listen(p[0], 1));
  T(accept(p[0], 0, 0));
  T(shutdown(p[0], 0));
  T(setsockopt(p[0], 0, 0, 0, 0));
  T(getsockopt(p[0], 0, 0, 0, &l));
  T(getpeername(99, (void*)b, &l));
  T(recv(-1, b, 1, 0));
  return 0;
}
