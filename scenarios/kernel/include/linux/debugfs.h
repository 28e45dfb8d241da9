/* Files for debugging, in /sys/kernel/debug. */
#ifndef TRAPLINE_LINUX_DEBUGFS_H
#define TRAPLINE_LINUX_DEBUGFS_H

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/types.h>
struct debugfs_blob_wrapper {
  void* data;
  unsigned long size;
};
struct dentry* debugfs_create_dir(const char* name, struct dentry* parent);
struct dentry* debugfs_create_file(const char* name, umode_t mode, struct dentry* parent, void* data,
                                   const struct file_operations* fops);
struct dentry* debugfs_create_symlink(const char* name, struct dentry* parent, const char* target);
struct dentry* debugfs_create_blob(const char* name, umode_t mode, struct dentry* parent,
                                   struct debugfs_blob_wrapper* blob);
void debugfs_create_u8(const char* name, umode_t mode, struct dentry* parent, u8* value);
void debugfs_create_u16(const char* name, umode_t mode, struct dentry* parent, u16* value);
void debugfs_create_u32(const char* name, umode_t mode, struct dentry* parent, u32* value);
void debugfs_create_u64(const char* name, umode_t mode, struct dentry* parent, u64* value);
void debugfs_create_ulong(const char* name, umode_t mode, struct dentry* parent, unsigned long* value);
void debugfs_create_x8(const char* name, umode_t mode, struct dentry* parent, u8* value);
void debugfs_create_x16(const char* name, umode_t mode, struct dentry* parent, u16* value);
void debugfs_create_x32(const char* name, umode_t mode, struct dentry* parent, u32* value);
void debugfs_create_x64(const char* name, umode_t mode, struct dentry* parent, u64* value);
void debugfs_create_size_t(const char* name, umode_t mode, struct dentry* parent, size_t* value);
void debugfs_create_atomic_t(const char* name, umode_t mode, struct dentry* parent, atomic_t* value);
void debugfs_create_bool(const char* name, umode_t mode, struct dentry* parent, bool* value);
void debugfs_create_str(const char* name, umode_t mode, struct dentry* parent, char** value);
void debugfs_remove(struct dentry* dentry); /* with all that is in it */
struct dentry* debugfs_lookup(const char* name, struct dentry* parent);
static inline void debugfs_lookup_and_remove(const char* name, struct dentry* parent) {
  debugfs_remove(debugfs_lookup(name, parent));
}
#define debugfs_remove_recursive(dentry) debugfs_remove(dentry)
#define debugfs_create_file_unsafe(n, m, p, d, f) debugfs_create_file(n, m, p, d, f)
static inline bool debugfs_initialized(void) { return true; }
#define DEFINE_DEBUGFS_ATTRIBUTE(fops, get, set, fmt) DEFINE_SIMPLE_ATTRIBUTE(fops, get, set, fmt)
#define DEFINE_DEBUGFS_ATTRIBUTE_SIGNED(fops, get, set, fmt) \
  DEFINE_SIMPLE_ATTRIBUTE_SIGNED(fops, get, set, fmt)

#endif
