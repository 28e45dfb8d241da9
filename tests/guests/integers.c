// Integer arithmetic at the ends of its ranges, 128-bit integers, bit counting and byte swapping.
#include <stdint.h>
#include <stdio.h>

typedef __int128 int128;
typedef unsigned __int128 uint128;

static void show(const char* name, uint128 value) { printf("%s %016llx%016llx\n", name, (unsigned long long)(value >> 64), (unsigned long long)value); }

int main(void) {
  volatile int32_t a = INT32_MAX, b = INT32_MIN;
  volatile int64_t c = INT64_MAX, d = INT64_MIN;
  volatile uint64_t u = 0x0123456789abcdef;
  int32_t r32;
  int64_t r64;
  int over = __builtin_add_overflow(a, 1, &r32);
  printf("%d %d", over, r32);
  over = __builtin_sub_overflow(b, 1, &r32);
  printf(" %d %d", over, r32);
  over = __builtin_mul_overflow(c, (int64_t)3, &r64);
  printf(" %d %lld", over, (long long)r64);
  over = __builtin_add_overflow(d, (int64_t)-1, &r64);
  printf(" %d %lld\n", over, (long long)r64);
  volatile int32_t n = -7, m = 3;
  printf("%d %d %u %d %d\n", n / m, n % m, (uint32_t)n / (uint32_t)m, n >> 1, (int)((uint32_t)n >> 28));
  printf("%d %d %d %d\n", (int8_t)(uint8_t)u, (int16_t)u, (int)(uint8_t)(n * 100), (int)(short)a);
  printf("%d %d %d %d %d\n", __builtin_popcountll(u), __builtin_clzll(u), __builtin_ctzll(u << 5), __builtin_parityll(u), __builtin_ffsll(0));
  printf("%llx %x %x\n", (unsigned long long)__builtin_bswap64(u), __builtin_bswap32((uint32_t)u), __builtin_bswap16((uint16_t)u));
  for (int k = 0; k < 64; k += 9) printf("%llx ", (unsigned long long)(u << k | u >> (-k & 63)));
  printf("\n");
  volatile uint128 x = ((uint128)u << 64) | 0xfedcba9876543210;
  volatile int128 y = -(int128)x;
  show("mul", x * x), show("div", x / 1000000007u), show("mod", x % 0xfffffffffffffff1), show("div", x / ((uint128)3 << 70));
  show("neg", (uint128)y), show("sar", (uint128)(y >> 67)), show("shl", x << 65), show("sdiv", (uint128)(y / -12345)), show("smod", (uint128)(y % 97));
  show("high", (uint128)u * 0xffffffffffffffff);
  printf("%.17g %.17g\n", (double)x, (double)y);
  printf("%d %d\n", x > (uint128)y, y < 0);
  uint64_t state = 88172645463325252u, sum = 0;
  for (int i = 1; i < 20000; ++i) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    sum += state / (uint64_t)i + state % ((uint64_t)i * 977) + (uint64_t)((int64_t)state / -i);
  }
  printf("%016llx\n", (unsigned long long)sum);
  return 0;
}
