#include <pthread.h>
#include <stdio.h>

volatile long balance = @{opening};

static volatile int here;

// Until both are here.
static void meet(void) {
  __atomic_add_fetch(&here, 1, __ATOMIC_SEQ_CST);
  while (here < 2) {
  }
}

// What takes a while.
static void think(int rounds) {
  for (volatile int i = 0; i < rounds; ++i) {
  }
}

static void *deposit(void *unused) {
  meet();
  const long seen = balance;
  think(@{deposit_time});
  balance = seen + @{deposit};
  return unused;
}

static void *charge(void *unused) {
  meet();
  const long seen = balance;
  think(@{charge_time});
  balance = seen - @{fee};
  return unused;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], 0, deposit, 0);
  pthread_create(&threads[1], 0, charge, 0);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], 0);
  printf("the balance is %ld\n", balance);
  return 0;
}
