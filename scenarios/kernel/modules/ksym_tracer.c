// The tracer of kernel symbols that Linux had from 2.6.33 to 2.6.38: which code reads or writes variables
// of the kernel, in /sys/kernel/debug/tracing, with as much of the tracing core as it needs.
// See docs/ksym-tracer.md.
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/hw_breakpoint.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

static bool selftest;
module_param(selftest, bool, 0444);
MODULE_PARM_DESC(selftest, "Test the tracer when it is loaded, as CONFIG_FTRACE_STARTUP_TEST does");
static unsigned int entries = 4096;
module_param(entries, uint, 0444);
MODULE_PARM_DESC(entries, "How many hits of each CPU are kept");

struct filter {
  struct perf_event* __percpu* events;
  struct perf_event_attr attr;
  atomic64_t counter;
  struct list_head node;
};
struct hit {
  u64 time;
  unsigned long ip, address;
  int cpu, pid, access;
  char comm[TASK_COMM_LEN];
};
// Hits are written by the CPU itself, in the exception, without a lock: a reader that held one might be
// what was hit. With one slot more than there are entries, what is being overwritten is none that counts.
struct buffer {
  struct hit* hits;
  unsigned long head; /* of all hits ever; the rest is the readers' */
  unsigned long tail; /* the first that is neither consumed, cleared nor overwritten */
  unsigned long at;   /* where who goes through all of them is */
  unsigned long overrun, reported;
  bool busy;
};
static DEFINE_PER_CPU(struct buffer, buffers);
static LIST_HEAD(filters);
static DEFINE_MUTEX(tracing_mutex); /* filters, who reads buffers, and all below */
static bool tracing;                /* the current tracer is this one, and not nop */
static bool tracer_enabled = true, buffers_on = true;
static unsigned int stopped; /* by so many readers of "trace" */
static bool pipe_open;
static struct dentry* folder;

static void record(struct perf_event* bp, struct perf_sample_data* data, struct pt_regs* regs) {
  struct filter* filter = perf_event_context(bp);
  struct buffer* b = this_cpu_ptr(&buffers);
  struct hit* h;

  // Busy: this function itself was hit, at a variable of the tracer.
  if (b->busy || !READ_ONCE(tracing) || !READ_ONCE(tracer_enabled) || !READ_ONCE(buffers_on) ||
      READ_ONCE(stopped))
    return;
  b->busy = true;
  h = &b->hits[b->head % (entries + 1UL)];
  h->time = ktime_get_ns();
  h->ip = instruction_pointer(regs);
  h->address = hw_breakpoint_addr(bp);
  h->access = hw_breakpoint_type(bp);
  h->cpu = (int)smp_processor_id();
  h->pid = current->pid;
  strscpy(h->comm, current->comm, sizeof(h->comm));
  atomic64_inc(&filter->counter);
  smp_store_release(&b->head, b->head + 1);
  b->busy = false;
}

static unsigned long recorded(struct buffer* b) {
  unsigned long n = smp_load_acquire(&b->head) - b->tail;

  if (n <= entries) return n;
  b->overrun += n - entries;
  b->tail += n - entries;
  return entries;
}

static void rewind_buffers(void) {
  int cpu;

  for_each_online_cpu(cpu) per_cpu(buffers, cpu).at = per_cpu(buffers, cpu).tail;
}

// The buffer whose hit is the oldest from where the buffers are at, and a copy of that hit; null: none is
// left.
static struct buffer* oldest_hit(struct hit* hit) {
  struct buffer* of = NULL;
  struct hit copy;
  int cpu;

  for_each_online_cpu(cpu) {
    struct buffer* b = &per_cpu(buffers, cpu);

    for (;;) {
      unsigned long n = recorded(b);

      if ((long)(b->at - b->tail) < 0) b->at = b->tail;
      if (b->at - b->tail >= n) break;
      copy = b->hits[b->at % (entries + 1UL)];
      smp_rmb();
      if (READ_ONCE(b->head) - b->at > entries) continue;
      if (!of || copy.time < hit->time) {
        of = b;
        *hit = copy;
      }
      break;
    }
  }
  return of;
}

static void clear_buffers(void) {
  int cpu;

  for_each_online_cpu(cpu) {
    struct buffer* b = &per_cpu(buffers, cpu);

    b->tail = READ_ONCE(b->head);
    b->overrun = b->reported = 0;
  }
}

static int watch(struct filter* filter) {
  filter->events = register_wide_hw_breakpoint(&filter->attr, record, filter);
  return PTR_ERR_OR_ZERO((void __force*)filter->events);
}

