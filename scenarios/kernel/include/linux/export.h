/* EXPORT_SYMBOL(): a record {value, name} in section __ksymtab. */
#ifndef TRAPLINE_LINUX_EXPORT_H
#define TRAPLINE_LINUX_EXPORT_H

#include <linux/compiler.h>
#include <linux/stringify.h>

struct kernel_symbol {
  unsigned long value;
  const char* name;
};
_Static_assert(sizeof(struct kernel_symbol) == 16, "the loader reads it");
#define __EXPORT_SYMBOL(sym)                                                      \
  static const struct kernel_symbol __ksymtab_##sym __used __section("__ksymtab") \
      __aligned(8) = {(unsigned long)&sym, #sym}
#define EXPORT_SYMBOL(sym) __EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_GPL(sym) __EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_NS(sym, ns) __EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_NS_GPL(sym, ns) __EXPORT_SYMBOL(sym)
#define EXPORT_PER_CPU_SYMBOL(sym) __EXPORT_SYMBOL(sym)
#define EXPORT_PER_CPU_SYMBOL_GPL(sym) __EXPORT_SYMBOL(sym)
#ifndef THIS_MODULE
extern struct module __this_module;
#define THIS_MODULE (&__this_module)
#endif

#endif
