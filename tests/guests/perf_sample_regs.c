// PERF_SAMPLE_REGS_USER and _INTR: the registers in the order of their bits, after the instruction that hit.
// PPC64 prints sp near 1, r14 1111, r15 2222, r16 fffffffffffffffd, ip behind the store 1, ctr 2222, softe 1; sizes 80 and 144.
//: breakpoints
//: differs ppc64
#include "perf.h"
#include <asm/perf_regs.h>

static volatile long long watched;

// Stores with known values in registers; the label behind the store is what the samples' instruction pointer must be.
extern char after_store[];
static HITS void store(void) {
#if defined(__x86_64__)
  asm volatile("mov $0x1111, %%ebx\n mov $0x2222, %%ecx\n mov $-3, %%r8\n mov $0x4444, %%r15d\n"
               "cmp %%ebx, %%ebx\n mov %%rcx, %0\n .globl after_store\n after_store: nop"
               : "=m"(watched) : : "rbx", "rcx", "r8", "r15", "cc", "memory");
#else
  asm volatile("li 14, 0x1111\n li 15, 0x2222\n li 16, -3\n mtctr 15\n std 15, %0\n .globl after_store\n after_store: nop"
               : "=m"(watched) : : "r14", "r15", "r16", "ctr", "memory");
#endif
}

// In the order of the bits.
#if defined(__x86_64__)
static const struct { int bit; const char* name; } registers[] = {
    {PERF_REG_X86_BX, "bx"}, {PERF_REG_X86_CX, "cx"}, {PERF_REG_X86_SP, "sp"}, {PERF_REG_X86_IP, "ip"},
    {PERF_REG_X86_FLAGS, "zero flag"}, {PERF_REG_X86_CS, "cs"}, {PERF_REG_X86_SS, "ss"}, {PERF_REG_X86_R8, "r8"},
    {PERF_REG_X86_R15, "r15"}};
enum { kIp = PERF_REG_X86_IP, kSp = PERF_REG_X86_SP, kFlags = PERF_REG_X86_FLAGS };
#else
static const struct { int bit; const char* name; } registers[] = {
    {PERF_REG_POWERPC_R1, "sp"}, {PERF_REG_POWERPC_R14, "r14"}, {PERF_REG_POWERPC_R15, "r15"}, {PERF_REG_POWERPC_R16, "r16"},
    {PERF_REG_POWERPC_NIP, "ip"}, {PERF_REG_POWERPC_CTR, "ctr"}, {PERF_REG_POWERPC_SOFTE, "softe"}};
enum { kIp = PERF_REG_POWERPC_NIP, kSp = PERF_REG_POWERPC_R1, kFlags = -1 };
#endif
enum { kRegisters = sizeof registers / sizeof *registers };

int main(void) {
  const uint64_t types[] = {PERF_SAMPLE_REGS_USER, PERF_SAMPLE_REGS_INTR, PERF_SAMPLE_REGS_USER | PERF_SAMPLE_REGS_INTR};
  for (int round = 0; round < 3; ++round) {
    struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_IP | types[round]);
    uint64_t mask = 0;
    for (int i = 0; i < kRegisters; ++i) mask |= 1ull << registers[i].bit;
    attr.sample_regs_user = attr.sample_regs_intr = mask;
    const int fd = must_open(attr);
    struct ring ring = map_ring(fd, 1);
    store();
    struct record record;
    if (!next_record(&ring, &record)) return 1;
    printf("size %u, ip behind the store %d\n", record.header.size, record.body[0] == (uintptr_t)after_store);
    const uint64_t* at = &record.body[1];
    const uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    for (int set = 0; set < (round == 2 ? 2 : 1); ++set) {
      printf("%s: abi %d", types[round] & PERF_SAMPLE_REGS_USER && set == 0 ? "user" : "interrupted", (int)*at++);
      for (int i = 0; i < kRegisters; ++i, ++at) {
        printf(", %s ", registers[i].name);
        if (registers[i].bit == kIp) printf("behind the store %d", *at == (uintptr_t)after_store);
        else if (registers[i].bit == kSp) printf("near %d", *at < frame + (1 << 20) && *at > frame - (1 << 20));
        else if (registers[i].bit == kFlags) printf("%d", (int)(*at >> 6 & 1));
        else printf("%lx", (unsigned long)*at);
      }
      printf("\n");
    }
    printf("to its end %d\n", (unsigned char*)at - (unsigned char*)&record == record.header.size);
    close(fd), unmap_ring(&ring);
  }
  return 0;
}
