// A handler that runs at any moment of a computation leaves its registers alone: integer, floating-point and vector, and the rounding mode.
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <sys/time.h>
#include "tasks.h"

typedef double Doubles __attribute__((vector_size(32)));
typedef uint32_t Words __attribute__((vector_size(16)));
static volatile int ticks;
static volatile double sink;
static volatile Words words_sink;

static void tick(int number) {
  (void)number;
  ++ticks;
  // Uses as many registers of each kind as it can.
  Doubles a = {1.5, 2.5, 3.5, 4.5}, b = a * a, c = a + b, d = b - c;
  Words words = {0xffffffff, (uint32_t)ticks, 3, 4};
  for (int i = 0; i < 20; ++i) a = a * b + c, b += d, c -= a, d = d * 0.5, words = words * 2654435761u + (words >> 3);
  sink = a[0] + b[1] + c[2] + d[3] + sqrt(sink < 0 ? 0 : 2.0);
  words_sink = words;
  fesetround(FE_UPWARD);
}

static uint64_t integers(int rounds) {
  uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
  for (int i = 0; i < rounds; ++i) {
    a += b ^ (c << 7), b += c ^ (d >> 3), c += d ^ (e << 11), d += e ^ (f >> 5);
    e += f ^ (g << 13), f += g ^ (h >> 7), g += h ^ (a << 17), h += a ^ (b >> 11);
  }
  return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
}
static double doubles(int rounds) {
  double a = 1, b = 0.5, c = 0.25, d = 3, e = 1e-3, f = 7;
  for (int i = 0; i < rounds; ++i) a = a * 0.999 + b, b = b * 0.5 + c / 3, c = sqrt(a * d), d = d * 0.99 + e, e = f / (a + 1), f = b - e + 2;
  return a + b + c + d + e + f;
}
static uint64_t vectors(int rounds) {
  Doubles a = {1, 2, 3, 4}, b = {0.1, 0.2, 0.3, 0.4};
  Words words = {1, 2, 3, 4}, more = {5, 6, 7, 8};
  for (int i = 0; i < rounds; ++i) a = a * 0.5 + b, b = b * 0.25 + a * 0.125, words = words * 1664525u + more, more ^= words >> 5;
  const double sum = a[0] + a[1] * 3 + a[2] * 5 + a[3] * 7 + b[0] + b[3];
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  return bits ^ words[0] ^ (uint64_t)words[1] << 8 ^ (uint64_t)words[2] << 16 ^ (uint64_t)more[3] << 24;
}

int main(void) {
  enum { kRounds = 20000 };
  const uint64_t right_integers = integers(kRounds), right_vectors = vectors(kRounds);
  const double right_doubles = doubles(kRounds);
  printf("%016llx %.17g %016llx\n", (unsigned long long)right_integers, right_doubles, (unsigned long long)right_vectors);
  struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &(struct itimerval){{0, 500}, {0, 500}}, NULL);
  int wrong = 0;
  for (int i = 0; ticks < 30 && i < 100000; ++i) {
    wrong += integers(kRounds) != right_integers;
    wrong += doubles(kRounds) != right_doubles;
    wrong += vectors(kRounds) != right_vectors;
  }
  setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
  printf("enough ticks %d, wrong %d\n", ticks >= 30, wrong);
  SHOW(fegetround() == FE_TONEAREST);
  // Sent by itself, too, and under another mode.
  fesetround(FE_TOWARDZERO);
  volatile double third = 1.0;
  third /= 3;
  raise(SIGALRM);
  SHOW(fegetround() == FE_TOWARDZERO);
  volatile double again = 1.0;
  again /= 3;
  SHOW(third == again);
  return 0;
}
