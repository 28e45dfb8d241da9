// The big kernel lock as Linux 2.6.30 had it, and a file system in memory, below /mnt/bkl/, that takes it as
// reiserfs did: each operation from its start to its end, but for where it would sleep for memory. How often
// lock_kernel() and unlock_kernel() access kernel_flag is in /sys/kernel/debug/bkl: what a breakpoint on it
// has to count.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <asm/page.h>
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/fcntl.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

static unsigned int patience = 300;
module_param(patience, uint, 0444);
MODULE_PARM_DESC(patience, "How long who waits for the lock does not look at it");

enum operation { OPEN, PREAD, PWRITE, CLOSE, UNLINK, MKDIR, RENAME, OPERATIONS };
static const char* const operation_names[OPERATIONS] = {"open",   "pread64", "pwrite64", "close",
                                                        "unlink", "mkdir",   "rename"};
enum side { LOCK, UNLOCK, SIDES };

// Objects of a kind: how many there may be, and how many there were.
struct pool {
  const char* name;
  unsigned int size;
  long limit;
  struct kmem_cache* cache;
  atomic_long_t allocated;
  atomic_long_t in_use;
};

static void* pool_alloc(struct pool* pool) {
  void* object = NULL;

  if (atomic_long_inc_return(&pool->in_use) <= pool->limit)
    object = kmem_cache_zalloc(pool->cache, GFP_KERNEL);
  if (object)
    atomic_long_inc(&pool->allocated);
  else
    atomic_long_dec(&pool->in_use);
  return object;
}

static void pool_free(struct pool* pool, void* object) {
  kmem_cache_free(pool->cache, object);
  atomic_long_dec(&pool->in_use);
}

// The tasks that use the file system.
struct user {
  pid_t pid;
  u64 start_time;
  char comm[TASK_COMM_LEN];
  int lock_depth; /* -1: it does not have the lock */
  enum operation operation;
  unsigned long calls;
  unsigned long accesses[SIDES];
  struct hlist_node by_pid;
  struct list_head in_order;
};
#define MAX_USERS 256
static struct pool user_pool = {.name = "bkl_user", .size = sizeof(struct user), .limit = MAX_USERS};
static DEFINE_SPINLOCK(users_lock);
static DEFINE_HASHTABLE(users_by_pid, 6);
static LIST_HEAD(users);

static struct user* this_user(void) {
  struct user *user, *found = NULL;

  spin_lock(&users_lock);
  hash_for_each_possible(
      users_by_pid, user, by_pid,
      current->pid) if (user->pid == current->pid && user->start_time == current->start_time) found = user;
  spin_unlock(&users_lock);
  return found;
}

static void forget_user(struct user* user) {
  hash_del(&user->by_pid);
  list_del(&user->in_order);
  pool_free(&user_pool, user);
}

// The first use of a task; where there are too many, those that have ended are forgotten.
static struct user* new_user(void) {
  struct user *user = pool_alloc(&user_pool), *next;

  if (!user) {
    spin_lock(&users_lock);
    list_for_each_entry_safe(user, next, &users, in_order) if (!pid_task(find_vpid(user->pid), PIDTYPE_PID))
        forget_user(user);
    spin_unlock(&users_lock);
    user = pool_alloc(&user_pool);
    if (!user) return NULL;
  }
  user->pid = current->pid;
  user->start_time = current->start_time;
  user->lock_depth = -1;
  get_task_comm(user->comm, current);
  spin_lock(&users_lock);
  hash_add(users_by_pid, &user->by_pid, user->pid);
  list_add_tail(&user->in_order, &users);
  spin_unlock(&users_lock);
  return user;
}

// The lock: a line of the cache for itself, since PowerPC's DABR watches a doubleword.
static struct { unsigned int slock; } __cacheline_aligned kernel_flag;
static atomic_long_t accesses[OPERATIONS][SIDES];
static atomic_long_t calls[OPERATIONS];
static atomic_long_t nested_calls;

