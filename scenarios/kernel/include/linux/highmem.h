/* Memory beyond a direct map: there is none. */
#ifndef TRAPLINE_LINUX_HIGHMEM_H
#define TRAPLINE_LINUX_HIGHMEM_H

#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#define kmap(page) page_address(page)
#define kmap_local_page(page) page_address(page)
#define kmap_atomic(page) page_address(page)
#define kunmap(page) ((void)(page))
#define kunmap_local(p) ((void)(p))
#define kunmap_atomic(p) ((void)(p))
#define clear_highpage(page) clear_page(page_address(page))

#endif
