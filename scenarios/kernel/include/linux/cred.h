/* Whose the task that runs is. */
#ifndef TRAPLINE_LINUX_CRED_H
#define TRAPLINE_LINUX_CRED_H

#include <linux/uidgid.h>
uid_t __current_uid(void);
gid_t __current_gid(void);
#define current_uid() KUIDT_INIT(__current_uid())
#define current_gid() KGIDT_INIT(__current_gid())
#define current_euid() current_uid()
#define current_egid() current_gid()
#define current_fsuid() current_uid()
#define current_user_ns() NULL

#endif