// Whose events are gone; record() may still run for one on another CPU.
static void free_filter(struct filter* filter) {
  list_del(&filter->node);
  synchronize_rcu();
  kfree(filter);
}

static void clear_filters(void) {
  struct filter *filter, *next;

  list_for_each_entry_safe(filter, next, &filters, node) {
    unregister_wide_hw_breakpoint(filter->events);
    free_filter(filter);
  }
}

static int add_filter(unsigned long address, int access) {
  struct filter* filter = kzalloc(sizeof(*filter), GFP_KERNEL);
  int err;

  if (!filter) return -ENOMEM;
  hw_breakpoint_init(&filter->attr);
  filter->attr.bp_addr = address;
  filter->attr.bp_len = HW_BREAKPOINT_LEN_4;
  filter->attr.bp_type = access;
  err = watch(filter);
  if (!err) {
    list_add(&filter->node, &filters);
    return 0;
  }
  if (err == -ENOSPC)
    pr_err("ksym_tracer: Maximum limit reached. No new requests for tracing can be accepted now.\n");
  else
    pr_info("ksym_tracer request failed. Try again later!!\n");
  kfree(filter);
  return err;
}

static int change_filter(struct filter* filter, int access) {
  int err = 0;

  if (filter->attr.bp_type == access) return -EINVAL;
  unregister_wide_hw_breakpoint(filter->events);
  filter->attr.bp_type = access;
  if (access) err = watch(filter);
  if (!access || err) free_filter(filter);
  return err;
}

// Of "rw-". As in Linux, any other letter counts as "-", but only "---" is the removal.
static int access_of(const char* flags) {
  int access = (flags[0] == 'r' ? HW_BREAKPOINT_R : 0) | (flags[1] == 'w' ? HW_BREAKPOINT_W : 0);

  if (flags[2] == 'x' || (!access && strcmp(flags, "---"))) return -EINVAL;
  return access;
}

static int set_filter(char* request) {
  struct filter* filter;
  char* symbol = strsep(&request, ":");
  unsigned long address = kallsyms_lookup_name(symbol);
  int access;

  if (!address || !request || strlen(request) != 3) return -EINVAL;
  access = access_of(request);
  if (access < 0) return access;
  list_for_each_entry(filter, &filters, node) if (filter->attr.bp_addr == address) return change_filter(
      filter, access);
  return access ? add_filter(address, access) : -EINVAL;
}

static ssize_t filter_write(struct file* file, const char __user* text, size_t count, loff_t* ppos) {
  char *copy = memdup_user_nul(text, count), *request;
  int err = 0;

  if (IS_ERR(copy)) return PTR_ERR(copy);
  request = strim(copy);
  mutex_lock(&tracing_mutex);
  if (!*request || !strcmp(request, "0") || !strcmp(request, "*:---"))
    clear_filters();
  else
    err = set_filter(request);
  mutex_unlock(&tracing_mutex);
  kfree(copy);
  return err ? err : (ssize_t)count;
}

static void set_tracer(bool ksym) {
  if (ksym == tracing) return;
  if (tracing) {
    WRITE_ONCE(tracing, false);
    clear_filters();
  }
  clear_buffers();
  WRITE_ONCE(tracing, ksym);
}

static ssize_t tracer_write(struct file* file, const char __user* text, size_t count, loff_t* ppos) {
  char name[101];
  size_t n = min(count, sizeof(name) - 1);
  int err = 0;

  if (copy_from_user(name, text, n)) return -EFAULT;
  while (n > 1 && isspace(name[n - 1])) n--;
  name[n] = 0;
  mutex_lock(&tracing_mutex);
  if (!strcmp(name, "ksym_tracer") || !strcmp(name, "nop"))
    set_tracer(*name == 'k');
  else
    err = -EINVAL;
  mutex_unlock(&tracing_mutex);
  return err ? err : (ssize_t)count;
}

static ssize_t flag_write(struct file* file, const char __user* text, size_t count, loff_t* ppos) {
  unsigned long value;
  int err = count < 64 ? kstrtoul_from_user(text, count, 10, &value) : -EINVAL;

  if (!err) WRITE_ONCE(*(bool*)file_inode(file)->i_private, value != 0);
  return err ? err : (ssize_t)count;
}

static const char* tracer_name(bool ksym) { return ksym ? "ksym_tracer" : "nop"; }

