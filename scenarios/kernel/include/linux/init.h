/* Marks of code that runs at start or end, and initcalls. */
#ifndef TRAPLINE_LINUX_INIT_H
#define TRAPLINE_LINUX_INIT_H

#include <linux/compiler.h>
#include <linux/stringify.h>
#include <linux/types.h>
#define __init
#define __exit
#define __initdata
#define __initconst
#define __exitdata
#define __init_or_module
#define __initdata_or_module
#define __meminit
#define __meminitdata
#define __devinit
#define __devexit
#define __cpuinit
#define __cpuexit
#define __exit_p(x) x
#define __devexit_p(x) x
#define __net_init
#define __net_exit
typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);
#include <linux/module_init.h>

#endif
