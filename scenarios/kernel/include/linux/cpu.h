/* CPUs that come and go. */
#ifndef TRAPLINE_LINUX_CPU_H
#define TRAPLINE_LINUX_CPU_H

#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/smp.h>
void cpus_read_lock(void);
void cpus_read_unlock(void);
int cpus_read_trylock(void);
#define get_online_cpus() cpus_read_lock()
#define put_online_cpus() cpus_read_unlock()
#define cpus_write_lock() cpus_read_lock()
#define cpus_write_unlock() cpus_read_unlock()
#define cpu_hotplug_disable() cpus_read_lock()
#define cpu_hotplug_enable() cpus_read_unlock()
int add_cpu(unsigned int cpu);
int remove_cpu(unsigned int cpu);
#define cpu_up(cpu) add_cpu(cpu)
#define cpu_down(cpu) remove_cpu(cpu)

#endif
