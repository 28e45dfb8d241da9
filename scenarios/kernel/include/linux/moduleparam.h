/* Parameters and information of modules: records for the loader. */
#ifndef TRAPLINE_LINUX_MODULEPARAM_H
#define TRAPLINE_LINUX_MODULEPARAM_H

#include <linux/array_size.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/stringify.h>
#include <linux/types.h>

struct kernel_param;
/* For module_param_cb(): called with the value's text, or to print it (at most a page). */
struct kernel_param_ops {
  unsigned int flags;
  int (*set)(const char* val, const struct kernel_param* kp);
  int (*get)(char* buffer, const struct kernel_param* kp);
  void (*free)(void* arg);
};
#define KERNEL_PARAM_OPS_FL_NOARG 1
struct kparam_string {
  unsigned int maxlen;
  char* string;
};
/* One parameter, in section __param. The type "callback" has ops in place of count. */
struct kernel_param {
  const char* name;
  const char* type;
  void* arg;
  unsigned int perm;
  unsigned int size;
  union {
    unsigned int* count;
    const struct kernel_param_ops* ops;
  };
  unsigned int max;
  unsigned int pad;
};
_Static_assert(sizeof(struct kernel_param) == 48 && offsetof(struct kernel_param, count) == 32 &&
                   offsetof(struct kernel_param, max) == 40,
               "the loader reads it");

typedef unsigned char __param_type_byte;
typedef short __param_type_short;
typedef unsigned short __param_type_ushort;
typedef int __param_type_int;
typedef unsigned int __param_type_uint;
typedef unsigned int __param_type_hexint;
typedef long __param_type_long;
typedef unsigned long __param_type_ulong;
typedef unsigned long long __param_type_ullong;
typedef char* __param_type_charp;
typedef bool __param_type_bool;
typedef bool __param_type_invbool;
typedef int __param_type_bint;
typedef bool __param_type_bool_enable_only;

#define __PARAM_RECORD(pname, ptype, parg, pperm, psize, pcount, pmax)            \
  static const struct kernel_param __UNIQUE_ID(param) __used __section("__param") \
      __aligned(8) = {.name = #pname,                                             \
                      .type = ptype,                                              \
                      .arg = (void*)(parg),                                       \
                      .perm = (pperm),                                            \
                      .size = (psize),                                            \
                      {.count = (pcount)},                                        \
                      .max = (pmax),                                              \
                      .pad = 0}
#define __PARAM_CHECK(pname, ptype, value) \
  static inline __param_type_##ptype* __param_check_##pname(void) { return &(value); }

