/* System calls that a module serves: a function defined by SYSCALL_DEFINEn(name, type, argument, ...) is
   called in place of the emulator's own, for each such call of any task, unless it gives SYSCALL_PASS. */
#ifndef TRAPLINE_LINUX_SYSCALLS_H
#define TRAPLINE_LINUX_SYSCALLS_H

#include <asm/ptrace.h>
#include <linux/compiler.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/types.h>

/* No error number: the emulator's own function serves the call. */
#define SYSCALL_PASS (-600L)

/* what(type, argument) of each pair, with commas. */
#define __SC_EACH1(what, t, a) what(t, a)
#define __SC_EACH2(what, t, a, ...) what(t, a), __SC_EACH1(what, __VA_ARGS__)
#define __SC_EACH3(what, t, a, ...) what(t, a), __SC_EACH2(what, __VA_ARGS__)
#define __SC_EACH4(what, t, a, ...) what(t, a), __SC_EACH3(what, __VA_ARGS__)
#define __SC_EACH5(what, t, a, ...) what(t, a), __SC_EACH4(what, __VA_ARGS__)
#define __SC_EACH6(what, t, a, ...) what(t, a), __SC_EACH5(what, __VA_ARGS__)
#define __SC_PARAMETER(t, a) t a
#define __SC_REGISTER(t, a) long a
#define __SC_CONVERTED(t, a) (t) a

/* Registers come whole: what a program leaves in the upper half of one that holds an int is cut off. */
#ifdef __x86_64__
#define __SC_REGS1 (long)regs->di
#define __SC_REGS2 __SC_REGS1, (long)regs->si
#define __SC_REGS3 __SC_REGS2, (long)regs->dx
#define __SC_REGS4 __SC_REGS3, (long)regs->r10
#define __SC_REGS5 __SC_REGS4, (long)regs->r8
#define __SC_REGS6 __SC_REGS5, (long)regs->r9
#define __SC_ENTRY(n, name, ...)                                \
  asmlinkage long __x64_sys_##name(const struct pt_regs* regs); \
  asmlinkage long __x64_sys_##name(const struct pt_regs* regs) { return __se_sys_##name(__SC_REGS##n); }
#define SYSCALL_DEFINE0(name)                                   \
  asmlinkage long __x64_sys_##name(const struct pt_regs* regs); \
  asmlinkage long __x64_sys_##name(const struct pt_regs* regs)
#else
#define __SC_NAME(t, a) a
#define __SC_ENTRY(n, name, ...)                                         \
  asmlinkage long sys_##name(__SC_EACH##n(__SC_REGISTER, __VA_ARGS__));  \
  asmlinkage long sys_##name(__SC_EACH##n(__SC_REGISTER, __VA_ARGS__)) { \
    return __se_sys_##name(__SC_EACH##n(__SC_NAME, __VA_ARGS__));        \
  }
#define SYSCALL_DEFINE0(name)       \
  asmlinkage long sys_##name(void); \
  asmlinkage long sys_##name(void)
#endif

#define __SC_DEFINE(n, name, ...)                                                         \
  static long __do_sys_##name(__SC_EACH##n(__SC_PARAMETER, __VA_ARGS__));                 \
  static __always_inline long __se_sys_##name(__SC_EACH##n(__SC_REGISTER, __VA_ARGS__)) { \
    return __do_sys_##name(__SC_EACH##n(__SC_CONVERTED, __VA_ARGS__));                    \
  }                                                                                       \
  __SC_ENTRY(n, name, __VA_ARGS__)                                                        \
  static long __do_sys_##name(__SC_EACH##n(__SC_PARAMETER, __VA_ARGS__))
#define SYSCALL_DEFINE1(name, ...) __SC_DEFINE(1, name, __VA_ARGS__)
#define SYSCALL_DEFINE2(name, ...) __SC_DEFINE(2, name, __VA_ARGS__)
#define SYSCALL_DEFINE3(name, ...) __SC_DEFINE(3, name, __VA_ARGS__)
#define SYSCALL_DEFINE4(name, ...) __SC_DEFINE(4, name, __VA_ARGS__)
#define SYSCALL_DEFINE5(name, ...) __SC_DEFINE(5, name, __VA_ARGS__)
#define SYSCALL_DEFINE6(name, ...) __SC_DEFINE(6, name, __VA_ARGS__)

#endif
