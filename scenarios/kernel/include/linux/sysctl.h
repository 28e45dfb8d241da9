/* Files in /proc/sys. */
#ifndef TRAPLINE_LINUX_SYSCTL_H
#define TRAPLINE_LINUX_SYSCTL_H

#include <linux/types.h>
#include <linux/uaccess.h>
struct ctl_table_header;
struct ctl_table;
typedef int proc_handler(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
struct ctl_table {
  const char* procname;
  void* data;
  int maxlen;
  umode_t mode;
  struct ctl_table* child;
  proc_handler* proc_handler;
  void* poll;
  void* extra1;
  void* extra2;
};
_Static_assert(sizeof(struct ctl_table) == 64, "the emulator may read it");
/* Bounds for extra1 and extra2. */
extern const int sysctl_vals[];
#define SYSCTL_ZERO ((void*)&sysctl_vals[0])
#define SYSCTL_ONE ((void*)&sysctl_vals[1])
#define SYSCTL_TWO ((void*)&sysctl_vals[2])
#define SYSCTL_THREE ((void*)&sysctl_vals[3])
#define SYSCTL_FOUR ((void*)&sysctl_vals[4])
#define SYSCTL_ONE_HUNDRED ((void*)&sysctl_vals[5])
#define SYSCTL_TWO_HUNDRED ((void*)&sysctl_vals[6])
#define SYSCTL_ONE_THOUSAND ((void*)&sysctl_vals[7])
#define SYSCTL_THREE_THOUSAND ((void*)&sysctl_vals[8])
#define SYSCTL_INT_MAX ((void*)&sysctl_vals[9])
#define SYSCTL_MAXOLDUID ((void*)&sysctl_vals[10])
#define SYSCTL_NEG_ONE ((void*)&sysctl_vals[11])
int proc_dobool(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_douintvec(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_douintvec_minmax(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_doulongvec_minmax(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_dointvec_jiffies(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_do_large_bitmap(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_dointvec(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_dointvec_minmax(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_dostring(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
struct ctl_table_header* register_sysctl(const char* path, struct ctl_table* table);
void unregister_sysctl_table(struct ctl_table_header* header);

#endif
