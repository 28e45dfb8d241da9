// perf record -g on kernel_flag and perf report, as in Frederic Weisbecker's RFC of 2009, in one program:
// clients in the way of dbench stress the file system of scenarios/kernel/modules/bkl_fs.c, while a
// breakpoint of each CPU counts and samples who accesses the big kernel lock. What it has seen has to be what
// the kernel counted.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define noinline __attribute__((__noinline__, __noclone__))
#define FOLDER "/mnt/bkl"

enum operation { OPEN, PREAD, PWRITE, CLOSE, UNLINK, MKDIR, RENAME, OPERATIONS };
static const char* const operation_names[OPERATIONS] = {"open",   "pread64", "pwrite64", "close",
                                                        "unlink", "mkdir",   "rename"};
enum side { LOCK, UNLOCK, SIDES };
static const char* const side_names[SIDES] = {"lock_kernel", "unlock_kernel"};

static _Noreturn void fail(const char* format, ...) {
  va_list args;

  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  exit(1);
}

// A client: files of its own folder, and what they are to contain.
#define FILES 4
#define FILE_BYTES 8192
#define MAX_CHUNK 1024
struct client {
  unsigned int number;
  uint64_t chance;
  struct file {
    int fd;  // -1: there is none
    unsigned int name;
    size_t size;
    unsigned char content[FILE_BYTES];
  } files[FILES];
};
static unsigned long* calls_made;  // of all clients, by operation

static unsigned int by_chance(struct client* client, unsigned int below) {
  client->chance = client->chance * 6364136223846793005u + 1442695040888963407u;
  return (unsigned int)(client->chance >> 33) % below;
}

static void path_of(char* path, const struct client* client, const struct file* file) {
  sprintf(path, FOLDER "/client%u/%u", client->number, file->name);
}

struct request {
  enum operation operation;
  const char* path;
  const char* new_path;
  int fd;
  void* bytes;
  size_t size;
  off_t at;
};

// The functions of libc have no frame of their own, so that who calls them is left out of call chains by
// frame pointers: it is this function, and not the do_...() that is to be seen.
static noinline long perform(const struct request* request) {
  long result = -1;

  switch (request->operation) {
    case OPEN:
      result = open(request->path, O_RDWR | O_CREAT | O_EXCL, 0644);
      break;
    case PREAD:
      result = pread(request->fd, request->bytes, request->size, request->at);
      break;
    case PWRITE:
      result = pwrite(request->fd, request->bytes, request->size, request->at);
      break;
    case CLOSE:
      result = close(request->fd);
      break;
    case UNLINK:
      result = unlink(request->path);
      break;
    case MKDIR:
      result = mkdir(request->path, 0755);
      break;
    case RENAME:
      result = rename(request->path, request->new_path);
      break;
    default:
      break;
  }
  if (result < 0) fail("%s: %s", operation_names[request->operation], strerror(errno));
  __atomic_fetch_add(&calls_made[request->operation], 1, __ATOMIC_RELAXED);
  return result;
}

static noinline void do_mkdir(struct client* client) {
  char path[64];

  sprintf(path, FOLDER "/client%u", client->number);
  perform(&(struct request){.operation = MKDIR, .path = path});
}

static noinline void do_create(struct client* client, struct file* file) {
  char path[64];

  file->name++;
  file->size = 0;
  memset(file->content, 0, sizeof(file->content));
  path_of(path, client, file);
  file->fd = (int)perform(&(struct request){.operation = OPEN, .path = path});
}

static noinline void do_write(struct client* client, struct file* file) {
  size_t size = 1 + by_chance(client, MAX_CHUNK), at = by_chance(client, FILE_BYTES - MAX_CHUNK);

  memset(file->content + at, 'a' + (int)by_chance(client, 26), size);
  if (at + size > file->size) file->size = at + size;
  if (perform(&(struct request){
          .operation = PWRITE, .fd = file->fd, .bytes = file->content + at, .size = size, .at = (off_t)at}) !=
      (long)size)
    fail("a short write");
}