#define module_param(name, type, perm) module_param_named(name, name, type, perm)
#define module_param_named(name, value, type, perm) \
  __PARAM_CHECK(name, type, value)                  \
  __MODULE_INFO(parmtype, #name ":" #type);         \
  __PARAM_RECORD(name, #type, &(value), perm, sizeof(value), NULL, 0)
#define module_param_unsafe(name, type, perm) module_param(name, type, perm)
#define module_param_named_unsafe(name, value, type, perm) module_param_named(name, value, type, perm)
#define module_param_hw(name, type, hwtype, perm) module_param(name, type, perm)
#define module_param_hw_named(name, value, type, hwtype, perm) module_param_named(name, value, type, perm)
#define module_param_string(name, string, len, perm) \
  __MODULE_INFO(parmtype, #name ":string");          \
  __PARAM_RECORD(name, "string", (string), perm, (len), NULL, 0)
#define module_param_array(name, type, nump, perm) module_param_array_named(name, name, type, nump, perm)
#define module_param_array_named(name, array, type, nump, perm) \
  static unsigned int __param_count_##name __maybe_unused;      \
  __PARAM_CHECK(name, type, array[0])                           \
  __MODULE_INFO(parmtype, #name ":array of " #type);            \
  __PARAM_RECORD(name, #type, &(array)[0], perm, sizeof((array)[0]),                             \
                   _Generic((nump), unsigned int *: (unsigned int *)(nump),                        \
                            int *: (unsigned int *)(nump),                                         \
                            default: &__param_count_##name),                                       \
                   ARRAY_SIZE(array))
#define module_param_hw_array(name, type, hwtype, nump, perm) module_param_array(name, type, nump, perm)
#define module_param_cb(pname, pops, parg, pperm)                                 \
  static const struct kernel_param __UNIQUE_ID(param) __used __section("__param") \
      __aligned(8) = {.name = #pname,                                             \
                      .type = "callback",                                         \
                      .arg = (void*)(parg),                                       \
                      .perm = (pperm),                                            \
                      .size = 0,                                                  \
                      {.ops = (pops)},                                            \
                      .max = 0,                                                   \
                      .pad = 0}
#define module_param_cb_unsafe(name, ops, arg, perm) module_param_cb(name, ops, arg, perm)
#define module_param_call(name, setter, getter, arg, perm)         \
  static const struct kernel_param_ops __param_ops_##name = {      \
      .flags = 0, .set = (setter), .get = (getter), .free = NULL}; \
  module_param_cb(name, &__param_ops_##name, arg, perm)
#define core_param(name, value, type, perm) module_param_named(name, value, type, perm)
#define core_param_cb(name, ops, arg, perm) module_param_cb(name, ops, arg, perm)
#define kernel_param_lock(mod) \
  do {                         \
  } while (0)
#define kernel_param_unlock(mod) \
  do {                           \
  } while (0)

/* The setters and getters that a module's own kernel_param_ops may use. */
int snprintf(char* buf, size_t size, const char* fmt, ...);
#define __PARAM_TYPE(name, type, read, format)                                                        \
  static inline int param_set_##name(const char* val, const struct kernel_param* kp) { return read; } \
  static inline int param_get_##name(char* buffer, const struct kernel_param* kp) {                   \
    return snprintf(buffer, 4096, format "\n", *(type*)kp->arg);                                      \
  }                                                                                                   \
  static const struct kernel_param_ops param_ops_##name __maybe_unused = {                            \
      .flags = 0, .set = param_set_##name, .get = param_get_##name, .free = NULL};
__PARAM_TYPE(byte, unsigned char, kstrtou8(val, 0, (unsigned char*)kp->arg), "%hhu")
__PARAM_TYPE(short, short, kstrtos16(val, 0, (short*)kp->arg), "%hd")
__PARAM_TYPE(ushort, unsigned short, kstrtou16(val, 0, (unsigned short*)kp->arg), "%hu")
__PARAM_TYPE(int, int, kstrtoint(val, 0, (int*)kp->arg), "%d")
__PARAM_TYPE(uint, unsigned int, kstrtouint(val, 0, (unsigned int*)kp->arg), "%u")
__PARAM_TYPE(hexint, unsigned int, kstrtouint(val, 0, (unsigned int*)kp->arg), "0x%x")
__PARAM_TYPE(long, long, kstrtol(val, 0, (long*)kp->arg), "%ld")
__PARAM_TYPE(ulong, unsigned long, kstrtoul(val, 0, (unsigned long*)kp->arg), "%lu")
__PARAM_TYPE(ullong, unsigned long long, kstrtoull(val, 0, (unsigned long long*)kp->arg), "%llu")
static inline int param_set_bool(const char* val, const struct kernel_param* kp) {
  return kstrtobool(val ? val : "1", (bool*)kp->arg);
}
static inline int param_get_bool(char* buffer, const struct kernel_param* kp) {
  return snprintf(buffer, 4096, "%c\n", *(bool*)kp->arg ? 'Y' : 'N');
}
static const struct kernel_param_ops param_ops_bool __maybe_unused = {
    .flags = KERNEL_PARAM_OPS_FL_NOARG, .set = param_set_bool, .get = param_get_bool, .free = NULL};

/* "tag=value" strings in section .modinfo. */
#define __MODULE_INFO(tag, info) \
  static const char __UNIQUE_ID(modinfo)[] __used __section(".modinfo") __aligned(1) = #tag "=" info
#define MODULE_PARM_DESC(parameter, description) __MODULE_INFO(parm, #parameter ":" description)
#define __MODULE_PARM_TYPE(name, type) __MODULE_INFO(parmtype, #name ":" #type)

#endif
