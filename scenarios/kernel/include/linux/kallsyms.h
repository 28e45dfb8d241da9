/* Names of addresses and addresses of names. */
#ifndef TRAPLINE_LINUX_KALLSYMS_H
#define TRAPLINE_LINUX_KALLSYMS_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/stddef.h>
#define KSYM_NAME_LEN 512
#define KSYM_SYMBOL_LEN                                                               \
  (sizeof("%s+%#lx/%#lx [%s]") + (KSYM_NAME_LEN - 1) + 2 * (BITS_PER_LONG * 3 / 10) + \
   (MODULE_NAME_LEN - 1) + 1)
unsigned long kallsyms_lookup_name(const char* name);
int kallsyms_on_each_symbol(int (*fn)(void* data, const char* name, struct module* mod,
                                      unsigned long address),
                            void* data);
/* namebuf has KSYM_NAME_LEN bytes; *modname becomes null for the kernel's own symbols. */
const char* kallsyms_lookup(unsigned long address, unsigned long* size, unsigned long* offset, char** modname,
                            char* namebuf);
/* buffer has KSYM_SYMBOL_LEN bytes: "name+0x1/0x2 [module]". */
int sprint_symbol(char* buffer, unsigned long address);
int sprint_symbol_no_offset(char* buffer, unsigned long address);
int sprint_backtrace(char* buffer, unsigned long address);
int lookup_symbol_name(unsigned long address, char* name);
static inline int kallsyms_lookup_size_offset(unsigned long address, unsigned long* size,
                                              unsigned long* offset) {
  char name[KSYM_NAME_LEN], *module;
  return kallsyms_lookup(address, size, offset, &module, name) != NULL;
}
#define print_ip_sym(level, ip) printk("%s[<%px>] %pS\n", level, (void*)(ip), (void*)(ip))
#ifdef __powerpc64__
#define dereference_symbol_descriptor(p) (*(void**)(p))
#else
#define dereference_symbol_descriptor(p) ((void*)(p))
#endif

#endif