static noinline void do_read(struct client* client, struct file* file) {
  unsigned char bytes[MAX_CHUNK];
  size_t at = by_chance(client, FILE_BYTES - MAX_CHUNK);
  size_t expected = at >= file->size ? 0 : file->size - at < MAX_CHUNK ? file->size - at : MAX_CHUNK;

  if (perform(&(struct request){
          .operation = PREAD, .fd = file->fd, .bytes = bytes, .size = MAX_CHUNK, .at = (off_t)at}) !=
          (long)expected ||
      memcmp(bytes, file->content + at, expected))
    fail("client %u reads something else than it wrote", client->number);
}

static noinline void do_rename(struct client* client, struct file* file) {
  char from[64], to[64];

  path_of(from, client, file);
  file->name += FILES << 16;
  path_of(to, client, file);
  perform(&(struct request){.operation = RENAME, .path = from, .new_path = to});
}

static noinline void do_unlink(struct client* client, struct file* file) {
  char path[64];

  path_of(path, client, file);
  perform(&(struct request){.operation = UNLINK, .path = path});
}

static noinline void do_close(struct file* file) {
  perform(&(struct request){.operation = CLOSE, .fd = file->fd});
  file->fd = -1;
}

static noinline void remove_file(struct client* client, struct file* file) {
  // Now and then one that is open.
  if (by_chance(client, 2)) {
    do_unlink(client, file);
    do_close(file);
  } else {
    do_close(file);
    do_unlink(client, file);
  }
}

static noinline void run_client(unsigned int number, unsigned int rounds) {
  static struct client client;

  client.number = number;
  client.chance = number + 1;
  for (unsigned int i = 0; i < FILES; i++) client.files[i] = (struct file){.fd = -1, .name = i << 16};
  do_mkdir(&client);
  for (unsigned int i = 0; i < rounds; i++) {
    struct file* file = &client.files[by_chance(&client, FILES)];
    unsigned int what = by_chance(&client, 16);

    if (file->fd < 0)
      do_create(&client, file);
    else if (what < 9)
      do_write(&client, file);
    else if (what < 12)
      do_read(&client, file);
    else if (what < 13)
      do_rename(&client, file);
    else
      remove_file(&client, file);
  }
  for (unsigned int i = 0; i < FILES; i++)
    if (client.files[i].fd >= 0) remove_file(&client, &client.files[i]);
}

// Functions by their addresses, the program's and the kernel's.
struct function {
  uint64_t start;
  uint64_t size;  // 0: up to the next
  const char* name;
};
struct functions {
  struct function* all;
  size_t count;
};

static void add_function(struct functions* to, struct function function) {
  if (!(to->count & (to->count + 1))) to->all = realloc(to->all, (2 * to->count + 1) * sizeof(*to->all));
  if (!to->all) fail("no memory");
  to->all[to->count++] = function;
}

// Of several names of one function the last is shown: __pwrite64, and not __libc_pwrite or pwrite64.
static int name_rank(const char* name) { return name[0] == '_' && strncmp(name, "__libc_", 7) != 0; }
static int compare_functions(const void* a, const void* b) {
  const struct function *f = a, *g = b;

  if (f->start != g->start) return f->start < g->start ? -1 : 1;
  if (name_rank(f->name) != name_rank(g->name)) return name_rank(f->name) - name_rank(g->name);
  return strcmp(f->name, g->name);
}
static void sort_functions(struct functions* functions) {
  qsort(functions->all, functions->count, sizeof(*functions->all), compare_functions);
}

static const struct function* function_at(const struct functions* functions, uint64_t address) {
  size_t low = 0, high = functions->count;
  const struct function* found;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (functions->all[middle].start <= address)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0) return NULL;
  found = &functions->all[low - 1];
  return found->size && address - found->start >= found->size ? NULL : found;
}