static __always_inline void count_access(struct user* me, enum side side) {
  me->accesses[side]++;
  atomic_long_inc(&accesses[me->operation][side]);
}

// Takes it if it is free. PowerPC's lwarx and stwcx. can't be emulated where a breakpoint is hit, which ends
// the breakpoint (hw_breakpoint_handler()): there another lock makes one access of two.
#ifdef __x86_64__
static __always_inline bool try_kernel_flag(struct user* me) {
  count_access(me, LOCK);
  return xchg(&kernel_flag.slock, 1) == 0;
}
#else
static DEFINE_SPINLOCK(kernel_flag_guard);
static __always_inline bool try_kernel_flag(struct user* me) {
  bool is_free;

  spin_lock(&kernel_flag_guard);
  count_access(me, LOCK);
  is_free = READ_ONCE(kernel_flag.slock) == 0;
  if (is_free) {
    count_access(me, LOCK);
    WRITE_ONCE(kernel_flag.slock, 1);
  }
  spin_unlock(&kernel_flag_guard);
  return is_free;
}
#endif

static __always_inline bool is_kernel_flag_taken(struct user* me) {
  count_access(me, LOCK);
  return READ_ONCE(kernel_flag.slock) != 0;
}

noinline void lock_kernel(void) {
  struct user* me = this_user();

  BUG_ON(!me);
  if (++me->lock_depth > 0) {
    atomic_long_inc(&nested_calls);
    return;
  }
  preempt_disable();
  while (!try_kernel_flag(me)) {
    preempt_enable();
    do
      for (unsigned int i = 0; i < patience; i++) cpu_relax();
    while (is_kernel_flag_taken(me));
    preempt_disable();
  }
}
EXPORT_SYMBOL(lock_kernel);

noinline void unlock_kernel(void) {
  struct user* me = this_user();

  BUG_ON(!me || me->lock_depth < 0);
  if (--me->lock_depth >= 0) return;
  count_access(me, UNLOCK);
  smp_store_release(&kernel_flag.slock, 0);
  preempt_enable();
}
EXPORT_SYMBOL(unlock_kernel);

// Files and folders; all of it by the lock. One that has no parent is gone but open.
#define NAME_LENGTH 31
#define BLOCK_BYTES 1024
#define MAX_BLOCKS 16
#define MAX_BYTES (BLOCK_BYTES * MAX_BLOCKS)
struct node {
  char name[NAME_LENGTH + 1];
  bool is_folder;
  struct node* parent;
  struct list_head in_parent;
  struct list_head children;
  unsigned int uses;
  size_t size;
  char* blocks[MAX_BLOCKS];
};
static struct pool node_pool = {.name = "bkl_node", .size = sizeof(struct node), .limit = 1024};
static struct pool block_pool = {.name = "bkl_block", .size = BLOCK_BYTES, .limit = 4096};
static struct node root = {.is_folder = true, .children = LIST_HEAD_INIT(root.children)};
static unsigned long transactions;

// A change of the tree is a transaction, which has the lock once more: kernel_flag is not accessed.
static void journal_begin(void) {
  lock_kernel();
  transactions++;
}
static void journal_end(void) { unlock_kernel(); }

static struct node* child(struct node* folder, const char* name) {
  struct node* node;

  list_for_each_entry(node, &folder->children, in_parent) if (!strcmp(node->name, name)) return node;
  return NULL;
}

// The folder that a path leads to, and the name in it.
static struct node* walk(char* path, const char** name) {
  struct node* at = &root;
  char* part;

  *name = NULL;
  while ((part = strsep(&path, "/"))) {
    if (!*part) continue;
    if (*name) at = child(at, *name);
    if (!at) return ERR_PTR(-ENOENT);
    if (!at->is_folder) return ERR_PTR(-ENOTDIR);
    if (strlen(part) > NAME_LENGTH) return ERR_PTR(-ENAMETOOLONG);
    *name = part;
  }
  return *name ? at : ERR_PTR(-EBUSY);
}

