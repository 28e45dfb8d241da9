// Every request of ptrace(2) that lets the tracee stay where it is, in every stop and in the states that are none: what it says, and what
// is then so.
//: isa x86-64
#include "stops.h"

// The numbers that are requests, and some that are not, without those that make the tracee go on.
static int goes_on(long request) {
  static const long these[] = {PTRACE_TRACEME, PTRACE_CONT, PTRACE_KILL, PTRACE_SINGLESTEP, PTRACE_ATTACH, PTRACE_DETACH, PTRACE_SYSCALL,
                               kSysemu, kSysemuStep, kBlockStep, PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_LISTEN, 0x420e};  // the last has its own lines
  for (unsigned i = 0; i < sizeof these / sizeof *these; ++i) {
    if (these[i] == request) return 1;
  }
  // The kernel's own: Linux 6.18 has more, and this kernel is without restartable sequences.
  return request >= 0x420f;
}

enum { kRoom = 1 << 16 };
static _Alignas(16) unsigned char room[kRoom];

static const char* outcome(long result) {
  static char text[32];
  if (result == -1) return strerrorname_np(errno) ? strerrorname_np(errno) : (snprintf(text, sizeof text, "errno %d", errno), text);
  snprintf(text, sizeof text, "%ld", result);
  return text;
}

// Runs of requests or addresses with the same outcome are one line.
static char last[128];
static long first_of, last_of;
static void flush_run(void) {
  if (last[0] && first_of == last_of) printf("    %#lx: %s\n", first_of, last);
  else if (last[0]) printf("    %#lx..%#lx: %s\n", first_of, last_of, last);
  last[0] = 0;
}
static void run_of(long at, const char* text) {
  if (strcmp(last, text) != 0) {
    flush_run();
    snprintf(last, sizeof last, "%s", text);
    first_of = at;
  }
  last_of = at;
}

static void numbers(pid_t pid) {
  static const unsigned long addresses[] = {0, 8, 1ul << 63};
  for (int place = 0; place < 3; ++place) {
    printf("   address %#lx\n", addresses[place]);
    for (long number = -2; number < 0x4220; number = number == 0x120 ? 0x4200 : number + 1) {
      if (goes_on(number)) continue;
      // What it reads out of the room is what was there: nothing that changes anything.
      char text[128];
      memset(room, 0, sizeof room);
      const char* const good = outcome(kSets(number) ? -2 : request(number, pid, addresses[place], (unsigned long)room));
      snprintf(text, sizeof text, "%s", good);
      const char* const bad = outcome(request(number, pid, addresses[place], 8));
      snprintf(text + strlen(text), sizeof text - strlen(text), ", bad data %s", bad);
      run_of(number, text);
    }
    flush_run();
  }
}

static void register_sets(pid_t pid) {
  static const unsigned types[] = {0,     1,     2,     3,     4,     6,     0x46e62b7f, 0x100, 0x101, 0x102, 0x103, 0x104, 0x105, 0x106, 0x107,
                                   0x108, 0x109, 0x10a, 0x10b, 0x10c, 0x10d, 0x10e,      0x10f, 0x110, 0x200, 0x201, 0x202, 0x300, 0x400, 0x402,
                                   0x405, 0x406, 0x600, 0xffffffff};
  static const unsigned long lengths[] = {0, 1, 4, 7, 8, 16, 216, 512, 65536, ~0ul};
  for (unsigned i = 0; i < sizeof types / sizeof *types; ++i) {
    if (!kHasSet(types[i])) continue;
    printf("  set %#x:", types[i]);
    for (unsigned j = 0; j < sizeof lengths / sizeof *lengths; ++j) {
      struct iovec iov = {room, lengths[j]};
      const char* const got = outcome(request(PTRACE_GETREGSET, pid, types[i], (unsigned long)&iov));
      printf(" %s", got);
      if (strcmp(got, "0") != 0) continue;
      if (kSizeIsOurs(types[i]) || lengths[j] <= 16) printf(" of %zu", iov.iov_len);
      const char* const set = outcome(request(PTRACE_SETREGSET, pid, types[i], (unsigned long)&iov));
      printf(" set %s", set);
    }
    struct iovec iov = {(void*)8, 512};
    printf(" bad %s", outcome(request(PTRACE_GETREGSET, pid, types[i], (unsigned long)&iov)));
    printf(" %s", outcome(request(PTRACE_SETREGSET, pid, types[i], (unsigned long)&iov)));
    printf(" %s\n", outcome(request(PTRACE_GETREGSET, pid, types[i], 8)));
  }
}

