/* What makes a source a module: its start and end, its information, THIS_MODULE. */
#ifndef TRAPLINE_LINUX_MODULE_H
#define TRAPLINE_LINUX_MODULE_H

#include <asm/module.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kmod.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <linux/stringify.h>
#include <linux/sysctl.h>
#include <linux/time.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define MODULE_NAME_LEN 56
enum module_state { MODULE_STATE_LIVE, MODULE_STATE_COMING, MODULE_STATE_GOING, MODULE_STATE_UNFORMED };
struct module {
  char name[MODULE_NAME_LEN];
  unsigned int state;
  atomic_t refcnt;
  const char* version;
  const char* srcversion;
  void* module_core; /* for the loader: where it put the module, and how much */
  unsigned long core_size;
  struct list_head list;
  unsigned long private_[2];
};
_Static_assert(sizeof(struct module) == 128, "the loader may read it");

#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "module"
#endif
struct module __this_module __weak __section(".gnu.linkonce.this_module") = {.name = KBUILD_MODNAME};

#define MODULE_INFO(tag, info) __MODULE_INFO(tag, info)
#define MODULE_LICENSE(license) __MODULE_INFO(license, license)
#define MODULE_AUTHOR(author) __MODULE_INFO(author, author)
#define MODULE_DESCRIPTION(description) __MODULE_INFO(description, description)
#define MODULE_VERSION(version) __MODULE_INFO(version, version)
#define MODULE_ALIAS(alias) __MODULE_INFO(alias, alias)
#define MODULE_SOFTDEP(dep) __MODULE_INFO(softdep, dep)
#define MODULE_FIRMWARE(firmware) __MODULE_INFO(firmware, firmware)
#define MODULE_IMPORT_NS(ns) __MODULE_INFO(import_ns, __stringify(ns))
#define MODULE_ALIAS_MISCDEV(minor) MODULE_ALIAS("char-major-10-" __stringify(minor))
#define MODULE_ALIAS_CHARDEV(major, minor) \
  MODULE_ALIAS("char-major-" __stringify(major) "-" __stringify(minor))
#define MODULE_SUPPORTED_DEVICE(name) __MODULE_INFO(device, name)
#define MODULE_DEVICE_TABLE(type, name) extern int __module_device_table_unused

static inline bool try_module_get(struct module* module) {
  if (module) atomic_inc(&module->refcnt);
  return true;
}
static inline void __module_get(struct module* module) {
  if (module) atomic_inc(&module->refcnt);
}
static inline void module_put(struct module* module) {
  if (module) atomic_dec(&module->refcnt);
}
static inline int module_refcount(struct module* module) { return atomic_read(&module->refcnt); }
static inline const char* module_name(const struct module* module) {
  return module ? module->name : "kernel";
}
static inline bool module_is_live(struct module* module) { return module->state != MODULE_STATE_GOING; }

struct notifier_block;
int register_module_notifier(struct notifier_block* nb);
int unregister_module_notifier(struct notifier_block* nb);
struct module* __module_address(unsigned long address);
struct module* __module_text_address(unsigned long address);
struct module* find_module(const char* name);
static inline bool is_module_address(unsigned long address) { return __module_address(address) != NULL; }
void* __symbol_get(const char* symbol);
void __symbol_put(const char* symbol);
#define symbol_get(x) ((typeof(&x))__symbol_get(#x))
#define symbol_put(x) __symbol_put(#x)
#define symbol_request(x) symbol_get(x)
void symbol_put_addr(void* address);
#include <linux/kallsyms.h>

#endif
