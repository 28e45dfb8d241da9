// ELF files that execve(2) loads, refuses, or starts only to see the process killed (fs/binfmt_elf.c): each is
// made here and executed through its descriptor.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define PAGE 65536
#define BASE 0x10000000
#define OTHER_BASE 0x20000000

#ifdef __powerpc64__
#define MACHINE EM_PPC64
#define DATA ELFDATA2MSB
#define FLAGS 1
#else
#define MACHINE EM_X86_64
#define DATA ELFDATA2LSB
#define FLAGS 0
#endif

enum { kHeaders = 64, kCode = 0x400, kDescriptor = 0x500, kName = 0x600, kSize = PAGE };  // so that nothing of a page is to be cleared

struct Image {
  unsigned char bytes[2 * PAGE];
  size_t size;
};

static Elf64_Ehdr *header(struct Image *image) { return (Elf64_Ehdr *)image->bytes; }
static Elf64_Phdr *segment(struct Image *image, int n) { return (Elf64_Phdr *)(image->bytes + kHeaders) + n; }

// exit(status)
static size_t code(unsigned char *at, int status) {
#ifdef __powerpc64__
  const uint32_t words[] = {0x38600000u | status, 0x38000001, 0x44000002};
  memcpy(at, words, sizeof words);
  return sizeof words;
#else
  const unsigned char bytes[] = {0xbf, status, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};
  memcpy(at, bytes, sizeof bytes);
  return sizeof bytes;
#endif
}

// One segment with everything in it, a second header that is free.
static struct Image *program(int type, uint64_t base, int status) {
  static struct Image made[4];
  static int n;
  struct Image *image = &made[n++ % 4];
  memset(image, 0, sizeof *image);
  image->size = kSize;
  uint64_t entry = base + kCode;
  code(image->bytes + kCode, status);
#ifdef __powerpc64__
  uint64_t descriptor[2] = {entry, 0};
  memcpy(image->bytes + kDescriptor, descriptor, sizeof descriptor);
  entry = base + kDescriptor;
#endif
  *header(image) = (Elf64_Ehdr){.e_type = type,
                                .e_machine = MACHINE,
                                .e_version = 1,
                                .e_entry = entry,
                                .e_phoff = kHeaders,
                                .e_flags = FLAGS,
                                .e_ehsize = 64,
                                .e_phentsize = sizeof(Elf64_Phdr),
                                .e_phnum = 3};
  memcpy(header(image)->e_ident, ELFMAG, SELFMAG);
  header(image)->e_ident[EI_CLASS] = ELFCLASS64;
  header(image)->e_ident[EI_DATA] = DATA;
  header(image)->e_ident[EI_VERSION] = 1;
  *segment(image, 0) = (Elf64_Phdr){.p_type = PT_LOAD,
                                    .p_flags = PF_R | PF_X,
                                    .p_vaddr = base,
                                    .p_filesz = kSize,
                                    .p_memsz = kSize,
                                    .p_align = PAGE};
  return image;
}

static void interpret(struct Image *image, const char *name) {
  strcpy((char *)image->bytes + kName, name);
  *segment(image, 1) = (Elf64_Phdr){
      .p_type = PT_INTERP, .p_flags = PF_R, .p_offset = kName, .p_filesz = strlen(name) + 1, .p_align = 1};
}

static int file_of(struct Image *image) {
  int fd = memfd_create("program", 0);
  if (write(fd, image->bytes, image->size) != (ssize_t)image->size) abort();
  return fd;
}

static const char *path_of(int fd) {
  static char path[2][64];
  static int n;
  char *at = path[n++ % 2];
  sprintf(at, "/proc/self/fd/%d", fd);
  return at;
}


static void run(const char *what, struct Image *image) {
  const int fd = file_of(image);
  fflush(stdout);
  if (fork() == 0) {
    char *arguments[] = {"program", NULL};
    execve(path_of(fd), arguments, environ);
    printf("%s: %s\n", what, strerrorname_np(errno));
    fflush(stdout);
    _exit(0);
  }
  int status;
  wait(&status);
  if (WIFSIGNALED(status)) printf("%s: killed by %d\n", what, WTERMSIG(status));
  else if (WEXITSTATUS(status) != 0) printf("%s: runs, status %d\n", what, WEXITSTATUS(status));
  fflush(stdout);
  close(fd);
}

static void with_interpreter(const char *what, const char *name) {
  struct Image *image = program(ET_DYN, 0, 42);
  interpret(image, name);
  run(what, image);
}

static void with_interpreter_file(const char *what, struct Image *interpreter, mode_t mode) {
  int fd = file_of(interpreter);
  fchmod(fd, mode);
  with_interpreter(what, path_of(fd));
  close(fd);
}

