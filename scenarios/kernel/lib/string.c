// Strings and memory (lib/string.c): guest code, so that each access is that of an instruction.
#include <stddef.h>

void* memset(void* to, int value, size_t size) {
  unsigned char* at = to;
  while (size-- > 0) *at++ = (unsigned char)value;
  return to;
}

void* memcpy(void* to, const void* from, size_t size) {
  unsigned char* at = to;
  const unsigned char* source = from;
  // By words where both are aligned, as an architecture's own does.
  if ((((unsigned long)to | (unsigned long)from) & 7) == 0) {
    for (; size >= 8; size -= 8, at += 8, source += 8) *(unsigned long*)at = *(const unsigned long*)source;
  }
  while (size-- > 0) *at++ = *source++;
  return to;
}

void* memmove(void* to, const void* from, size_t size) {
  unsigned char* at = to;
  const unsigned char* source = from;
  if (at <= source || at >= source + size) return memcpy(to, from, size);
  while (size-- > 0) at[size] = source[size];
  return to;
}

int memcmp(const void* left, const void* right, size_t size) {
  const unsigned char *a = left, *b = right;
  for (; size > 0; --size, ++a, ++b)
    if (*a != *b) return *a - *b;
  return 0;
}

size_t strlen(const char* text) {
  const char* end = text;
  while (*end) ++end;
  return (size_t)(end - text);
}

size_t strnlen(const char* text, size_t most) {
  const char* end = text;
  while (most-- > 0 && *end) ++end;
  return (size_t)(end - text);
}

int strcmp(const char* left, const char* right) {
  while (*left && *left == *right) ++left, ++right;
  return (unsigned char)*left - (unsigned char)*right;
}

int strncmp(const char* left, const char* right, size_t most) {
  for (; most > 0; --most, ++left, ++right) {
    if (*left != *right) return (unsigned char)*left - (unsigned char)*right;
    if (!*left) return 0;
  }
  return 0;
}

char* strcpy(char* to, const char* from) {
  char* at = to;
  while ((*at++ = *from++)) {
  }
  return to;
}

char* strncpy(char* to, const char* from, size_t size) {
  char* at = to;
  for (; size > 0; --size) {
    if ((*at++ = *from)) ++from;
  }
  return to;
}

long strscpy(char* to, const char* from, size_t size) {
  size_t at = 0;
  if (size == 0) return -7;  // -E2BIG
  for (; at < size - 1 && from[at]; ++at) to[at] = from[at];
  to[at] = 0;
  return from[at] ? -7 : (long)at;
}

size_t strlcpy(char* to, const char* from, size_t size) {
  if (size > 0) strscpy(to, from, size);
  return strlen(from);
}

char* strcat(char* to, const char* from) {
  strcpy(to + strlen(to), from);
  return to;
}

char* strchr(const char* text, int c) {
  for (;; ++text) {
    if (*text == (char)c) return (char*)text;
    if (!*text) return NULL;
  }
}

char* strrchr(const char* text, int c) {
  const char* last = NULL;
  do {
    if (*text == (char)c) last = text;
  } while (*text++);
  return (char*)last;
}

char* strstr(const char* text, const char* what) {
  size_t length = strlen(what);
  for (; strlen(text) >= length; ++text) {
    if (memcmp(text, what, length) == 0) return (char*)text;
    if (!*text) break;
  }
  return NULL;
}