// What becomes of words written at each place of struct user. The old ones are put back.
static void user_area(pid_t pid) {
  static const unsigned long words[] = {0, ~0ul, 0x123456789abcdef0, 0x33, 0x2b, 1ul << 47, 0xffffffff};
  for (long at = -16; at < 1100; ++at) {
    char text[128] = "";
    unsigned long old = 0;
    const long got = request(PTRACE_PEEKUSER, pid, at, (unsigned long)&old);
    snprintf(text, sizeof text, "%s", got == 0 ? "ok" : outcome(got));
    if (at % 8 != 0 && got == -1 && (errno == EIO || errno == ESRCH)) continue;
    for (unsigned i = 0; at % 8 == 0 && i < sizeof words / sizeof *words; ++i) {
      if (!kMayPoke(at)) continue;
      unsigned long now = 0;
      const long put = request(PTRACE_POKEUSER, pid, at, words[i]);
      const int length = strlen(text);
      if (put != 0) {
        snprintf(text + length, sizeof text - length, " %s", outcome(put));
        continue;
      }
      request(PTRACE_PEEKUSER, pid, at, (unsigned long)&now);
      if (now == words[i]) snprintf(text + length, sizeof text - length, " =");
      else if (now == old) snprintf(text + length, sizeof text - length, " -");
      else snprintf(text + length, sizeof text - length, " %lx", now);
      request(PTRACE_POKEUSER, pid, at, old);
    }
    run_of(at, text);
  }
  flush_run();
}

static void signals(pid_t pid) {
  siginfo_t info;
  memset(&info, 0x5a, sizeof info);
  const long got = request(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&info);
  printf("  siginfo: %s", outcome(got));
  if (got == 0) {
    printf(" signal %d code %#x errno %d%s", info.si_signo, info.si_code, info.si_errno, info.si_pid == pid ? " of itself" : info.si_pid == getpid() ? " of us" : "");
    unsigned char zero = 0;
    for (unsigned i = 48; i < sizeof info; ++i) zero |= ((unsigned char*)&info)[i];
    printf(" rest %x", zero);
    printf(" set %s", outcome(request(PTRACE_SETSIGINFO, pid, 0, (unsigned long)&info)));
    siginfo_t odd = info;
    ((unsigned char*)&odd)[120] = 1;
    printf(" with a rest %s", outcome(request(PTRACE_SETSIGINFO, pid, 0, (unsigned long)&odd)));
    odd.si_code = 77, odd.si_signo = 99;
    printf(" unknown %s", outcome(request(PTRACE_SETSIGINFO, pid, 0, (unsigned long)&odd)));
    request(PTRACE_SETSIGINFO, pid, 0, (unsigned long)&info);
  }
  printf(", bad %s %s\n", outcome(request(PTRACE_GETSIGINFO, pid, 0, 8)), outcome(request(PTRACE_SETSIGINFO, pid, 0, 8)));

  printf("  mask:");
  unsigned long mask = 0;
  for (int size = 0; size < 17; ++size) {
    if (request(PTRACE_GETSIGMASK, pid, size, (unsigned long)&mask) == 0) printf(" %d bytes %lx", size, mask);
  }
  static const unsigned long masks[] = {~0ul, 1ul << 8 | 1ul << 18, 1};
  const unsigned long old = mask;
  for (int i = 0; i < 3; ++i) {
    printf(" %s", outcome(request(PTRACE_SETSIGMASK, pid, 8, (unsigned long)&masks[i])));
    request(PTRACE_GETSIGMASK, pid, 8, (unsigned long)&mask);
    printf(" %lx", mask);
  }
  request(PTRACE_SETSIGMASK, pid, 8, (unsigned long)&old);
  printf(" bad %s %s %s\n", outcome(request(PTRACE_SETSIGMASK, pid, 4, (unsigned long)&old)), outcome(request(PTRACE_SETSIGMASK, pid, 8, 8)),
         outcome(request(PTRACE_GETSIGMASK, pid, 8, 8)));

  printf("  pending:");
  struct { uint64_t off; uint32_t flags; int32_t nr; } peek[] = {{0, 0, 4}, {0, 1, 4}, {0, 2, 4}, {0, 0, -1}, {~0ul, 0, 4}, {1, 0, 4}, {0, 0, 0}};
  for (unsigned i = 0; i < sizeof peek / sizeof *peek; ++i)
    printf(" %s", outcome(request(PTRACE_PEEKSIGINFO, pid, (unsigned long)&peek[i], (unsigned long)room)));
  printf(" bad %s %s\n", outcome(request(PTRACE_PEEKSIGINFO, pid, 8, (unsigned long)room)), outcome(request(PTRACE_PEEKSIGINFO, pid, (unsigned long)&peek[0], 8)));
}

