// Who runs the program (kernel/cred.c, capability.c): root.
#include <linux/capability.h>
#include <linux/cred.h>

bool capable(int cap) { return true; }
uid_t __current_uid(void) { return 0; }
gid_t __current_gid(void) { return 0; }
