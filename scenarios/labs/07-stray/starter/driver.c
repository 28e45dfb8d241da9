#include <stdio.h>

#include "device.h"

volatile struct device device __attribute__((aligned(64)));
_Static_assert(sizeof(struct device) <= 64, "the structure may not be longer than 64 bytes");

static void probe(void) {
  device.status = 1;
  printf("device %d, model %d\n", device.serial, device.model);
}

static void beat(void) { device.@{neighbour} = device.@{neighbour} + 1; }

static void fail(int error) {
  device.status = error;
  device.bytes = 0;
}

int main(void) {
  probe();
  for (int i = 0; i < @{beats}; ++i) {
    beat();
    device.bytes += 512;
  }
  for (int i = 0; i < @{errors}; ++i) fail(-5 - i);
  device.status = 0;
  return 0;
}
