// Files of kernel code as programs use them (fs/open.c, read_write.c, file_table.c): the model calls these in
// the program's task, with buffers of its own in place of the program's.
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "gates.h"
#include "internal.h"

struct vnode {
  struct inode inode;
  atomic_t users; /* operations under way */
  int dead;       /* the error of those that begin from now on */
  void* owner;
  spinlock_t lock;
  struct list_head files;
  struct dentry dentry; /* of f_path of each file: its name */
};
struct open_file {
  struct file file;
  struct list_head node;
  bool released;
};

static struct vnode* vnode_of(const struct inode* inode) { return container_of(inode, struct vnode, inode); }

struct inode* __inode_new(umode_t mode, const struct file_operations* fops, void* data) {
  static atomic_long_t numbers = ATOMIC_LONG_INIT(0);
  struct vnode* v = kzalloc(sizeof(*v), GFP_KERNEL);

  if (!v) return NULL;
  v->inode.i_mode = mode;
  v->inode.i_fop = fops;
  v->inode.i_private = data;
  v->inode.i_ino = (unsigned long)atomic_long_inc_return(&numbers);
  INIT_LIST_HEAD(&v->files);
  return &v->inode;
}

int __inode_add(const char* path, umode_t mode, struct inode* inode) {
  struct dentry* dentry = &vnode_of(inode)->dentry;
  char* name = kstrdup(kbasename(path), GFP_KERNEL);
  int err = name ? 0 : -ENOMEM;

  dentry->d_name.name = (unsigned char*)name;
  if (!err) {
    dentry->d_name.len = (unsigned int)strlen(name);
    dentry->d_parent = dentry;
    dentry->d_inode = inode;
    err = __file_add(path, mode, inode);
  }
  if (err) kfree(name);
  return err;
}

void __inode_set_owner(struct inode* inode, void* owner) { vnode_of(inode)->owner = owner; }
void* __inode_owner(const struct inode* inode) { return vnode_of(inode)->owner; }

static int vnode_enter(struct vnode* v) {
  atomic_inc(&v->users);
  smp_mb();
  if (likely(!(READ_ONCE(v->inode.i_flags) & S_DEAD))) return 0;
  atomic_dec(&v->users);
  return v->dead;
}

static void vnode_leave(struct vnode* v) {
  smp_mb();
  atomic_dec(&v->users);
}

void __inode_kill(struct inode* inode, int error) {
  struct vnode* v = vnode_of(inode);

  v->dead = error;
  smp_wmb();
  WRITE_ONCE(inode->i_flags, inode->i_flags | S_DEAD);
  smp_mb();
  while (atomic_read(&v->users)) schedule_timeout_uninterruptible(1);
}

static void open_file_release(struct open_file* f) {
  if (f->file.f_op->release) f->file.f_op->release(f->file.f_inode, &f->file);
}

void __inode_release_files(struct inode* inode) {
  struct vnode* v = vnode_of(inode);

  for (;;) {
    struct open_file* f;

    spin_lock(&v->lock);
    f = list_first_entry_or_null(&v->files, struct open_file, node);
    if (f) {
      list_del_init(&f->node);
      f->released = true;
    }
    spin_unlock(&v->lock);
    if (!f) break;
    open_file_release(f);
  }
}

// Of the module that the operations are of, so that it stays.
static const struct file_operations* fops_get(const struct file_operations* fops) {
  return fops && try_module_get(fops->owner) ? fops : NULL;
}

ssize_t __splices(struct kiocb* iocb, struct iov_iter* iter) { return -EINVAL; }

void replace_fops(struct file* file, const struct file_operations* fops) {
  const struct file_operations* old = file->f_op;

  file->f_op = fops_get(fops);
  if (old) module_put(old->owner);
}

struct file* vfs_open(struct inode* inode, unsigned int flags) {
  struct vnode* v = vnode_of(inode);
  struct open_file* f;
  int err = vnode_enter(v);

  if (err) return ERR_PTR(-ENOENT);
  f = kzalloc(sizeof(*f), GFP_KERNEL);
  if (!f) {
    vnode_leave(v);
    return ERR_PTR(-ENOMEM);
  }
  f->file.f_inode = inode;
  f->file.f_path.dentry = &v->dentry;
  f->file.f_flags = flags;
  f->file.f_mode = ((flags + 1) & O_ACCMODE) | FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
  f->file.f_op = fops_get(inode->i_fop);
  if (!f->file.f_op)
    err = -ENODEV;
  else if (f->file.f_op->open)
    err = f->file.f_op->open(inode, &f->file);
  if (err) {
    if (f->file.f_op) module_put(f->file.f_op->owner);
    kfree(f);
  } else {
    spin_lock(&v->lock);
    list_add(&f->node, &v->files);
    spin_unlock(&v->lock);
  }
  vnode_leave(v);
  return err ? ERR_PTR(err) : &f->file;
}

// At that place, or where the file is at (at < 0), which moves on then.
ssize_t __vfs_read(struct file* file, char* buf, size_t n, loff_t at) {
  struct vnode* v = vnode_of(file->f_inode);
  loff_t pos = at < 0 ? file->f_pos : at;
  ssize_t ret;

  if (!(file->f_mode & FMODE_READ)) return -EBADF;
  if (at >= 0 && !(file->f_mode & FMODE_PREAD)) return -ESPIPE;
  if (!file->f_op->read) return -EINVAL;
  ret = vnode_enter(v);
  if (ret) return ret;
  ret = file->f_op->read(file, buf, n, &pos);
  if (ret >= 0 && at < 0) file->f_pos = pos;
  vnode_leave(v);
  return ret;
}

