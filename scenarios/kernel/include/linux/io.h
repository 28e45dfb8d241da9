/* Access to devices' memory. */
#ifndef TRAPLINE_LINUX_IO_H
#define TRAPLINE_LINUX_IO_H

#include <asm/byteorder.h>
#include <linux/types.h>
#define readb(p) (*(const volatile u8*)(p))
#define readl(p) le32_to_cpu(*(const volatile u32*)(p))
#define writeb(v, p) (*(volatile u8*)(p) = (v))
#define writel(v, p) (*(volatile u32*)(p) = cpu_to_le32(v))

#endif
