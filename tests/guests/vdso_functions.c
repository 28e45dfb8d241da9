// x86-64's vDSO: found and read by hand as a C library does, its functions against the system calls that they stand for, and what can
// be done to its mappings.
//: isa x86-64
//: cpus 4
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/uio.h>
#include "tasks.h"

static char *base, *vvar;
static const Elf64_Sym* symbols;
static const char* strings;
static const unsigned short* versions;
static const unsigned* hash;
static const char* version_definitions;

static int (*vdso_clock_gettime)(int, struct timespec*);
static int (*vdso_clock_getres)(int, struct timespec*);
static int (*vdso_gettimeofday)(struct timeval*, struct timezone*);
static time_t (*vdso_time)(time_t*);
static int (*vdso_getcpu)(unsigned*, unsigned*, void*);

// System V ABI, chapter 5.
static unsigned hash_of(const char* name) {
  unsigned sum = 0;
  for (; *name != 0; ++name) {
    sum = (sum << 4) + (unsigned char)*name;
    const unsigned high = sum & 0xf0000000;
    sum = (sum ^ high >> 24) & ~high;
  }
  return sum;
}

static const char* version_name(unsigned index) {
  const char* at = version_definitions;
  for (;;) {
    const Elf64_Verdef* const definition = (const Elf64_Verdef*)at;
    if (definition->vd_ndx == index) return strings + ((const Elf64_Verdaux*)(at + definition->vd_aux))->vda_name;
    if (definition->vd_next == 0) return "none";
    at += definition->vd_next;
  }
}

static void* look_up(const char* name) {
  for (unsigned i = hash[2 + hash_of(name) % hash[0]]; i != 0; i = hash[2 + hash[0] + i]) {
    if (strcmp(strings + symbols[i].st_name, name) != 0) continue;
    printf("%s: %s, type %d, binding %d\n", name, version_name(versions[i] & 0x7fff), ELF64_ST_TYPE(symbols[i].st_info),
           ELF64_ST_BIND(symbols[i].st_info));
    return base + symbols[i].st_value;
  }
  printf("%s: not there\n", name);
  return NULL;
}

static void read_object(void) {
  base = (char*)getauxval(AT_SYSINFO_EHDR);
  const Elf64_Ehdr* const header = (const Elf64_Ehdr*)base;
  SHOW(memcmp(header->e_ident, ELFMAG, SELFMAG));
  SHOW(header->e_type == ET_DYN && header->e_machine == EM_X86_64);
  SHOW(header->e_shnum > 0 && header->e_shoff != 0);
  const Elf64_Dyn* dynamic = NULL;
  const Elf64_Phdr* const segments = (const Elf64_Phdr*)(base + header->e_phoff);
  for (int i = 0; i < header->e_phnum; ++i) {
    const Elf64_Phdr* const segment = &segments[i];
    if (segment->p_type == PT_LOAD) printf("PT_LOAD at %lx, flags %x\n", segment->p_vaddr, segment->p_flags);
    if (segment->p_type == PT_GNU_EH_FRAME) puts("PT_GNU_EH_FRAME");
    if (segment->p_type == PT_NOTE) {
      const Elf64_Nhdr* const note = (const Elf64_Nhdr*)(base + segment->p_vaddr);
      printf("PT_NOTE: %s, type %d, Linux %s\n", (const char*)(note + 1), note->n_type, ((const unsigned*)note)[5] >= 0x060100 ? "6.1 or later" : "before 6.1");
    }
    if (segment->p_type == PT_DYNAMIC) dynamic = (const Elf64_Dyn*)(base + segment->p_offset);
  }
  unsigned long soname = 0;
  for (; dynamic->d_tag != DT_NULL; ++dynamic) {
    char* const at = base + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_SONAME) soname = dynamic->d_un.d_val;
    if (dynamic->d_tag == DT_STRTAB) strings = at;
    if (dynamic->d_tag == DT_SYMTAB) symbols = (const Elf64_Sym*)at;
    if (dynamic->d_tag == DT_HASH) hash = (const unsigned*)at;
    if (dynamic->d_tag == DT_VERSYM) versions = (const unsigned short*)at;
    if (dynamic->d_tag == DT_VERDEF) version_definitions = at;
  }
  printf("soname %s\n", strings + soname);
  vdso_clock_gettime = look_up("__vdso_clock_gettime");
  vdso_clock_getres = look_up("__vdso_clock_getres");
  vdso_gettimeofday = look_up("__vdso_gettimeofday");
  vdso_time = look_up("__vdso_time");
  vdso_getcpu = look_up("__vdso_getcpu");
  SHOW(look_up("clock_gettime") == vdso_clock_gettime);
  SHOW(look_up("clock_getres") == vdso_clock_getres);
  SHOW(look_up("gettimeofday") == vdso_gettimeofday);
  SHOW(look_up("time") == vdso_time);
  SHOW(look_up("getcpu") == vdso_getcpu);
  look_up("__kernel_clock_gettime");
}

