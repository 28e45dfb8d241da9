// A shop's till for one day.
#include <stdio.h>

struct till {
  int total;  // cents
  int receipts;
  int scratch[6];
};
struct till till __attribute__((aligned(8)));

// Where each of the helpers keeps its note in scratch[].
static volatile int slot_of[] = {@{slots}};

#define STEP __attribute__((noinline)) static

STEP void open_till(int coins) { till.total = coins; }

STEP void sell(int price) {
  till.total += price;
  till.receipts += 1;
}

STEP void refund(int price) { till.total -= price; }

STEP void count_coins(void) { till.scratch[slot_of[0]] = @{junk}; }

STEP void sweep_floor(void) { till.scratch[slot_of[1]] = @{junk + 1}; }

STEP void water_plants(void) { till.scratch[slot_of[2]] = @{junk + 2}; }

STEP void lock_door(void) { till.scratch[slot_of[3]] = @{junk + 3}; }

int main(void) {
  open_till(@{float});
  for (int i = 0; i < @{sales}; ++i) sell(@{price} + i);
  count_coins();
  sweep_floor();
  water_plants();
  lock_door();
  refund(@{price});
  printf("%d cents on %d receipts\n", till.total, till.receipts);
  return 0;
}