static int tracers_show(struct seq_file* m, void* v) {
  seq_puts(m, "ksym_tracer nop\n");
  return 0;
}
static int tracer_show(struct seq_file* m, void* v) {
  seq_printf(m, "%s\n", tracer_name(tracing));
  return 0;
}
static int flag_show(struct seq_file* m, void* v) {
  seq_printf(m, "%d\n", *(bool*)m->private);
  return 0;
}

static int filter_show(struct seq_file* m, void* v) {
  static const char* const flags[] = {"---", "r--", "-w-", "rw-"};
  struct filter* filter;

  mutex_lock(&tracing_mutex);
  list_for_each_entry(filter, &filters, node)
      seq_printf(m, "%pS:%s\n", (void*)(unsigned long)filter->attr.bp_addr, flags[filter->attr.bp_type & 3]);
  mutex_unlock(&tracing_mutex);
  return 0;
}

static const char* access_name(int access) {
  static const char* const names[] = {"NA", "R ", "W ", "RW"};

  return names[access & 3];
}

static int profile_show(struct seq_file* m, void* v) {
  struct filter* filter;

  seq_printf(m, "  Access Type   %-36s %15s\n", "Symbol", "Counter");
  seq_printf(m, "  -----------   %-36s %15s\n", "------", "-------");
  mutex_lock(&tracing_mutex);
  list_for_each_entry(filter, &filters, node) {
    char name[KSYM_NAME_LEN];

    if (lookup_symbol_name(filter->attr.bp_addr, name)) strscpy(name, "<NA>", sizeof(name));
    seq_printf(m, "  %-11s   %-36s %15lld\n", access_name(filter->attr.bp_type), name,
               (long long)atomic64_read(&filter->counter));
  }
  mutex_unlock(&tracing_mutex);
  return 0;
}

static int stats_show(struct seq_file* m, void* v) {
  struct buffer* b = &per_cpu(buffers, (long)m->private);

  mutex_lock(&tracing_mutex);
  seq_printf(m, "entries: %lu\n", recorded(b));
  seq_printf(m, "overrun: %lu\ncommit overrun: 0\n", b->overrun);
  mutex_unlock(&tracing_mutex);
  return 0;
}

#define SHOWN(name, how_to_write)                                             \
  static int name##_open(struct inode* inode, struct file* file) {            \
    return single_open(file, name##_show, inode->i_private);                  \
  }                                                                           \
  static const struct file_operations name##_fops = {.owner = THIS_MODULE,    \
                                                     .open = name##_open,     \
                                                     .read = seq_read,        \
                                                     .write = (how_to_write), \
                                                     .llseek = seq_lseek,     \
                                                     .release = single_release}
SHOWN(tracers, NULL);
SHOWN(tracer, tracer_write);
SHOWN(flag, flag_write);
SHOWN(filter, filter_write);
SHOWN(profile, NULL);
SHOWN(stats, NULL);

#define HIT_LINE "%11s-%-5d [%03d] %pS %s %pS\n"
#define HIT_FIELDS(h) \
  (h)->comm, (h)->pid, (h)->cpu, (void*)(h)->address, access_name((h)->access), (void*)(h)->ip

// "trace" shows what there was when it was opened. Nothing is recorded until it is closed.
struct snapshot {
  bool ksym;
  unsigned long n;
  struct hit hits[];
};

static void* trace_start(struct seq_file* m, loff_t* pos) {
  struct snapshot* s = m->private;

  return (u64)*pos <= s->n ? (void*)(unsigned long)(*pos + 1) : NULL;
}
static void* trace_next(struct seq_file* m, void* v, loff_t* pos) {
  ++*pos;
  return trace_start(m, pos);
}
static void trace_stop(struct seq_file* m, void* v) {}

static int trace_show(struct seq_file* m, void* v) {
  const struct snapshot* s = m->private;
  unsigned long i = (unsigned long)v - 1;

  if (i) {
    seq_printf(m, HIT_LINE, HIT_FIELDS(&s->hits[i - 1]));
    return 0;
  }
  seq_printf(m, "# tracer: %s\n#\n", tracer_name(s->ksym));
  if (s->ksym) {
    seq_puts(m, "#       TASK-PID   CPU#      Symbol                    Type    Function\n");
    seq_puts(m, "#          |        |          |                        |         |\n");
  } else {
    seq_puts(m, "#           TASK-PID    CPU#    TIMESTAMP  FUNCTION\n");
    seq_puts(m, "#              | |       |          |         |\n");
  }
  return 0;
}
static const struct seq_operations trace_sops = {trace_start, trace_stop, trace_next, trace_show};

