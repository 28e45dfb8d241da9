// The C library's string functions at every small size and alignment: each has a version of its own for a CPU's vector unit.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { kArea = 320, kLongest = 140 };
static char area[kArea], other[kArea];
static uint64_t sum = 1469598103934665603u;

static void add(long value) { sum = (sum ^ (uint64_t)value) * 1099511628211u; }
static long at(const void* found, const void* base) { return found == NULL ? -1 : (const char*)found - (const char*)base; }
static void show(const char* name) { printf("%-12s %016llx\n", name, (unsigned long long)sum); }
static int sign(int order) { return (order > 0) - (order < 0); }

static char* text(char* base, int offset, int length) {
  memset(base, '#', kArea);
  char* const start = base + offset;
  for (int i = 0; i < length; ++i) start[i] = (char)('a' + (i * 7 + length) % 26);
  start[length] = '\0';
  return start;
}

#define EVERY for (int offset = 0; offset < 34; offset += 1) for (int length = 0; length < kLongest; length += 1 + length / 16)

int main(void) {
  EVERY { add((long)strlen(text(area, offset, length))); } show("strlen");
  EVERY { add((long)strnlen(text(area, offset, length), 50)); } show("strnlen");
  EVERY { const char* s = text(area, offset, length); add(at(strchr(s, 'q'), s)); add(at(strrchr(s, 'q'), s)); } show("strchr");
  EVERY { const char* s = text(area, offset, length); add(at(strchrnul(s, '#'), s)); add(at(memchr(s, '#', 150), s)); } show("memchr");
  EVERY { const char* s = text(area, offset, length); add(at(memrchr(s, 'e', (size_t)length), s)); add(at(rawmemchr(s, 0), s)); } show("memrchr");
  EVERY { const char* s = text(area, offset, length); add(at(strstr(s, "ho"), s)); add(at(strcasestr(s, "HOV"), s)); } show("strstr");
  EVERY { const char* s = text(area, offset, length); add(at(memmem(s, (size_t)length, "jq", 2), s)); } show("memmem");
  EVERY { const char* s = text(area, offset, length); add((long)strspn(s, "abcdefghijklm")); add((long)strcspn(s, "xyz")); add(at(strpbrk(s, "uvw"), s)); } show("strspn");
  EVERY {
    const char* s = text(area, offset, length);
    char* t = text(other, (offset * 5) % 33, length);
    add(sign(strcmp(s, t))), add(sign(memcmp(s, t, (size_t)length)));
    if (length > 3) t[length - 2] ^= 1;
    add(sign(strcmp(s, t))), add(sign(strncmp(s, t, (size_t)length / 2))), add(sign(memcmp(s, t, (size_t)length)));
    add(sign(strcasecmp(s, t))), add(sign(strncasecmp(s, t, 20)));
  } show("compare");
  EVERY {
    const char* s = text(area, offset, length);
    memset(other, '.', kArea);
    char* t = other + (offset * 3) % 31;
    add(at(stpcpy(t, s), t)); strcat(t, "end"); strncat(t, s, 9); add((long)strlen(t));
    strncpy(t + 5, s, 40);
    for (int i = 0; i < kArea; ++i) add(other[i]);
  } show("copy");
  EVERY {
    text(area, offset, length);
    memcpy(other, area, kArea);
    memmove(other + 13, other + offset, (size_t)length); memmove(other + offset, other + 11, (size_t)length);
    memset(other + 40 + offset, length, (size_t)length / 3);
    add(at(mempcpy(other + 2, area + offset, (size_t)length / 2), other));
    for (int i = 0; i < kArea; ++i) add((signed char)other[i]);
  } show("memory");
  char list[] = ",one,,two;three,";
  char* save;
  for (char* word = strtok_r(list, ",;", &save); word != NULL; word = strtok_r(NULL, ",;", &save)) printf("[%s]", word);
  char fields[] = "a::b:";
  for (char* rest = fields, *field; (field = strsep(&rest, ":")) != NULL;) printf("<%s>", field);
  printf("\n%s | %s | %d\n", strerror(2), strsignal(11), strverscmp("file9", "file10") < 0);
  return 0;
}