static void truncate(struct node* node) {
  for (unsigned int i = 0; i < MAX_BLOCKS; i++) {
    if (node->blocks[i]) pool_free(&block_pool, node->blocks[i]);
    node->blocks[i] = NULL;
  }
  node->size = 0;
}

static void free_if_gone(struct node* node) {
  if (node->parent || node->uses) return;
  truncate(node);
  pool_free(&node_pool, node);
}
static void put_node(struct node* node) {
  node->uses--;
  free_if_gone(node);
}

static struct node* make_node(struct node* folder, const char* name, bool is_folder) {
  struct node* node = pool_alloc(&node_pool);

  if (!node) return ERR_PTR(-ENOSPC);
  journal_begin();
  strscpy(node->name, name, sizeof(node->name));
  node->is_folder = is_folder;
  node->parent = folder;
  INIT_LIST_HEAD(&node->children);
  list_add_tail(&node->in_parent, &folder->children);
  journal_end();
  return node;
}

static void take_out(struct node* node) {
  journal_begin();
  list_del(&node->in_parent);
  node->parent = NULL;
  free_if_gone(node);
  journal_end();
}

// Descriptors: one array for all programs.
#define FIRST_DESCRIPTOR 1000
#define MAX_FILES 256
static struct open_file {
  struct node* node;
  pid_t tgid;
  int flags;
} files[MAX_FILES];

static struct open_file* file_of(unsigned int fd) {
  struct open_file* file;

  if (fd < FIRST_DESCRIPTOR || fd >= FIRST_DESCRIPTOR + MAX_FILES) return NULL;
  file = &files[fd - FIRST_DESCRIPTOR];
  return file->node && file->tgid == current->tgid ? file : NULL;
}

static void close_file(struct open_file* file) {
  struct node* node = file->node;

  file->node = NULL;
  put_node(node);
}

// Nothing says that a process has ended: its files are closed when others need the room.
static struct open_file* free_file(void) {
  for (unsigned int pass = 0; pass < 2; pass++) {
    for (unsigned int i = 0; i < MAX_FILES; i++) {
      if (pass && !pid_task(find_vpid(files[i].tgid), PIDTYPE_PID)) close_file(&files[i]);
      if (!files[i].node) return &files[i];
    }
  }
  return NULL;
}