static void kinds(void) {
  run("ET_EXEC", program(ET_EXEC, BASE, 42));
  run("ET_DYN", program(ET_DYN, 0, 42));
  run("ET_DYN at an address of its own", program(ET_DYN, BASE, 42));
  with_interpreter_file("interpreter", program(ET_DYN, 0, 43), 0755);
  with_interpreter_file("interpreter at a fixed address", program(ET_EXEC, OTHER_BASE, 43), 0755);
  struct Image *image = program(ET_EXEC, BASE, 42);
  int fd = file_of(program(ET_DYN, 0, 43));
  interpret(image, path_of(fd));
  run("ET_EXEC with an interpreter", image);
  close(fd);
  image = program(ET_DYN, 0, 42);
  segment(image, 0)->p_align = 1 << 21;
  run("ET_DYN of a large alignment", image);
}

static void interpreters(void) {
  with_interpreter("missing interpreter", "/no/such/interpreter");
  with_interpreter("a folder", "/proc");
  with_interpreter("a device", "/dev/null");
  with_interpreter("no name", "");
  with_interpreter_file("interpreter that may not be executed", program(ET_DYN, 0, 43), 0644);
  struct Image *text = program(ET_DYN, 0, 43);
  memset(text->bytes, 'x', 100);
  with_interpreter_file("text", text, 0755);
  text->size = 63;
  with_interpreter_file("too short", text, 0755);
  struct Image *wrong = program(ET_DYN, 0, 43);
  header(wrong)->e_machine = EM_AARCH64;
  with_interpreter_file("for another processor", wrong, 0755);
  wrong = program(ET_DYN, 0, 43);
  header(wrong)->e_phentsize = 55;
  with_interpreter_file("interpreter with odd headers", wrong, 0755);
  wrong = program(ET_DYN, 0, 43);
  header(wrong)->e_phnum = 0;
  with_interpreter_file("interpreter without headers", wrong, 0755);
  wrong = program(ET_REL, 0, 43);
  with_interpreter_file("an object file", wrong, 0755);
  wrong = program(ET_DYN, 0, 43);
  segment(wrong, 0)->p_type = PT_NULL;
  with_interpreter_file("with nothing to load", wrong, 0755);
  // An interpreter's own interpreter is not looked at.
  wrong = program(ET_DYN, 0, 43);
  interpret(wrong, "/no/such/interpreter");
  with_interpreter_file("interpreter that names another", wrong, 0755);
}

static void names(void) {
  struct Image *image = program(ET_DYN, 0, 42);
  interpret(image, "/no/such/interpreter");
  segment(image, 1)->p_filesz -= 1;
  run("name without an end", image);
  segment(image, 1)->p_filesz = 1;
  run("name of one byte", image);
  segment(image, 1)->p_filesz = 4097;
  run("name that is too long", image);
  segment(image, 1)->p_filesz = 20;
  segment(image, 1)->p_offset = kSize - 10;
  run("name that is cut off", image);
}

static void headers(void) {
  struct Image *image = program(ET_EXEC, BASE, 42);
  header(image)->e_phnum = 0;
  run("no headers", image);
  header(image)->e_phnum = 0xffff;
  run("too many headers", image);
  header(image)->e_phnum = 1;
  header(image)->e_phentsize = 64;
  run("headers of 64 bytes", image);
  header(image)->e_phentsize = 56;
  header(image)->e_phoff = kSize;
  run("headers that are cut off", image);
  image = program(ET_REL, BASE, 42);
  run("ET_REL", image);
  image = program(ET_EXEC, BASE, 42);
  image->size = 20;
  run("short file", image);
  image->size = 0;
  run("empty file", image);
}

static void segments(void) {
  struct Image *image = program(ET_EXEC, BASE, 42);
  segment(image, 0)->p_memsz = kSize - 1;
  run("less memory than file", image);
  image = program(ET_EXEC, BASE, 42);
  segment(image, 0)->p_offset = 1;
  run("out of step with pages", image);
  image = program(ET_EXEC, BASE, 42);
  segment(image, 0)->p_memsz = 1ull << 63;
  run("larger than memory", image);
  image = program(ET_DYN, 0, 42);
  segment(image, 0)->p_type = PT_NULL;
  run("nothing to load", image);
  // The second lies over the first, and has other code in the file.
  image = program(ET_EXEC, BASE, 42);
  image->size = 2 * PAGE;
  memcpy(image->bytes + PAGE, image->bytes, PAGE);
  code(image->bytes + PAGE + kCode, 44);
  *segment(image, 2) = *segment(image, 0);
  segment(image, 2)->p_offset = PAGE;
  run("overlapping", image);
  // What lies behind the end of the file.
  image = program(ET_EXEC, BASE, 42);
  segment(image, 0)->p_filesz = segment(image, 0)->p_memsz = 4 * PAGE;
  run("cut off, elsewhere", image);
  image = program(ET_EXEC, BASE, 42);
  segment(image, 0)->p_memsz = 2 * PAGE;
  run("zeroes behind what cannot be written", image);
  image = program(ET_EXEC, BASE, 42);
  *segment(image, 2) = (Elf64_Phdr){
      .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = OTHER_BASE, .p_memsz = PAGE, .p_align = PAGE};
  run("zeroes alone", image);
}

int main(void) {
  kinds();
  interpreters();
  names();
  headers();
  segments();
}
