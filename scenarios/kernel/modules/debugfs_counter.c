// A counter in debugfs: value is read and written as a number, log by a sequence file, and raw by
// file operations.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

static struct dentry* dir;
static DEFINE_MUTEX(guard);
static u64 value, last[8];
static u32 changes;

static int value_get(void* data, u64* out) {
  *out = value;
  return 0;
}
static int value_set(void* data, u64 n) {
  mutex_lock(&guard);
  last[changes++ % ARRAY_SIZE(last)] = value;
  value = n;
  mutex_unlock(&guard);
  return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(value_fops, value_get, value_set, "%llu\n");

static int log_show(struct seq_file* m, void* v) {
  mutex_lock(&guard);
  seq_printf(m, "now %llu, after %u changes\n", value, changes);
  for (u32 i = 0; i < min_t(u32, changes, ARRAY_SIZE(last)); i++) seq_printf(m, "was %llu\n", last[i]);
  mutex_unlock(&guard);
  return 0;
}
DEFINE_SHOW_ATTRIBUTE(log);

static ssize_t raw_read(struct file* file, char __user* buf, size_t len, loff_t* pos) {
  char text[24];
  int n = scnprintf(text, sizeof(text), "%#llx\n", value);

  return simple_read_from_buffer(buf, len, pos, text, n);
}
static ssize_t raw_write(struct file* file, const char __user* buf, size_t len, loff_t* pos) {
  u64 n;
  int err = kstrtoull_from_user(buf, len, 0, &n);

  if (err) return err;
  value_set(NULL, value + n);
  return len;
}
static const struct file_operations raw_fops = {.owner = THIS_MODULE,
                                                .open = simple_open,
                                                .read = raw_read,
                                                .write = raw_write,
                                                .llseek = default_llseek};

static int __init debugfs_counter_init(void) {
  dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
  if (IS_ERR(dir)) return PTR_ERR(dir);
  debugfs_create_file("value", 0644, dir, NULL, &value_fops);
  debugfs_create_file("log", 0444, dir, NULL, &log_fops);
  debugfs_create_file("raw", 0600, dir, NULL, &raw_fops);
  debugfs_create_u32("changes", 0444, dir, &changes);
  return 0;
}

static void __exit debugfs_counter_exit(void) {
  debugfs_remove_recursive(dir);
  pr_info("%u changes\n", changes);
}

module_init(debugfs_counter_init);
module_exit(debugfs_counter_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A counter in debugfs");
