// Fills a packet, a byte at a time.
struct __attribute__((packed)) packet {
  char header[@{offset}];
  char serial[7];
  char checksum[16];
};
volatile struct packet packet __attribute__((aligned(16)));

int main(void) {
  volatile char *bytes = (volatile char *)&packet;
  for (unsigned i = 0; i < sizeof packet; ++i) bytes[i] = (char)(@{tag} + i);
  return 0;
}
