// Real-time signals from many senders: none is lost, each sender's come in order, with its values; ordinary ones are merged.
#define _GNU_SOURCE
#include "tasks.h"

enum { kSenders = 5, kSignals = 200 };
static pid_t senders[kSenders];
static volatile int counts[kSenders], out_of_order, strangers, ordinary;

static void handler(int number, siginfo_t* info, void* context) {
  (void)context;
  if (number == SIGUSR1) {
    ++ordinary;
    return;
  }
  int sender = 0;
  while (sender < kSenders && senders[sender] != info->si_pid) ++sender;
  if (sender == kSenders || info->si_code != SI_QUEUE) ++strangers;
  else out_of_order += info->si_value.sival_int != counts[sender]++;
}
static int total(void) {
  int sum = 0;
  for (int i = 0; i < kSenders; ++i) sum += counts[i];
  return sum;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigfillset(&action.sa_mask);
  sigaction(45, &action, NULL), sigaction(SIGUSR1, &action, NULL);
  sigset_t blocked, before;
  sigemptyset(&blocked), sigaddset(&blocked, 45), sigaddset(&blocked, SIGUSR1);
  const pid_t parent = getpid();
  int go[2];
  pipe(go);
  for (int round = 0; round < 2; ++round) {
    // In the first round they are all queued before one is delivered, in the second they come as they are sent.
    for (int i = 0; i < kSenders; ++i) counts[i] = 0;
    ordinary = 0;
    sigprocmask(SIG_BLOCK, &blocked, &before);
    for (int i = 0; i < kSenders; ++i) {
      senders[i] = fork_flushed();
      if (senders[i] != 0) continue;
      char byte;
      if (round == 1) read(go[0], &byte, 1);
      for (int n = 0; n < kSignals; ++n) {
        while (sigqueue(parent, 45, (union sigval){.sival_int = n}) != 0) pause_briefly();
        if (n % 50 == 0) kill(parent, SIGUSR1);
      }
      _exit(i);
    }
    if (round == 0) for (int i = 0; i < kSenders; ++i) show_end("sender", senders[i]);
    SHOW(total());
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (round == 0) SHOW(ordinary);
    if (round == 1) write(go[1], "sixty", kSenders);
    while (total() < kSenders * kSignals) pause_briefly();
    if (round == 1) {
      for (int i = 0; i < kSenders; ++i) {
        int status;
        while (waitpid(senders[i], &status, 0) == -1 && errno == EINTR) {}
        show_status("sender", status);
      }
      SHOW(ordinary > 0);
    }
    printf("total %d, out of order %d, strangers %d\n", total(), out_of_order, strangers);
  }
  return 0;
}
