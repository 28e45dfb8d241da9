/* Messages about devices. */
#ifndef TRAPLINE_LINUX_DEV_PRINTK_H
#define TRAPLINE_LINUX_DEV_PRINTK_H

#include <linux/printk.h>
struct device;
/* With its driver's name, or else its class's, and its own. */
const char* dev_driver_string(const struct device* dev);
#define __dev_printk(level, dev, fmt, ...)                                            \
  printk(level "%s%s%s: " fmt, (dev) ? dev_driver_string(dev) : "", (dev) ? " " : "", \
         (dev) ? dev_name(dev) : "(NULL device *)", ##__VA_ARGS__)
#define dev_emerg(dev, fmt, ...) __dev_printk(KERN_EMERG, dev, fmt, ##__VA_ARGS__)
#define dev_crit(dev, fmt, ...) __dev_printk(KERN_CRIT, dev, fmt, ##__VA_ARGS__)
#define dev_err(dev, fmt, ...) __dev_printk(KERN_ERR, dev, fmt, ##__VA_ARGS__)
#define dev_warn(dev, fmt, ...) __dev_printk(KERN_WARNING, dev, fmt, ##__VA_ARGS__)
#define dev_notice(dev, fmt, ...) __dev_printk(KERN_NOTICE, dev, fmt, ##__VA_ARGS__)
#define dev_info(dev, fmt, ...) __dev_printk(KERN_INFO, dev, fmt, ##__VA_ARGS__)
#define dev_dbg(dev, fmt, ...)                                \
  do {                                                        \
    if (0) __dev_printk(KERN_DEBUG, dev, fmt, ##__VA_ARGS__); \
  } while (0)

#endif