// --- Times ---

static long nanoseconds(struct timespec time) { return time.tv_sec * 1000000000 + time.tv_nsec; }
static long called(int clock) {
  struct timespec now;
  return syscall(SYS_clock_gettime, clock, &now) == 0 ? nanoseconds(now) : -1;
}
static long read_here(int clock) {
  struct timespec now;
  return vdso_clock_gettime(clock, &now) == 0 ? nanoseconds(now) : -1;
}

static void clocks(void) {
  for (int clock = 0; clock <= 11; ++clock) {
    if (clock >= 8 && clock <= 10) continue;  // those of alarms want a clock that goes on when the machine is off
    int back = 0;
    for (int i = 0; i < 300; ++i) {
      const long first = called(clock), second = read_here(clock), third = called(clock);
      back += first > second || second > third;
    }
    struct timespec here = {-1, -1}, there = {-2, -2};
    const int result = vdso_clock_getres(clock, &here);
    syscall(SYS_clock_getres, clock, &there);
    printf("clock %d: went back %d times, resolution %d, %s\n", clock, back, result, nanoseconds(here) == nanoseconds(there) ? "the same" : "another");
  }
  struct timespec now;
  for (int clock = 12; clock < 50; clock += 28) printf("clock %d: %d, %d\n", clock, vdso_clock_gettime(clock, &now), vdso_clock_getres(clock, &now));
  printf("clock -1: %d, %d\n", vdso_clock_gettime(-1, &now), vdso_clock_getres(-1, &now));
  SHOW(vdso_clock_getres(CLOCK_MONOTONIC, NULL));
  SHOW(vdso_clock_getres(12, NULL));

  struct timeval day = {-1, -1};
  struct timezone zone = {5, 5};
  const long before = called(CLOCK_REALTIME) / 1000;
  SHOW(vdso_gettimeofday(&day, &zone));
  const long after = called(CLOCK_REALTIME) / 1000, between = day.tv_sec * 1000000 + day.tv_usec;
  printf("gettimeofday: %d, zone %d %d\n", before <= between && between <= after, zone.tz_minuteswest, zone.tz_dsttime);
  SHOW(vdso_gettimeofday(NULL, NULL));
  zone.tz_dsttime = 3;
  SHOW(vdso_gettimeofday(NULL, &zone));
  SHOW(zone.tz_dsttime);
  time_t stored = 0;
  const time_t seconds = vdso_time(&stored);
  SHOW(stored == seconds && syscall(SYS_time, NULL) - seconds <= 1 && vdso_time(NULL) - seconds <= 1);
  unsigned cpu = 9999, node = 9999;
  SHOW(vdso_getcpu(&cpu, &node, NULL));
  SHOW(cpu < 1024 && node < 64);
  SHOW(vdso_getcpu(NULL, NULL, NULL));
}

// No processor reads a time before one that another had read.
static void across_processes(void) {
  static volatile long* latest;
  latest = shared_memory(4096);
  for (int i = 0; i < 4; ++i) {
    if (fork_flushed() != 0) continue;
    for (int turn = 0; turn < 2000; ++turn) {
      const long before = latest[0];
      const long now = turn % 3 == 0 ? called(CLOCK_MONOTONIC) : read_here(CLOCK_MONOTONIC);
      if (now < before) __atomic_add_fetch(&latest[1], 1, __ATOMIC_SEQ_CST);
      for (long seen = latest[0]; seen < now && !__atomic_compare_exchange_n(&latest[0], &seen, now, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);) continue;
    }
    leave(0);
  }
  while (wait(NULL) > 0) continue;
  printf("between processes it went back %ld times\n", latest[1]);
}