// Of /proc/kallsyms: its functions, and where kernel_flag is.
static uint64_t read_kallsyms(struct functions* kernel) {
  FILE* file = fopen("/proc/kallsyms", "r");
  char line[512], type, name[256];
  unsigned long long address;
  uint64_t kernel_flag = 0;

  if (!file) fail("/proc/kallsyms: %s", strerror(errno));
  while (fgets(line, sizeof(line), file)) {
    if (sscanf(line, "%llx %c %255s", &address, &type, name) != 3) continue;
    if (!strcmp(name, "kernel_flag")) kernel_flag = address;
    if (type == 't' || type == 'T') add_function(kernel, (struct function){address, 0, strdup(name)});
  }
  fclose(file);
  sort_functions(kernel);
  return kernel_flag;
}

static void* read_whole(const char* path) {
  int fd = open(path, O_RDONLY);
  struct stat status;
  void* bytes;

  if (fd < 0 || fstat(fd, &status)) fail("%s: %s", path, strerror(errno));
  bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) fail("%s: %s", path, strerror(errno));
  close(fd);
  return bytes;
}

static void read_own_symbols(struct functions* own) {
  const char* elf = read_whole("/proc/self/exe");
  const Elf64_Ehdr* header = (const void*)elf;
  const Elf64_Shdr* sections = (const void*)(elf + header->e_shoff);

  for (unsigned int i = 0; i < header->e_shnum; i++) {
    const Elf64_Sym *symbol = (const void*)(elf + sections[i].sh_offset),
                    *end = symbol + sections[i].sh_size / sizeof(*symbol);
    const char* names = elf + sections[sections[i].sh_link].sh_offset;

    if (sections[i].sh_type != SHT_SYMTAB) continue;
    for (; symbol < end; symbol++) {
      uint64_t start = symbol->st_value;

      if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF) continue;
#ifdef __powerpc64__
      start = *(const uint64_t*)start;  // of the descriptor
#endif
      add_function(own, (struct function){start, symbol->st_size, names + symbol->st_name});
    }
  }
  sort_functions(own);
}

static uint64_t code_of(void* function) {
#ifdef __powerpc64__
  return *(uint64_t*)function;
#else
  return (uint64_t)function;
#endif
}

// What the breakpoints saw: how often an instruction of the kernel hit, for callers in the program. Names are
// looked up when all is over: while the clients run, a buffer has to be emptied faster than they fill it.
#define CALLERS 6
#define MAX_CHAINS 4096  // a power of two
struct chain {
  uint64_t ip;
  uint64_t callers[CALLERS];  // innermost first
  unsigned long count;        // 0: none
};
static struct chain chains[MAX_CHAINS];
static unsigned long samples;

static void count_chain(const struct chain* chain) {
  uint64_t place = chain->ip;

  for (int i = 0; i < CALLERS; i++) place = place * 31 + chain->callers[i];
  for (unsigned int tries = 0; tries < MAX_CHAINS; tries++, place++) {
    struct chain* known = &chains[place % MAX_CHAINS];

    if (!known->count) *known = *chain;
    if (known->ip != chain->ip || memcmp(known->callers, chain->callers, sizeof(chain->callers))) continue;
    known->count++;
    samples++;
    return;
  }
  fail("more than %d call chains", MAX_CHAINS);
}

// The buffer of a CPU, in words: where those of a sample are, by its sample_type.
#define RING_BYTES (1u << 21)
#define RING_WORDS (RING_BYTES / 8)
enum { HEADER, IP, TID, TIME, ADDR, CHAIN_LENGTH, CHAIN };
struct ring {
  int fd;
  struct perf_event_mmap_page* page;
  const uint64_t* words;
};

static uint64_t word(const struct ring* ring, uint64_t at) { return ring->words[at % RING_WORDS]; }

static void take_sample(const struct ring* ring, uint64_t at, uint64_t watched) {
  extern const char __executable_start, etext;
  struct chain chain = {.ip = word(ring, at + IP)};
  uint64_t i = at + CHAIN, end = i + word(ring, at + CHAIN_LENGTH);
  unsigned int callers = 0;

  if (word(ring, at + ADDR) != watched) fail("a hit at %#llx", (unsigned long long)word(ring, at + ADDR));
  while (i < end && word(ring, i++) != (uint64_t)PERF_CONTEXT_USER) {
  }
  // Not all are: PowerPC's stubs have a frame without a return address, and x86-64's open() has the frame
  // pointer for something else, so that nobody knows who called it.
  for (; i < end && callers < CALLERS; i++) {
    if (word(ring, i) < (uint64_t)&__executable_start || word(ring, i) >= (uint64_t)&etext) continue;
    chain.callers[callers++] = word(ring, i);
  }
  count_chain(&chain);
}

