// What of device.c and chrdev.c is for misc.c.
#ifndef TRAPLINE_LIB_DEVICE_H
#define TRAPLINE_LIB_DEVICE_H

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/stdarg.h>

#include "sysfs.h"

extern const struct file_operations def_chr_fops;

// device_create(), with a file in /dev of another name (or null) and mode (or 0).
__printf(8, 0) struct device* __device_create(struct class* cls, struct device* parent, dev_t devt,
                                              void* drvdata, const char* node, umode_t mode,
                                              const struct file_operations* fops, const char* fmt,
                                              va_list args);

#endif
