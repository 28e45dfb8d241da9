/* The configuration the emulated kernel answers to: CONFIG_* names and IS_ENABLED(). */
#ifndef TRAPLINE_LINUX_KCONFIG_H
#define TRAPLINE_LINUX_KCONFIG_H

#define CONFIG_SMP 1
#define CONFIG_64BIT 1
#define CONFIG_NR_CPUS 64
#define CONFIG_HZ 250
#define CONFIG_HZ_250 1
#define CONFIG_MODULES 1
#define CONFIG_MODULE_UNLOAD 1
#define CONFIG_KALLSYMS 1
#define CONFIG_KALLSYMS_ALL 1
#define CONFIG_KPROBES 1
#define CONFIG_KRETPROBES 1
#define CONFIG_PERF_EVENTS 1
#define CONFIG_HAVE_HW_BREAKPOINT 1
#define CONFIG_PRINTK 1
#define CONFIG_BUG 1
#define CONFIG_DEBUG_FS 1
#define CONFIG_PROC_FS 1
#define CONFIG_SYSFS 1
#define CONFIG_KUNIT 1
#define CONFIG_STACKTRACE 1
#define CONFIG_HOTPLUG_CPU 1
#define CONFIG_HIGH_RES_TIMERS 1
#define CONFIG_MMU 1
#ifdef __x86_64__
#define CONFIG_X86 1
#define CONFIG_X86_64 1
#define CONFIG_HAVE_MIXED_BREAKPOINTS_REGS 1
#else
#define CONFIG_PPC 1
#define CONFIG_PPC64 1
#define CONFIG_PPC_BOOK3S 1
#define CONFIG_PPC_BOOK3S_64 1
#define CONFIG_PPC64_ELF_ABI_V1 1
#define CONFIG_CPU_BIG_ENDIAN 1
#endif

/* An option defined as 1 pastes to a name that expands to two arguments. */
#define __CONFIG_SET_1 0,
#define __config_second(first, second, ...) second
#define __config_pick(junk) __config_second(junk 1, 0)
#define __config_value(value) __config_pick(__CONFIG_SET_##value)
#define IS_BUILTIN(option) __config_value(option)
#define IS_MODULE(option) 0
#define IS_ENABLED(option) IS_BUILTIN(option)
#define IS_REACHABLE(option) IS_BUILTIN(option)

#endif
