// The files of the log: /dev/kmsg (Documentation/ABI/testing/dev-kmsg) and /proc/kmsg (proc(5)).
#pragma once

namespace trapline::kernel {

class MadeFiles;
class Scheduler;
class Sysctls;
class Syslog;

// And /proc/sys/kernel/printk.
void make_kmsg_files(MadeFiles& made, Sysctls& sysctls, Syslog& syslog, Scheduler& scheduler);

}  // namespace trapline::kernel