static int take_snapshot(struct file* file) {
  struct snapshot* s;
  unsigned long n = 0;
  int cpu, err;

  for_each_online_cpu(cpu) n += recorded(&per_cpu(buffers, cpu));
  s = kvzalloc(struct_size(s, hits, n), GFP_KERNEL);
  if (!s) return -ENOMEM;
  s->ksym = tracing;
  rewind_buffers();
  while (s->n < n) {
    struct buffer* b = oldest_hit(&s->hits[s->n]);

    if (!b) break;
    b->at++;
    s->n++;
  }
  err = seq_open(file, &trace_sops);
  if (err)
    kvfree(s);
  else
    ((struct seq_file*)file->private_data)->private = s;
  return err;
}

static int trace_open(struct inode* inode, struct file* file) {
  int err = 0;

  mutex_lock(&tracing_mutex);
  if ((file->f_mode & FMODE_WRITE) && (file->f_flags & O_TRUNC)) clear_buffers();
  if (file->f_mode & FMODE_READ) {
    WRITE_ONCE(stopped, stopped + 1);
    err = take_snapshot(file);
    if (err) WRITE_ONCE(stopped, stopped - 1);
  }
  mutex_unlock(&tracing_mutex);
  return err;
}

static int trace_release(struct inode* inode, struct file* file) {
  if (!(file->f_mode & FMODE_READ)) return 0;
  mutex_lock(&tracing_mutex);
  WRITE_ONCE(stopped, stopped - 1);
  mutex_unlock(&tracing_mutex);
  kvfree(((struct seq_file*)file->private_data)->private);
  return seq_release(inode, file);
}

// Opening it to write, truncated, is what clears.
static ssize_t trace_write(struct file* file, const char __user* text, size_t count, loff_t* ppos) {
  return (ssize_t)count;
}
static loff_t trace_llseek(struct file* file, loff_t offset, int whence) {
  return file->f_mode & FMODE_READ ? seq_lseek(file, offset, whence) : 0;
}
static const struct file_operations trace_fops = {.owner = THIS_MODULE,
                                                  .open = trace_open,
                                                  .read = seq_read,
                                                  .write = trace_write,
                                                  .llseek = trace_llseek,
                                                  .release = trace_release};

// "trace_pipe": what is read is gone.
struct pipe {
  size_t from, size;
  bool begun;
  char text[PAGE_SIZE];
};

static int pipe_open_file(struct inode* inode, struct file* file) {
  int err = 0;

  mutex_lock(&tracing_mutex);
  if (pipe_open) {
    err = -EBUSY;
  } else {
    file->private_data = kzalloc(sizeof(struct pipe), GFP_KERNEL);
    pipe_open = file->private_data != NULL;
    if (!pipe_open) err = -ENOMEM;
  }
  mutex_unlock(&tracing_mutex);
  return err;
}

static int pipe_release(struct inode* inode, struct file* file) {
  mutex_lock(&tracing_mutex);
  pipe_open = false;
  mutex_unlock(&tracing_mutex);
  kfree(file->private_data);
  return 0;
}

// Waits for hits; looks each tenth of a second, since record() may have interrupted a wake-up. 0: the end,
// where tracing was switched off and something had been read.
static int pipe_wait(struct file* file) {
  struct pipe* pipe = file->private_data;
  struct hit hit;

  for (;;) {
    rewind_buffers();
    if (oldest_hit(&hit)) return 1;
    if (file->f_flags & O_NONBLOCK) return -EAGAIN;
    mutex_unlock(&tracing_mutex);
    schedule_timeout_interruptible(HZ / 10);
    mutex_lock(&tracing_mutex);
    if (signal_pending(current)) return -EINTR;
    if (!tracer_enabled && pipe->begun) return 0;
  }
}

// Whole lines, until there are as many bytes as are wanted.
static void pipe_fill(struct pipe* pipe, size_t wanted) {
  struct buffer* b;
  struct hit hit;

  pipe->from = pipe->size = 0;
  pipe->begun = true;
  rewind_buffers();
  while (pipe->size < wanted && (b = oldest_hit(&hit))) {
    char* to = pipe->text + pipe->size;
    size_t room = sizeof(pipe->text) - pipe->size;
    int n = 0;

    if (b->overrun != b->reported)
      n = scnprintf(to, room, "CPU:%d [LOST %lu EVENTS]\n", hit.cpu, b->overrun - b->reported);
    n += snprintf(to + n, room - (size_t)n, HIT_LINE, HIT_FIELDS(&hit));
    if ((size_t)n >= room) break;
    pipe->size += (size_t)n;
    b->reported = b->overrun;
    b->tail = ++b->at;
  }
}

