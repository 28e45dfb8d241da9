/* The size of a page. */
#ifndef TRAPLINE_ASM_PAGE_H
#define TRAPLINE_ASM_PAGE_H

#include <linux/types.h>
#ifndef PAGE_SHIFT
#ifdef __x86_64__
#define PAGE_SHIFT 12
#else
#define PAGE_SHIFT 16
#endif
#endif
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(address) (((address) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGNED(address) (((unsigned long)(address) & ~PAGE_MASK) == 0)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define clear_page(p) __builtin_memset(p, 0, PAGE_SIZE)
#define copy_page(to, from) __builtin_memcpy(to, from, PAGE_SIZE)

#endif
