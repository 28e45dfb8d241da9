/* Something of each kind that can be watched. Line numbers are what watch_test.py expects. */
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))
void paint(void);
struct point { int x, y; };
struct shape {
  char name[8];
  struct point corner[3];
  struct shape *next;
  unsigned flags : 3, kind : 5;
};

volatile int counter;
volatile long total;
volatile signed char small = -1;
volatile int table[4];
int grid[2][3];
struct shape box;
struct shape *shapes;
static struct point *current;
_Thread_local int mine;
static jmp_buf back;

NOINLINE void bump(void) { counter += 1; }

NOINLINE int calls(void) {
  static int number;
  return ++number;
}

NOINLINE int sum(int depth) {
  volatile int partial = depth;
  if (depth > 0) partial += sum(depth - 1);
  return partial;
}

NOINLINE void set_through(volatile int *to, int value) { *to = value; }

NOINLINE int outer(int start) {
  int local = start;
  set_through(&local, local + 1);
  memset(&local, 0x11, sizeof local);
  return local;
}

NOINLINE void leave(int value) {
  volatile int left = value;
  if (left == 2) longjmp(back, 1);
}

NOINLINE struct point *make_point(int x) {
  struct point *p = malloc(sizeof *p);
  p->x = x;
  p->y = -x;
  return p;
}

static void *thread(void *argument) {
  mine = *(int *)argument;
  counter = 100 + mine;
  return NULL;
}

int main(void) {
  bump();
  bump();
  total = 1l << 40;
  small = -2;
  table[2] = 7;
  grid[1][2] = 9;
  box.corner[1].y = 5;
  box.kind = 3;
  struct shape *head = calloc(1, sizeof *head);
  shapes = head;
  shapes->next = &box;
  shapes->next->corner[0].x = 8;
  strcpy(box.name, "box");

  current = make_point(1);
  current->y = 11;
  struct point *first = current;
  current = make_point(2);
  current->y = 22;
  first->y = 33;
  free(first);
  current->y = 44;
  free(current);

  calls();
  calls();
  sum(2);
  outer(5);
  for (int i = 1; i <= 2; ++i) {
    if (setjmp(back) == 0) leave(i);
  }
  sum(0);

  mine = 1;
  int numbers[2] = {2, 3};
  for (int i = 0; i < 2; ++i) {
    pthread_t other;
    pthread_create(&other, NULL, thread, &numbers[i]);
    pthread_join(other, NULL);
  }
  mine = 4;
  paint();
  return 0;
}

NOINLINE int unused(int value) {
  volatile int local = value;
  return local;
}
struct point *lost;

/* A name that would colour a terminal. */
#include <sys/prctl.h>
volatile int painted;
void paint(void) {
  prctl(PR_SET_NAME, "red\033[31m");
  painted = 1;
}
