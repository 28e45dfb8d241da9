/* The system's name. */
#ifndef TRAPLINE_LINUX_UTSNAME_H
#define TRAPLINE_LINUX_UTSNAME_H

#include_next <linux/utsname.h>
extern struct new_utsname __init_utsname;
#define utsname() (&__init_utsname)
#define init_utsname() (&__init_utsname)

#endif
