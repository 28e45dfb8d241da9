/* Names of /proc/sys: tables are accepted by type only. */
#ifndef TRAPLINE_LINUX_SYSCTL_H
#define TRAPLINE_LINUX_SYSCTL_H

#include <linux/types.h>
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
int proc_dointvec(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_dointvec_minmax(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
int proc_dostring(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos);
struct ctl_table_header* register_sysctl(const char* path, struct ctl_table* table);
void unregister_sysctl_table(struct ctl_table_header* header);

#endif
