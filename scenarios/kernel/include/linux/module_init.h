/* module_init() and module_exit(): other names, init_module and cleanup_module, of a function. */
#ifndef TRAPLINE_LINUX_MODULE_INIT_H
#define TRAPLINE_LINUX_MODULE_INIT_H

#include <linux/compiler.h>
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
#define __setup(str, fn)
#define early_param(str, fn)

#endif
