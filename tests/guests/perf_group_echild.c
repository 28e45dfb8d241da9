// A group that was inherited can be read as long as the child's is like the parent's own: after one has grown or shrunk the
// other way there is no sum, and read(2) is ECHILD until the child is gone.
//: breakpoints
#include "perf_b.h"

static void show(const char* what, int fd) {
  uint64_t values[16];
  const ssize_t size = read(fd, values, sizeof values);
  if (size < 0) {
    printf("%s: %s\n", what, strerrorname_np(errno));
    return;
  }
  printf("%s: %d events\n", what, (int)values[0]);
}
static int open_inherited(unsigned config, int group) {
  struct perf_event_attr attr = software_attr(config);
  attr.inherit = 1;
  attr.read_format = PERF_FORMAT_GROUP;
  return must_open(&attr, 0, -1, group);
}
static int start_child(void) {
  const int child = fork();
  if (child == 0) pause(), _exit(0);
  return child;
}
static void end(int child) { kill(child, SIGKILL), wait_for(child); }

int main(void) {
  no_exchange();
  const int leader = open_inherited(PERF_COUNT_SW_PAGE_FAULTS, -1);
  const int first = start_child();
  show("as forked", leader);
  const int sibling = open_inherited(PERF_COUNT_SW_DUMMY, leader);
  show("grown", leader);
  show("grown, by the sibling", sibling);
  end(first);
  show("the child is gone", leader);
  const int second = start_child();
  show("forked again", leader);
  const int third = open_inherited(PERF_COUNT_SW_CONTEXT_SWITCHES, leader);
  show("grown again", leader);
  close(third);
  show("as large as before, but not the same", leader);
  end(second);
  show("gone again", leader);
  return 0;
}
