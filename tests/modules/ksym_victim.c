// Variables for ksym_client.c to have watched: what is written to "poke" in debugfs is done to them.
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/uaccess.h>

static int victim;
static int victim_read_only = 7;
static char victim_text[8] = "unhit";
// At no multiple of 4, and from one doubleword on into the next.
asm(".data\n"
    ".balign 8\n"
    ".byte 0\n"
    "victim_odd: .fill 5\n"
    "victim_across: .fill 10\n"
    ".previous");
static struct dentry* folder;

static noinline void write_victim(int value) { WRITE_ONCE(victim, value); }
static noinline int read_victim(void) { return READ_ONCE(victim); }

// "w N" writes it N times, "r N" reads it N times, "o" reads the others.
static ssize_t poke_write(struct file* file, const char __user* text, size_t count, loff_t* ppos) {
  char order[16] = "";
  int n, sum = 0;

  if (count >= sizeof(order)) return -EINVAL;
  if (copy_from_user(order, text, count)) return -EFAULT;
  if (order[0] == 'o') return READ_ONCE(victim_read_only) + READ_ONCE(victim_text[1]) ? (ssize_t)count : 0;
  if (sscanf(order + 1, "%d", &n) != 1) return -EINVAL;
  for (int i = 0; i < n; i++) {
    if (order[0] == 'w')
      write_victim(i);
    else
      sum += read_victim();
  }
  return sum < 0 ? -ERANGE : (ssize_t)count;
}
static const struct file_operations poke_fops = {
    .owner = THIS_MODULE, .open = simple_open, .write = poke_write};

static int __init ksym_victim_init(void) {
  folder = debugfs_create_dir("ksym_victim", NULL);
  debugfs_create_file("poke", 0200, folder, NULL, &poke_fops);
  return PTR_ERR_OR_ZERO(folder);
}

static void __exit ksym_victim_exit(void) { debugfs_remove(folder); }

module_init(ksym_victim_init);
module_exit(ksym_victim_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Variables to watch");