static void drain(struct ring* ring, uint64_t watched) {
  uint64_t tail = ring->page->data_tail / 8;

  while (tail < __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE) / 8) {
    const struct perf_event_header* header = (const void*)&ring->words[tail % RING_WORDS];

    if (header->type == PERF_RECORD_SAMPLE) take_sample(ring, tail, watched);
    tail += header->size / 8;
    __atomic_store_n(&ring->page->data_tail, tail * 8, __ATOMIC_RELEASE);
  }
}

static void open_ring(struct ring* ring, int cpu, uint64_t watched) {
  struct perf_event_attr attr = {
      .type = PERF_TYPE_BREAKPOINT,
      .size = sizeof(attr),
      .sample_period = 1,
      .sample_type =
          PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR | PERF_SAMPLE_CALLCHAIN,
      .read_format = PERF_FORMAT_LOST,
      .disabled = 1,
      .watermark = 1,
      .wakeup_watermark = RING_BYTES / 4,
      .bp_type = HW_BREAKPOINT_RW,
      .bp_addr = watched,
      .bp_len = HW_BREAKPOINT_LEN_4,
  };
  size_t page = (size_t)sysconf(_SC_PAGESIZE);

  ring->fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, 0);
  if (ring->fd < 0) fail("perf_event_open: CPU %d: %s", cpu, strerror(errno));
  ring->page = mmap(NULL, page + RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
  if (ring->page == MAP_FAILED) fail("the buffer of CPU %d: %s", cpu, strerror(errno));
  ring->words = (const void*)((const char*)ring->page + page);
}

// Clients hold the end of a pipe that is written to; it hangs up when all have ended.
static void run_clients(unsigned int clients, unsigned int rounds, struct ring* rings, int cpus,
                        uint64_t watched) {
  // As perf record -r does: those that spin for the lock fill buffers faster than a fair share empties them.
  const struct sched_param priority = {.sched_priority = 1};
  struct pollfd waited[CPU_SETSIZE + 1];
  int ends[2], status;

  if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority))
    fail("SCHED_FIFO: %s", strerror(errno));
  if (pipe(ends)) fail("pipe: %s", strerror(errno));
  for (unsigned int i = 0; i < clients; i++) {
    pid_t pid = fork();

    if (pid < 0) fail("fork: %s", strerror(errno));
    if (pid == 0) {
      run_client(i, rounds);
      _exit(0);
    }
  }
  close(ends[1]);
  for (int i = 0; i < cpus; i++) waited[i] = (struct pollfd){.fd = rings[i].fd, .events = POLLIN};
  waited[cpus] = (struct pollfd){.fd = ends[0]};
  while (!waited[cpus].revents) {
    if (poll(waited, (nfds_t)cpus + 1, -1) < 0) fail("poll: %s", strerror(errno));
    for (int i = 0; i < cpus; i++) drain(&rings[i], watched);
  }
  while (wait(&status) > 0)
    if (status) fail("a client ended with status %#x", (unsigned int)status);
}

// The same by functions.
struct hit {
  const struct function* in;       // of the kernel
  const struct function* wrapper;  // libc's
  const struct function* caller;   // ours
  unsigned long count;
};
static struct hit hits[256];
static size_t hit_count;
static unsigned long seen[OPERATIONS][SIDES];

static void count_hit(struct hit new) {
  struct hit* hit = hits;

  while (hit < hits + hit_count &&
         (hit->in != new.in || hit->wrapper != new.wrapper || hit->caller != new.caller))
    hit++;
  if (hit < hits + hit_count) {
    hit->count += new.count;
    return;
  }
  if (++hit_count > sizeof(hits) / sizeof(*hits)) fail("more functions than expected");
  *hit = new;
}

