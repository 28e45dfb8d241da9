// Stores once to each doubleword.
struct {
  long record[@{doublewords}];
  long filler[@{64 - doublewords - before}];
  long border[@{before + 4}];
} volatile memory __attribute__((aligned(512)));

int main(void) {
  for (unsigned i = 0; i < @{doublewords}; ++i) memory.record[i] = i + 1;
  for (unsigned i = 0; i < @{before + 4}; ++i) memory.border[i] = i + 1;
  return 0;
}