static long open_path(char* path, int flags) {
  const char* name;
  struct node *folder = walk(path, &name), *node;
  struct open_file* file = free_file();

  if (IS_ERR(folder)) return PTR_ERR(folder);
  if (!file) return -ENFILE;
  node = child(folder, name);
  if (node && (flags & O_CREAT) && (flags & O_EXCL)) return -EEXIST;
  if (!node && !(flags & O_CREAT)) return -ENOENT;
  if (node && node->is_folder) return -EISDIR;
  if (flags & O_DIRECTORY) return -ENOTDIR;
  if (!node) {
    node = make_node(folder, name, false);
    if (IS_ERR(node)) return PTR_ERR(node);
  } else if ((flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY) {
    truncate(node);
  }
  node->uses++;
  *file = (struct open_file){node, current->tgid, flags};
  return FIRST_DESCRIPTOR + (file - files);
}

// Blocks for what is to be written. Memory may have to be waited for: the lock is given up meanwhile, and
// whoever has it then may write the same file.
static void make_blocks(struct node* node, unsigned int first, unsigned int last) {
  char* spare[MAX_BLOCKS];
  unsigned int missing = 0, spares = 0;

  for (unsigned int i = first; i <= last; i++) missing += !node->blocks[i];
  if (!missing) return;
  unlock_kernel();
  cond_resched();
  while (spares < missing && (spare[spares] = pool_alloc(&block_pool))) spares++;
  lock_kernel();
  for (unsigned int i = first; i <= last && spares; i++)
    if (!node->blocks[i]) node->blocks[i] = spare[--spares];
  while (spares) pool_free(&block_pool, spare[--spares]);
}

static long write_node(struct node* node, const char __user* buf, size_t count, loff_t pos) {
  size_t n, left, done;

  if (pos < 0) return -EINVAL;
  if (!count) return 0;
  if (pos >= MAX_BYTES) return -EFBIG;
  count = min_t(size_t, count, MAX_BYTES - (size_t)pos);
  make_blocks(node, (unsigned int)pos / BLOCK_BYTES, (unsigned int)(pos + count - 1) / BLOCK_BYTES);
  for (done = 0; done < count; done += n) {
    size_t at = (size_t)pos + done, offset = at % BLOCK_BYTES;
    char* block = node->blocks[at / BLOCK_BYTES];

    if (!block) return done ? (long)done : -ENOSPC;
    n = min_t(size_t, BLOCK_BYTES - offset, count - done);
    left = copy_from_user(block + offset, buf + done, n);
    if (left < n) node->size = max_t(size_t, node->size, at + n - left);
    if (left) return done + n - left ? (long)(done + n - left) : -EFAULT;
  }
  return (long)done;
}

static long read_node(struct node* node, char __user* buf, size_t count, loff_t pos) {
  static const char hole[BLOCK_BYTES];
  size_t n, left, done;

  if (pos < 0) return -EINVAL;
  if ((u64)pos >= node->size) return 0;
  count = min_t(size_t, count, node->size - (size_t)pos);
  for (done = 0; done < count; done += n) {
    size_t at = (size_t)pos + done, offset = at % BLOCK_BYTES;
    char* block = node->blocks[at / BLOCK_BYTES];

    n = min_t(size_t, BLOCK_BYTES - offset, count - done);
    left = copy_to_user(buf + done, block ? block + offset : hole, n);
    if (left) return done + n - left ? (long)(done + n - left) : -EFAULT;
  }
  return (long)done;
}

static bool is_in(const struct node* node, const struct node* folder) {
  for (; node; node = node->parent)
    if (node == folder) return true;
  return false;
}

static long rename_path(char* from, char* to) {
  const char *from_name, *to_name;
  struct node *from_folder = walk(from, &from_name), *to_folder = walk(to, &to_name);
  struct node *node, *old;

  if (IS_ERR(from_folder)) return PTR_ERR(from_folder);
  if (IS_ERR(to_folder)) return PTR_ERR(to_folder);
  node = child(from_folder, from_name);
  old = child(to_folder, to_name);
  if (!node) return -ENOENT;
  if (node == old) return 0;
  if (is_in(to_folder, node)) return -EINVAL;
  if (old && node->is_folder != old->is_folder) return old->is_folder ? -EISDIR : -ENOTDIR;
  if (old && !list_empty(&old->children)) return -ENOTEMPTY;
  journal_begin();
  if (old) take_out(old);
  strscpy(node->name, to_name, sizeof(node->name));
  node->parent = to_folder;
  list_move_tail(&node->in_parent, &to_folder->children);
  journal_end();
  return 0;
}

// The system calls. An operation has the lock from here to leave().
static long enter(enum operation operation) {
  struct user* me = this_user();

  if (!me) me = new_user();
  if (!me) return -ENOMEM;
  me->operation = operation;
  me->calls++;
  atomic_long_inc(&calls[operation]);
  lock_kernel();
  return 0;
}
static long leave(long result) {
  unlock_kernel();
  return result;
}

// Of a path the part below PLACE; 0: it is none of ours.
#define PLACE "/mnt/bkl/"
#define PLACE_LENGTH (sizeof(PLACE) - 1)
#define PATH_LENGTH 128
static long get_path(char* path, const char __user* from) {
  // The page after a path's end may be missing.
  size_t in_page = min_t(size_t, PATH_LENGTH, PAGE_SIZE - ((unsigned long)from & (PAGE_SIZE - 1)));
  size_t n = in_page - copy_from_user(path, from, in_page);

  if (n == in_page && strnlen(path, n) == n)
    n = PATH_LENGTH - copy_from_user(path + n, from + n, PATH_LENGTH - n);
  if (n < PLACE_LENGTH || memcmp(path, PLACE, PLACE_LENGTH)) return 0;
  if (strnlen(path, n) == n) return n < PATH_LENGTH ? -EFAULT : -ENAMETOOLONG;
  memmove(path, path + PLACE_LENGTH, n - PLACE_LENGTH);
  return 1;
}

SYSCALL_DEFINE4(openat, int, dfd, const char __user*, filename, int, flags, umode_t, mode) {
  char path[PATH_LENGTH];
  long err = get_path(path, filename);

  if (!err) return SYSCALL_PASS;
  if (err > 0) err = enter(OPEN);
  return err ? err : leave(open_path(path, flags));
}

SYSCALL_DEFINE1(unlink, const char __user*, pathname) {
  char path[PATH_LENGTH];
  const char* name;
  struct node *folder, *node;
  long err = get_path(path, pathname);

  if (!err) return SYSCALL_PASS;
  if (err > 0) err = enter(UNLINK);
  if (err) return err;
  folder = walk(path, &name);
  if (IS_ERR(folder)) return leave(PTR_ERR(folder));
  node = child(folder, name);
  if (!node) return leave(-ENOENT);
  if (node->is_folder) return leave(-EISDIR);
  take_out(node);
  return leave(0);
}

SYSCALL_DEFINE2(mkdir, const char __user*, pathname, umode_t, mode) {
  char path[PATH_LENGTH];
  const char* name;
  struct node* folder;
  long err = get_path(path, pathname);

  if (!err) return SYSCALL_PASS;
  if (err > 0) err = enter(MKDIR);
  if (err) return err;
  folder = walk(path, &name);
  if (IS_ERR(folder)) return leave(PTR_ERR(folder));
  if (child(folder, name)) return leave(-EEXIST);
  return leave(PTR_ERR_OR_ZERO(make_node(folder, name, true)));
}

SYSCALL_DEFINE2(rename, const char __user*, oldname, const char __user*, newname) {
  char from[PATH_LENGTH], to[PATH_LENGTH];
  long err_from = get_path(from, oldname), err_to = get_path(to, newname), err;

  if (!err_from && !err_to) return SYSCALL_PASS;
  if (!err_from || !err_to) return -EXDEV;
  err = err_from < 0 ? err_from : err_to < 0 ? err_to : enter(RENAME);
  return err ? err : leave(rename_path(from, to));
}

// Another's descriptor of such a number, or none, is the model's to say.
SYSCALL_DEFINE4(pwrite64, unsigned int, fd, const char __user*, buf, size_t, count, loff_t, pos) {
  struct open_file* file = file_of(fd);
  struct node* node;
  long result;

  if (!file) return SYSCALL_PASS;
  result = enter(PWRITE);
  if (result) return result;
  node = file->node;
  if (!node || (file->flags & O_ACCMODE) == O_RDONLY) return leave(-EBADF);
  node->uses++;
  result = write_node(node, buf, count, pos);
  put_node(node);
  return leave(result);
}

SYSCALL_DEFINE4(pread64, unsigned int, fd, char __user*, buf, size_t, count, loff_t, pos) {
  struct open_file* file = file_of(fd);
  long err;

  if (!file) return SYSCALL_PASS;
  err = enter(PREAD);
  if (err) return err;
  if (!file->node || (file->flags & O_ACCMODE) == O_WRONLY) return leave(-EBADF);
  return leave(read_node(file->node, buf, count, pos));
}

SYSCALL_DEFINE1(close, unsigned int, fd) {
  struct open_file* file = file_of(fd);
  long err;

  if (!file) return SYSCALL_PASS;
  err = enter(CLOSE);
  if (err) return err;
  if (!file->node) return leave(-EBADF);
  close_file(file);
  return leave(0);
}

// The counters.
static struct pool* const pools[] = {&user_pool, &node_pool, &block_pool};

static long sum(enum side side) {
  long all = 0;

  for (int i = 0; i < OPERATIONS; i++) all += atomic_long_read(&accesses[i][side]);
  return all;
}

static int bkl_show(struct seq_file* m, void* v) {
  struct user* user;

  seq_printf(m, "accesses %ld lock_kernel %ld unlock_kernel %ld\n", sum(LOCK) + sum(UNLOCK), sum(LOCK),
             sum(UNLOCK));
  seq_printf(m, "nested %ld transactions %lu\n", atomic_long_read(&nested_calls), transactions);
  for (int i = 0; i < OPERATIONS; i++)
    seq_printf(m, "operation %s calls %ld lock_kernel %ld unlock_kernel %ld\n", operation_names[i],
               atomic_long_read(&calls[i]), atomic_long_read(&accesses[i][LOCK]),
               atomic_long_read(&accesses[i][UNLOCK]));
  for (unsigned int i = 0; i < ARRAY_SIZE(pools); i++)
    seq_printf(m, "slab %s size %u allocated %ld in use %ld\n", pools[i]->name, pools[i]->size,
               atomic_long_read(&pools[i]->allocated), atomic_long_read(&pools[i]->in_use));
  spin_lock(&users_lock);
  list_for_each_entry(user, &users, in_order)
      seq_printf(m, "task %d %s depth %d calls %lu lock_kernel %lu unlock_kernel %lu\n", user->pid,
                 user->comm, user->lock_depth, user->calls, user->accesses[LOCK], user->accesses[UNLOCK]);
  spin_unlock(&users_lock);
  return 0;
}
DEFINE_SHOW_ATTRIBUTE(bkl);
static struct dentry* bkl_file;

static void destroy_caches(void) {
  for (unsigned int i = 0; i < ARRAY_SIZE(pools); i++)
    if (pools[i]->cache) kmem_cache_destroy(pools[i]->cache);
}

static int __init bkl_fs_init(void) {
  for (unsigned int i = 0; i < ARRAY_SIZE(pools); i++) {
    pools[i]->cache = kmem_cache_create(pools[i]->name, pools[i]->size, 8, 0, NULL);
    if (!pools[i]->cache) {
      destroy_caches();
      return -ENOMEM;
    }
  }
  bkl_file = debugfs_create_file("bkl", 0444, NULL, NULL, &bkl_fops);
  pr_info("kernel_flag at %px, files in " PLACE "\n", &kernel_flag);
  return 0;
}

static void free_tree(struct node* folder) {
  struct node *node, *next;

  list_for_each_entry_safe(node, next, &folder->children, in_parent) {
    free_tree(node);
    list_del(&node->in_parent);
    node->parent = NULL;
    free_if_gone(node);
  }
}

static void __exit bkl_fs_exit(void) {
  struct user *user, *next;

  debugfs_remove(bkl_file);
  for (unsigned int i = 0; i < MAX_FILES; i++)
    if (files[i].node) close_file(&files[i]);
  free_tree(&root);
  list_for_each_entry_safe(user, next, &users, in_order) forget_user(user);
  for (unsigned int i = 0; i < ARRAY_SIZE(pools); i++)
    if (atomic_long_read(&pools[i]->in_use))
      pr_err("%ld of %s left\n", atomic_long_read(&pools[i]->in_use), pools[i]->name);
  destroy_caches();
}

module_init(bkl_fs_init);
module_exit(bkl_fs_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A file system in memory under the big kernel lock");
