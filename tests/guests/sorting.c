// qsort and bsearch, on numbers, texts and structures larger than a register.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Row { int key; char name[36]; };

static int by_number(const void* a, const void* b) { const int x = *(const int*)a, y = *(const int*)b; return (x > y) - (x < y); }
static int by_text(const void* a, const void* b) { return strcmp(*(char* const*)a, *(char* const*)b); }
static int by_key(const void* a, const void* b) { return ((const struct Row*)a)->key - ((const struct Row*)b)->key; }

int main(void) {
  enum { kNumbers = 20000 };
  int* numbers = malloc(kNumbers * sizeof *numbers);
  unsigned state = 1;
  for (int i = 0; i < kNumbers; ++i) numbers[i] = (int)((state = state * 1664525u + 1013904223u) >> 8) % 1000000;
  qsort(numbers, kNumbers, sizeof *numbers, by_number);
  int sorted = 1;
  for (int i = 1; i < kNumbers; ++i) sorted &= numbers[i - 1] <= numbers[i];
  printf("sorted %d: %d .. %d .. %d\n", sorted, numbers[0], numbers[kNumbers / 2], numbers[kNumbers - 1]);
  const int wanted = numbers[777];
  const int* found = bsearch(&wanted, numbers, kNumbers, sizeof wanted, by_number);
  printf("found %d\n", found != NULL && *found == wanted);
  const int absent = -1;
  printf("absent %d\n", bsearch(&absent, numbers, kNumbers, sizeof absent, by_number) == NULL);
  const char* words[] = {"pear", "fig", "apple", "quince", "date", "cherry", "banana"};
  qsort(words, 7, sizeof *words, by_text);
  for (int i = 0; i < 7; ++i) printf("%s ", words[i]);
  struct Row rows[50];
  for (int i = 0; i < 50; ++i) rows[i].key = i * 37 % 50, snprintf(rows[i].name, sizeof rows[i].name, "row %d", i);
  qsort(rows, 50, sizeof *rows, by_key);
  printf("\n%s %s %s\n", rows[0].name, rows[1].name, rows[49].name);
  free(numbers);
  return 0;
}