static ssize_t pipe_read(struct file* file, char __user* buf, size_t count, loff_t* ppos) {
  struct pipe* pipe = file->private_data;
  ssize_t ret = 1;

  mutex_lock(&tracing_mutex);
  if (pipe->from == pipe->size) {
    ret = pipe_wait(file);
    if (ret > 0) pipe_fill(pipe, min_t(size_t, count, PAGE_SIZE - 1));
  }
  if (ret > 0) {
    ret = (ssize_t)min(count, pipe->size - pipe->from);
    if (copy_to_user(buf, pipe->text + pipe->from, (size_t)ret))
      ret = -EFAULT;
    else
      pipe->from += (size_t)ret;
  }
  mutex_unlock(&tracing_mutex);
  return ret;
}
static const struct file_operations pipe_fops = {.owner = THIS_MODULE,
                                                 .open = pipe_open_file,
                                                 .read = pipe_read,
                                                 .llseek = no_llseek,
                                                 .release = pipe_release};

static int ksym_selftest_dummy;

// One read and one write are two hits.
static int test_dummy(void) {
  unsigned long n = 0;
  int cpu, err;

  clear_buffers();
  tracing = true;
  err = add_filter((unsigned long)&ksym_selftest_dummy, HW_BREAKPOINT_RW);
  if (err) {
    pr_cont("ksym_trace read-write startup test failed\n");
  } else {
    if (READ_ONCE(ksym_selftest_dummy) == 0) WRITE_ONCE(ksym_selftest_dummy, 1);
    for_each_online_cpu(cpu) n += recorded(&per_cpu(buffers, cpu));
    if (n != 2) {
      pr_cont("Ksym tracer startup test failed");
      err = -1;
    }
  }
  set_tracer(false);
  return err;
}

static int run_selftest(void) {
  int err;

  pr_info("Testing tracer %s: ", tracer_name(true));
  mutex_lock(&tracing_mutex);
  err = test_dummy();
  mutex_unlock(&tracing_mutex);
  pr_cont("%s\n", err ? "FAILED!" : "PASSED");
  return err;
}

static void make_files(void) {
  struct dentry* cpus;
  char name[16];
  long cpu;

  debugfs_create_file("available_tracers", 0444, folder, NULL, &tracers_fops);
  debugfs_create_file("current_tracer", 0644, folder, NULL, &tracer_fops);
  debugfs_create_file("tracing_enabled", 0644, folder, &tracer_enabled, &flag_fops);
  debugfs_create_file("tracing_on", 0644, folder, &buffers_on, &flag_fops);
  debugfs_create_file("trace", 0644, folder, NULL, &trace_fops);
  debugfs_create_file("trace_pipe", 0444, folder, NULL, &pipe_fops);
  debugfs_create_file("ksym_trace_filter", 0644, folder, NULL, &filter_fops);
  debugfs_create_file("ksym_profile", 0444, folder, NULL, &profile_fops);
  cpus = debugfs_create_dir("per_cpu", folder);
  for_each_online_cpu(cpu) {
    snprintf(name, sizeof(name), "cpu%ld", cpu);
    debugfs_create_file("stats", 0444, debugfs_create_dir(name, cpus), (void*)cpu, &stats_fops);
  }
}

static void free_buffers(void) {
  int cpu;

  for_each_online_cpu(cpu) vfree(per_cpu(buffers, cpu).hits);
}

static int __init ksym_tracer_init(void) {
  int cpu, err = 0;

  if (!entries) return -EINVAL;
  for_each_online_cpu(cpu) {
    struct buffer* b = &per_cpu(buffers, cpu);

    b->hits = vzalloc(sizeof(*b->hits) * (entries + 1UL));
    if (!b->hits) err = -ENOMEM;
  }
  if (!err && selftest) err = run_selftest();
  if (!err) {
    folder = debugfs_create_dir("tracing", NULL);
    if (IS_ERR(folder)) err = PTR_ERR(folder);
  }
  if (err)
    free_buffers();
  else
    make_files();
  return err;
}

static void __exit ksym_tracer_exit(void) {
  debugfs_remove(folder);
  clear_filters();
  free_buffers();
}

module_init(ksym_tracer_init);
module_exit(ksym_tracer_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Traces accesses to kernel symbols");