static const struct function* function_named(const struct functions* functions, const char* name) {
  for (size_t i = 0; i < functions->count; i++)
    if (!strcmp(functions->all[i].name, name)) return &functions->all[i];
  return NULL;
}

static void look_up(const struct functions* kernel, const struct functions* own) {
  void* const entries[OPERATIONS] = {open, pread, pwrite, close, unlink, mkdir, rename};

  for (const struct chain* chain = chains; chain < chains + MAX_CHAINS; chain++) {
    struct hit hit = {.in = function_at(kernel, chain->ip),
                      .wrapper = function_at(own, chain->callers[0]),
                      .count = chain->count};

    if (!chain->count) continue;
    // A return address may be the first of the next function.
    for (int i = 1; i < CALLERS && !hit.caller && chain->callers[i]; i++) {
      hit.caller = function_at(own, chain->callers[i] - 1);
      if (hit.caller && strncmp(hit.caller->name, "do_", 3)) hit.caller = NULL;
    }
    count_hit(hit);
    for (int i = 0; i < OPERATIONS; i++)
      for (int side = 0; side < SIDES; side++)
        if (hit.wrapper == function_at(own, code_of(entries[i])) &&
            hit.in == function_named(kernel, side_names[side]))
          seen[i][side] += hit.count;
  }
}

// The report: shares of all, and of those in a function of the kernel the shares of who called.
static unsigned long hits_in(const struct function* in) {
  unsigned long all = 0;

  for (size_t i = 0; i < hit_count; i++)
    if (hits[i].in == in) all += hits[i].count;
  return all;
}
static const char* name_of(const struct function* function) {
  return function ? function->name : "[unknown]";
}

static int compare_hits(const void* a, const void* b) {
  const struct hit *h = a, *k = b;
  unsigned long in_h = hits_in(h->in), in_k = hits_in(k->in);
  int order;

  if (in_h != in_k) return in_h > in_k ? -1 : 1;
  if ((order = strcmp(name_of(h->in), name_of(k->in)))) return order;
  if (h->count != k->count) return h->count > k->count ? -1 : 1;
  if ((order = strcmp(name_of(h->wrapper), name_of(k->wrapper)))) return order;
  return strcmp(name_of(h->caller), name_of(k->caller));
}

static void print_report(void) {
  static struct hit sorted[sizeof(hits) / sizeof(*hits)];

  memcpy(sorted, hits, sizeof(hits));
  qsort(sorted, hit_count, sizeof(*sorted), compare_hits);
  printf("# Samples: %lu\n#\n# Overhead Symbol\n# ........ ......\n#\n", samples);
  for (size_t i = 0; i < hit_count; i++) {
    const struct hit* hit = &sorted[i];
    unsigned long all = hits_in(hit->in);
    int is_last = i + 1 == hit_count || sorted[i + 1].in != hit->in;

    if (i == 0 || sorted[i - 1].in != hit->in)
      printf("%s%.2f%% [k] %s\n", i ? "\n" : "", 100.0 * (double)all / (double)samples, name_of(hit->in));
    printf("|\n%s--%.2f%%-- %s\n", is_last ? " " : "|", 100.0 * (double)hit->count / (double)all,
           name_of(hit->wrapper));
    printf("%s          %s\n", is_last ? " " : "|", name_of(hit->caller));
  }
}

// The kernel's own counters.
struct counters {
  unsigned long accesses[SIDES];
  unsigned long calls[OPERATIONS];
  unsigned long by_operation[OPERATIONS][SIDES];
};
static struct counters read_counters(void) {
  FILE* file = fopen("/sys/kernel/debug/bkl", "r");
  struct counters counters = {0};
  char line[256], name[32];
  unsigned long all, calls, of[SIDES];

  if (!file) fail("/sys/kernel/debug/bkl: %s", strerror(errno));
  while (fgets(line, sizeof(line), file)) {
    if (sscanf(line, "accesses %lu lock_kernel %lu unlock_kernel %lu", &all, &of[LOCK], &of[UNLOCK]) == 3)
      memcpy(counters.accesses, of, sizeof(of));
    if (sscanf(line, "operation %31s calls %lu lock_kernel %lu unlock_kernel %lu", name, &calls, &of[LOCK],
               &of[UNLOCK]) != 4)
      continue;
    for (int i = 0; i < OPERATIONS; i++) {
      if (strcmp(name, operation_names[i])) continue;
      counters.calls[i] = calls;
      memcpy(counters.by_operation[i], of, sizeof(of));
    }
  }
  fclose(file);
  return counters;
}

