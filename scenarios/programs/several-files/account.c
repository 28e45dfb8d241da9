#include "account.h"

volatile int balance;
static int calls;  // another than audit.c's

__attribute__((noinline)) void deposit(int amount) {
  ++calls;
  balance += amount;
}

__attribute__((noinline)) void withdraw(int amount) {
  ++calls;
  balance -= amount;
}