// --- Pointers that lead nowhere: it is the program that stores ---

static sigjmp_buf back;
static void on_fault(int signal, siginfo_t* info, void* context) { siglongjmp(back, info->si_addr == (void*)8 ? signal : -signal); }

#define FAULTS(call)                                                  \
  do {                                                                \
    const int signal = sigsetjmp(back, 1);                            \
    if (signal != 0) printf("%s: signal %d\n", #call, signal);        \
    else printf("%s = %ld\n", #call, (long)(call));                   \
  } while (0)

static void bad_pointers(void) {
  sigaction(SIGSEGV, &(struct sigaction){.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO}, NULL);
  void* const nowhere = (void*)8;
  FAULTS(vdso_clock_gettime(CLOCK_MONOTONIC, nowhere));
  FAULTS(vdso_clock_gettime(CLOCK_MONOTONIC_COARSE, nowhere));
  FAULTS(vdso_clock_gettime(CLOCK_THREAD_CPUTIME_ID, nowhere));
  FAULTS(vdso_clock_getres(CLOCK_REALTIME, nowhere));
  FAULTS(vdso_clock_getres(CLOCK_THREAD_CPUTIME_ID, nowhere));
  FAULTS(vdso_gettimeofday(nowhere, NULL));
  FAULTS(vdso_gettimeofday(NULL, nowhere));
  FAULTS(vdso_time(nowhere));
  FAULTS(vdso_getcpu(nowhere, NULL, NULL));
  FAULTS(vdso_getcpu(NULL, nowhere, NULL));
  signal(SIGSEGV, SIG_DFL);
}

// --- Mappings ---

static void show_mappings(void) {
  FILE* const maps = fopen("/proc/self/smaps", "r");
  char line[300], permissions[5], device[10], name[100];
  unsigned long start, end, offset, inode;
  int ours = 0;
  while (fgets(line, sizeof line, maps) != NULL) {
    if (sscanf(line, "%lx-%lx %4s %lx %9s %lu %99s", &start, &end, permissions, &offset, device, &inode, name) == 7) {
      const int vdso = strcmp(name, "[vdso]") == 0;
      ours = vdso || strcmp(name, "[vvar]") == 0;
      if (!ours) continue;
      if (!vdso) vvar = (char*)start;
      printf("%s: %s %lx %s %lu", name, permissions, offset, device, inode);
      if (vdso) printf(", %ld pages, at base %d", (end - start) / 4096, (char*)start == base);
      else printf(", below base %d", (char*)end <= base);
      puts("");
    } else if (ours && (strncmp(line, "VmFlags", 7) == 0 || strncmp(line, "Anonymous:", 10) == 0)) {
      fputs(line, stdout);
    }
  }
  fclose(maps);
}

static void in_child(const char* what, void (*does)(void)) {
  puts(what);
  const pid_t child = fork_flushed();
  if (child == 0) no_core_file(), does(), leave(0);
  int status;
  waitpid(child, &status, 0);
  show_status("child", status);
}

static void refused(void) {
  TRY(mprotect(vvar, 4096, PROT_READ | PROT_WRITE));
  TRY(mprotect(vvar, 16384, PROT_READ | PROT_WRITE));
  TRY(mprotect(vvar, 16384, PROT_READ | PROT_EXEC));
  TRY(mprotect(base, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
  TRY(munmap(base, 4096));
  TRY(munmap(base + 4096, 4096));
  TRY(mremap(base, 8192, 12288, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
  TRY(mremap(base, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, vvar - (1 << 20)) == MAP_FAILED ? -1 : 0);
  TRY(mremap(base, 8192, 8192, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL) == MAP_FAILED ? -1 : 0);
  TRY(mremap(base, 0, 8192, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
  TRY(madvise(vvar, 16384, MADV_DONTNEED));
  TRY(madvise(vvar, 16384, MADV_DOFORK));
  TRY(madvise(vvar, 16384, MADV_DODUMP));
  TRY(madvise(base, 8192, MADV_DODUMP));
  TRY(madvise(base, 8192, MADV_FREE));
  TRY(madvise(base, 8192, MADV_REMOVE));
  TRY(madvise(base, 8192, MADV_MERGEABLE));
  TRY(madvise(base, 8192, MADV_DONTNEED));
  TRY(mlock(base, 8192));
  unsigned char there[2] = {7, 7};
  TRY(mincore(base, 8192, there));
  printf("in core: %d %d\n", there[0], there[1]);
  show_mappings();
}
static void read_remotely(void) {
  char bytes[8] = "";
  const struct iovec to = {bytes, 4};
  TRY(process_vm_readv(getpid(), &to, 1, &(struct iovec){base, 4}, 1, 0));
  printf("%s\n", bytes + 1);
  TRY(process_vm_readv(getpid(), &to, 1, &(struct iovec){vvar, 4}, 1, 0));
  const int memory = open("/proc/self/mem", O_RDWR);
  TRY(pread(memory, bytes, 4, (long)base));
  TRY(pread(memory, bytes, 4, (long)vvar));
  TRY(pwrite(memory, bytes, 4, (long)vvar));
  int ends[2];
  TRY(pipe(ends));
  TRY(write(ends[1], vvar, 8));
  TRY(read(ends[0], vvar, 8));
  TRY(write(ends[1], base, 8));
  TRY(read(ends[0], base, 8));
}
static void pokes(void) {
  const pid_t child = fork_flushed();
  if (child == 0) {
    ptrace(PTRACE_TRACEME);
    raise(SIGSTOP);
    _exit(vdso_time(NULL) == 77 ? 55 : 66);
  }
  waitpid(child, NULL, 0);
  errno = 0;
  ptrace(PTRACE_PEEKDATA, child, vvar, NULL);
  printf("peek at vvar: %s\n", strerrorname_np(errno));
  TRY(ptrace(PTRACE_PEEKDATA, child, base, NULL) == *(long*)base ? 0 : -1);
  TRY(ptrace(PTRACE_POKEDATA, child, vvar, 0));
  TRY(ptrace(PTRACE_POKEDATA, child, vdso_time, 0xc30000004db8));  // mov eax, 77; ret
  TRY(ptrace(PTRACE_CONT, child, NULL, NULL));
  show_end("its own copy", child);
  printf("here it tells the time: %d\n", vdso_time(NULL) > 77);
}
static void own_copy(void) {
  TRY(mprotect(base, 8192, PROT_READ | PROT_WRITE | PROT_EXEC));
  memcpy(vdso_time, "\xb8\x4d\0\0\0\xc3", 6);
  printf("changed: %ld\n", vdso_time(NULL));
  show_mappings();
  if (fork_flushed() == 0) {
    printf("in a child: %ld\n", vdso_time(NULL));
    fflush(stdout);
    TRY(madvise(base, 8192, MADV_DONTNEED));
    printf("and anew: %d\n", vdso_time(NULL) > 77);
    leave(0);
  }
  wait(NULL);
}
static void moves(void) {
  char* const to = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(mremap(base, 8192, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
  base = to;
  show_mappings();
  printf("%.3s\n", base + 1);
}
static void unmaps(void) {
  TRY(munmap(base, 8192));
  show_mappings();
  SHOW(called(CLOCK_MONOTONIC) > 0);
  fflush(stdout);
  read_here(CLOCK_MONOTONIC);
}
static void hides_data(void) {
  TRY(mprotect(vvar, 16384, PROT_NONE));
  SHOW(called(CLOCK_MONOTONIC) > 0);
  fflush(stdout);
  read_here(CLOCK_MONOTONIC);
}
static void writes(void) { *(volatile char*)base = 1; }
static void writes_data(void) { *(volatile char*)vvar = 1; }
static void reads_behind(void) { (void)*(volatile char*)(vvar + 12288); }
static void executes(void) {
  own_copy();
  char* arguments[] = {"vdso", "again", NULL};
  TRY(execve("/proc/self/exe", arguments, (char*[]){NULL}));
}

int main(int argc, char** argv) {
  read_object();
  show_mappings();
  clocks();
  if (argc > 1) return 7;
  across_processes();
  bad_pointers();
  in_child("refused", refused);
  in_child("read remotely", read_remotely);
  in_child("poked", pokes);
  in_child("changed", own_copy);
  in_child("moved", moves);
  in_child("unmapped", unmaps);
  in_child("without data", hides_data);
  in_child("written", writes);
  in_child("data written", writes_data);
  in_child("behind the data", reads_behind);
  in_child("executed", executes);
  show_mappings();
  return 0;
}