static int differences;
static void compare(const char* what, const char* of, unsigned long here, unsigned long there) {
  if (here == there) return;
  printf("%s%s%s: %lu by the breakpoints, %lu by the kernel\n", what, *of ? " of " : "", of, here, there);
  differences++;
}

int main(int argc, char** argv) {
  unsigned int clients = 20, rounds = 40;
  struct functions kernel = {0}, own = {0};
  struct counters before, after;
  struct {
    uint64_t value, lost;
  } total = {0, 0}, one;
  struct ring* rings;
  uint64_t watched;
  cpu_set_t set;
  int cpus;

  for (int i = 1; i < argc; i++)
    if (sscanf(argv[i], "clients=%u", &clients) != 1 && sscanf(argv[i], "rounds=%u", &rounds) != 1)
      fail("usage: bkl_clients [clients=20] [rounds=40]");
  if (clients < 1 || clients > 20) fail("1 to 20 clients");
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  watched = read_kallsyms(&kernel);
  if (!watched) fail("no kernel_flag: load bkl_fs");
  read_own_symbols(&own);
  calls_made =
      mmap(NULL, sizeof(*calls_made) * OPERATIONS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (calls_made == MAP_FAILED || sched_getaffinity(0, sizeof(set), &set)) fail("%s", strerror(errno));
  cpus = CPU_COUNT(&set);
  rings = calloc((size_t)cpus, sizeof(*rings));
  if (!rings) fail("no memory");
  for (int i = 0; i < cpus; i++) open_ring(&rings[i], i, watched);

  before = read_counters();
  for (int i = 0; i < cpus; i++) ioctl(rings[i].fd, PERF_EVENT_IOC_ENABLE, 0);
  run_clients(clients, rounds, rings, cpus, watched);
  for (int i = 0; i < cpus; i++) ioctl(rings[i].fd, PERF_EVENT_IOC_DISABLE, 0);
  after = read_counters();
  for (int i = 0; i < cpus; i++) {
    drain(&rings[i], watched);
    if (read(rings[i].fd, &one, sizeof(one)) != sizeof(one)) fail("read: %s", strerror(errno));
    total.value += one.value;
    total.lost += one.lost;
  }
  look_up(&kernel, &own);
  print_report();

  printf("\n# operation        calls  lock_kernel unlock_kernel\n");
  for (int i = 0; i < OPERATIONS; i++)
    printf("# %-10s %11lu %12lu %13lu\n", operation_names[i], after.calls[i] - before.calls[i], seen[i][LOCK],
           seen[i][UNLOCK]);
  for (int i = 0; i < OPERATIONS; i++) {
    if (calls_made[i] != after.calls[i] - before.calls[i]) {
      printf("%s: %lu calls by the clients, %lu by the kernel\n", operation_names[i], calls_made[i],
             after.calls[i] - before.calls[i]);
      differences++;
    }
    for (int side = 0; side < SIDES; side++)
      compare(side_names[side], operation_names[i], seen[i][side],
              after.by_operation[i][side] - before.by_operation[i][side]);
  }
  for (int side = 0; side < SIDES; side++)
    compare(side_names[side], "", hits_in(function_named(&kernel, side_names[side])),
            after.accesses[side] - before.accesses[side]);
  compare("hits", "", total.value,
          after.accesses[LOCK] + after.accesses[UNLOCK] - before.accesses[LOCK] - before.accesses[UNLOCK]);
  if (samples + total.lost != total.value || total.lost) {
    printf("%lu samples and %lu lost of %lu hits\n", samples, (unsigned long)total.lost,
           (unsigned long)total.value);
    differences++;
  }
  if (!differences) puts("counters agree");
  return differences != 0;
}
