// What the tests of kernel images have done: umask | kallsyms | kexec | off | wild | threads.
#include <errno.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long load(unsigned long count, void* segments, unsigned long flags) {
  return syscall(SYS_kexec_load, 0x400000, count, segments, flags) < 0 ? -errno : 0;
}
static long reboot_by(unsigned magic, unsigned command) {
  return syscall(SYS_reboot, magic, LINUX_REBOOT_MAGIC2, command, NULL) < 0 ? -errno : 0;
}

static void try_kexec(void) {
  static char code[64];
  const size_t page = 0x10000;
  struct kexec_segment good = {code, sizeof code, (void*)0x400000, page};
  struct kexec_segment unaligned = good, outside = good, longer = good, nowhere = good, two[2] = {good, good};
  const unsigned long other = sizeof(long) == 8 && *(const char*)&(int){1} ? KEXEC_ARCH_PPC64 : KEXEC_ARCH_X86_64;
  unaligned.mem = (void*)0x400100;
  outside.mem = (void*)0x7000000000;
  longer.bufsz = 2 * page;
  nowhere.buf = (void*)16;
  // None of them loads anything, so that their order does not matter.
  printf("flags %ld, other architecture %ld, crash %ld, many %ld, unaligned %ld, outside %ld, longer %ld, overlapping %ld, not there %ld, ", load(1, &good, 8),
         load(1, &good, other), load(1, &good, KEXEC_ON_CRASH), load(17, &good, 0), load(1, &unaligned, 0), load(1, &outside, 0), load(1, &longer, 0),
         load(2, two, 0), load(1, &nowhere, 0));
  printf("none loaded %ld, ", reboot_by(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_CMD_KEXEC));
  load(1, &good, 0);
  printf("unloaded %ld", load(0, NULL, 0));
  printf(" %ld, magic %ld\n", reboot_by(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_CMD_KEXEC), reboot_by(1, LINUX_REBOOT_CMD_POWER_OFF));
}

static void* nap(void* unused) {
  for (int i = 0; i < 20; ++i) usleep(500);
  return unused;
}
static void try_threads(void) {
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, nap, NULL);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
}

int main(int argc, char** argv) {
  if (argc < 2) return 1;
  if (strcmp(argv[1], "umask") == 0) umask(022);
  if (strcmp(argv[1], "kexec") == 0) try_kexec();
  if (strcmp(argv[1], "off") == 0) reboot_by(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_CMD_POWER_OFF);
  if (strcmp(argv[1], "wild") == 0) *(volatile int*)8 = 1;
  if (strcmp(argv[1], "threads") == 0) try_threads();
  if (strcmp(argv[1], "kallsyms") == 0) {
    char line[256];
    FILE* const symbols = fopen("/proc/kallsyms", "r");
    while (fgets(line, sizeof line, symbols) != NULL) {
      if (strstr(line, " T twice\n") != NULL) fputs(line, stdout);
    }
  }
  return 0;
}
