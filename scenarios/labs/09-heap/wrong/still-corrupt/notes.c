// A note of so many letters.
__attribute__((noinline)) static char *write_note(unsigned letters, char letter) {
  char *note = allocate(letters);
  for (unsigned i = 0; i < letters; ++i) note[i] = (char)(letter + i % 3);
  return note;
}

// Ends it as C's texts end.
__attribute__((noinline)) static void end_note(char *note, unsigned letters) { note[letters] = 0; }