ssize_t __vfs_write(struct file* file, const char* buf, size_t n, loff_t at) {
  struct vnode* v = vnode_of(file->f_inode);
  loff_t pos = at < 0 ? file->f_pos : at;
  ssize_t ret;

  if (!(file->f_mode & FMODE_WRITE)) return -EBADF;
  if (at >= 0 && !(file->f_mode & FMODE_PWRITE)) return -ESPIPE;
  if (!file->f_op->write) return -EINVAL;
  ret = vnode_enter(v);
  if (ret) return ret;
  ret = file->f_op->write(file, buf, n, &pos);
  if (ret >= 0 && at < 0) file->f_pos = pos;
  vnode_leave(v);
  return ret;
}

loff_t vfs_llseek(struct file* file, loff_t offset, int whence) {
  struct vnode* v = vnode_of(file->f_inode);
  loff_t ret;

  if (!(file->f_mode & FMODE_LSEEK) || !file->f_op->llseek) return -ESPIPE;
  ret = vnode_enter(v);
  if (ret) return ret;
  ret = file->f_op->llseek(file, offset, whence);
  vnode_leave(v);
  return ret;
}

long vfs_ioctl(struct file* file, unsigned int cmd, unsigned long arg) {
  struct vnode* v = vnode_of(file->f_inode);
  long ret;

  if (!file->f_op->unlocked_ioctl) return -ENOTTY;
  ret = vnode_enter(v);
  if (ret) return ret;
  ret = file->f_op->unlocked_ioctl(file, cmd, arg);
  vnode_leave(v);
  return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}

// One poll(2), select(2) and so on, with what it has in wait queues (fs/select.c). The model allocates it.
struct poll_wqueues {
  poll_table pt;
  struct task_struct* task;
  struct poll_entry* entries;
};
struct poll_entry {
  wait_queue_entry_t wait;
  wait_queue_head_t* head;
  unsigned long key;
  struct poll_entry* next;
};
_Static_assert(sizeof(struct poll_wqueues) <= 64, "the emulator makes it");

static int pollwake(wait_queue_entry_t* wait, unsigned mode, int flags, void* key) {
  struct poll_entry* entry = container_of(wait, struct poll_entry, wait);

  if (key && !((unsigned long)key & entry->key)) return 0;
  smp_mb();
  __poll_wake(wait->private);
  return 1;
}

static void __pollwait(struct file* file, wait_queue_head_t* head, poll_table* p) {
  struct poll_wqueues* pwq = container_of(p, struct poll_wqueues, pt);
  struct poll_entry* entry = kzalloc(sizeof(*entry), GFP_KERNEL);

  if (!entry) return;
  entry->head = head;
  entry->key = p->_key;
  init_waitqueue_func_entry(&entry->wait, pollwake);
  entry->wait.private = pwq->task;
  entry->next = pwq->entries;
  pwq->entries = entry;
  add_wait_queue(head, &entry->wait);
}

void __poll_freewait(struct poll_wqueues* pwq) {
  while (pwq->entries) {
    struct poll_entry* entry = pwq->entries;

    pwq->entries = entry->next;
    remove_wait_queue(entry->head, &entry->wait);
    kfree(entry);
  }
  kfree(pwq);
}

// `joins`: the first time in a call that the file is asked, when it names its wait queues.
unsigned int __vfs_poll(struct file* file, struct poll_wqueues* pwq, unsigned int key, bool joins) {
  struct vnode* v = vnode_of(file->f_inode);
  unsigned int ret;

  if (vnode_enter(v)) return EPOLLERR | EPOLLHUP;
  pwq->task = current;
  pwq->pt._key = key;
  pwq->pt._qproc = joins ? __pollwait : NULL;
  ret = (unsigned int)file->f_op->poll(file, &pwq->pt);
  vnode_leave(v);
  return ret;
}

void poll_wait(struct file* file, wait_queue_head_t* wq, poll_table* p) {
  if (p && p->_qproc && wq) p->_qproc(file, wq, p);
}

// At each close() of one of its descriptors.
long filp_flush(struct file* file) {
  struct vnode* v = vnode_of(file->f_inode);
  long ret = 0;

  if (!file->f_op->flush || vnode_enter(v)) return 0;
  ret = file->f_op->flush(file, NULL);
  vnode_leave(v);
  return ret;
}

void __fput(struct file* file) {
  struct open_file* f = container_of(file, struct open_file, file);
  struct vnode* v = vnode_of(file->f_inode);

  spin_lock(&v->lock);
  list_del_init(&f->node);
  spin_unlock(&v->lock);
  if (!f->released) open_file_release(f);
  module_put(file->f_op->owner);
  kfree(f);
}

void __folders_to(const char* path) {
  char* copy = kstrdup(path, GFP_KERNEL);

  if (!copy) return;
  for (char* at = copy + 1; (at = strchr(at, '/')); *at++ = '/') {
    *at = 0;
    __folder_add(copy);
  }
  kfree(copy);
}
