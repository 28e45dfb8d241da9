/* module_init() and module_exit(): other names, init_module and cleanup_module, of a function. */
#ifndef TRAPLINE_LINUX_MODULE_INIT_H
#define TRAPLINE_LINUX_MODULE_INIT_H

#include <linux/compiler.h>
#ifdef MODULE
#define module_init(fn) int init_module(void) __copy(fn) __alias(fn);
#define module_exit(fn) void cleanup_module(void) __copy(fn) __alias(fn);
int init_module(void);
void cleanup_module(void);
#define early_initcall(fn) module_init(fn)
#define core_initcall(fn) module_init(fn)
#define postcore_initcall(fn) module_init(fn)
#define arch_initcall(fn) module_init(fn)
#define subsys_initcall(fn) module_init(fn)
#define fs_initcall(fn) module_init(fn)
#define rootfs_initcall(fn) module_init(fn)
#define device_initcall(fn) module_init(fn)
#define late_initcall(fn) module_init(fn)
#define late_initcall_sync(fn) module_init(fn)
#define __initcall(fn) module_init(fn)
#define __exitcall(fn) module_exit(fn)
#else
/* Of a kernel image: lists of functions, by level. */
#define __define_initcall(fn, level) \
  static int (*__initcall_##fn)(void) __used __section(".initcall" level ".init") = fn;
#define early_initcall(fn) __define_initcall(fn, "0")
#define core_initcall(fn) __define_initcall(fn, "1")
#define postcore_initcall(fn) __define_initcall(fn, "2")
#define arch_initcall(fn) __define_initcall(fn, "3")
#define subsys_initcall(fn) __define_initcall(fn, "4")
#define fs_initcall(fn) __define_initcall(fn, "5")
#define rootfs_initcall(fn) __define_initcall(fn, "5r")
#define device_initcall(fn) __define_initcall(fn, "6")
#define late_initcall(fn) __define_initcall(fn, "7")
#define late_initcall_sync(fn) __define_initcall(fn, "7s")
#define __initcall(fn) device_initcall(fn)
#define module_init(fn) device_initcall(fn)
#define module_exit(fn) static void (*__exitcall_##fn)(void) __maybe_unused = fn;
#define __exitcall(fn) module_exit(fn)
#endif
#define __setup(str, fn)
#define early_param(str, fn)

#endif
