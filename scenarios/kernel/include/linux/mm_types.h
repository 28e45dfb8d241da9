/* Memory of a process (opaque), and of a mapping what handle_mm_fault() and copy_page_range() are given. */
#ifndef TRAPLINE_LINUX_MM_TYPES_H
#define TRAPLINE_LINUX_MM_TYPES_H

#include <linux/types.h>
struct mm_struct;
struct page;
struct file;
struct vm_area_struct {
  unsigned long vm_start;
  unsigned long vm_end;
  struct mm_struct* vm_mm;
  unsigned long vm_page_prot;
  unsigned long vm_flags;
  unsigned long vm_pgoff;
  struct file* vm_file;
  void* vm_private_data;
};
_Static_assert(sizeof(struct vm_area_struct) == 64, "the emulator makes it");

#endif
