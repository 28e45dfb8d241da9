#include <pthread.h>
#include <stdio.h>

volatile long balance = @{opening};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
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
  pthread_mutex_lock(&lock);
  const long seen = balance;
  think(@{deposit_time});
  balance = seen + @{deposit};
  pthread_mutex_unlock(&lock);
  return unused;
}

static void *charge(void *unused) {
  meet();
  pthread_mutex_lock(&lock);
  const long seen = balance;
  think(@{charge_time});
  balance = seen - @{fee};
  pthread_mutex_unlock(&lock);
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