static int knows_call;  // the tracee is somewhere certain
static void rest(pid_t pid) {
  printf("  options:");
  for (int bit = 0; bit < 34; ++bit) {
    const long done = request(PTRACE_SETOPTIONS, pid, 0, 1ul << bit);
    if (done != 0) printf(" %d %s", bit, outcome(done));
  }
  printf(", back %s\n", outcome(request(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD)));

  unsigned long message = 0;
  const long got = request(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&message);
  printf("  message: %s", outcome(got));
  if (got == 0) printf(message > 999 && message != 15 << 8 ? " a task" : " %#lx", message);
  printf(" bad %s\n", outcome(request(PTRACE_GETEVENTMSG, pid, 0, 8)));

  printf("  call:");
  for (int size = 0; size < 120; size += 8) {
    memset(room, 0x77, 256);
    const long whole = request(PTRACE_GET_SYSCALL_INFO, pid, size, (unsigned long)room);
    int written = 255;
    while (written > 0 && room[written - 1] == 0x77) --written;
    printf(" %s/%d", outcome(whole), whole < 0 ? 0 : written);
    if (size == 112 && whole > 0) {
      printf(" op %d", room[0]);
      if (room[0] == 1) printf(" number %lu args %lx %lx %lx", *(unsigned long*)(room + 24), *(unsigned long*)(room + 32), *(unsigned long*)(room + 40), *(unsigned long*)(room + 48));
      if (room[0] == 2) printf(" value %s error %d", *(long*)(room + 24) > 999 ? "a task" : *(long*)(room + 24) == 0 ? "0" : "other", room[32]);
    }
  }
  printf(" bad %s\n", outcome(request(PTRACE_GET_SYSCALL_INFO, pid, 8, 8)));

  if (knows_call) {
    const regs_t regs = get_regs(pid);
    printf("  registers: orig_rax %ld rax %s\n", (long)regs.orig_rax, regs.rax == 0 ? "0" : (long)regs.rax < 0 ? strerrorname_np(-regs.rax) : regs.rax > 999 ? "a task" : "other");
  }

  static unsigned long word = 0x1122334455667788;
  unsigned long seen = 0;
  static const unsigned long places[] = {0, 8, 1ul << 47, 1ul << 63, ~0ul, ~0ul - 3};
  printf("  memory: %s", outcome(request(PTRACE_PEEKDATA, pid, (unsigned long)&word, (unsigned long)&seen)));
  printf(" %lx %s", seen, outcome(request(PTRACE_PEEKTEXT, pid, (unsigned long)&word + 1, (unsigned long)&seen)));
  printf(" %s", outcome(request(PTRACE_POKEDATA, pid, (unsigned long)&word, 5)));
  printf(" %s", outcome(request(PTRACE_POKETEXT, pid, (unsigned long)&rest, *(unsigned long*)&rest)));
  printf(" bad %s", outcome(request(PTRACE_PEEKDATA, pid, (unsigned long)&word, 8)));
  for (unsigned i = 0; i < sizeof places / sizeof *places; ++i)
    printf(" %s %s", outcome(request(PTRACE_PEEKDATA, pid, places[i], (unsigned long)&seen)), outcome(request(PTRACE_POKEDATA, pid, places[i], 5)));
  printf("\n");
}

// A part of what there is to say of a stop, unless it is what another one said.
struct part {
  const char* name;
  void (*say)(pid_t pid);
  char* texts[kStops];
};
static struct part parts[] = {{"by number", numbers}, {"register sets", register_sets}, {"user area", user_area}, {"signals", signals}, {"rest", rest}};

static void say_part(struct part* part, int kind, pid_t pid) {
  FILE* const out = stdout;
  size_t size = 0;
  stdout = open_memstream(&part->texts[kind], &size);
  part->say(pid);
  fclose(stdout);
  stdout = out;
  for (int other = 0; other < kind; ++other) {
    if (part->texts[other] == NULL || strcmp(part->texts[other], part->texts[kind]) != 0) continue;
    printf("  %s: as of %s\n", part->name, stop_names[other]);
    return;
  }
  printf("  %s:\n%s", part->name, part->texts[kind]);
}

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "executed") == 0) return 7;
  self = argv[0];
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  const int from = argc > 1 ? atoi(argv[1]) : 0, to = argc > 2 ? atoi(argv[2]) : kStops;
  for (int kind = from; kind < to; ++kind) {
    printf("%s\n", stop_names[kind]);
    const pid_t pid = stopped(kind);
    knows_call = kind < kInterrupted && kind != kGroupSeized && kind != kListening;
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; ++i) say_part(&parts[i], kind, pid);
    fflush(stdout);
    end_all_of(pid);
  }
  return 0;
}
