// Loops for ever unless it is given an argument: for the tests of bounds.
//: args stop
int main(int argc, char** argv) {
  (void)argv;
  volatile unsigned long n = 0;
  while (argc < 2) ++n;
  return (int)n;
}
