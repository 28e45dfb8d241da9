/* Work done while every other CPU stands still. */
#ifndef TRAPLINE_LINUX_STOP_MACHINE_H
#define TRAPLINE_LINUX_STOP_MACHINE_H

#include <linux/cpumask.h>
typedef int (*cpu_stop_fn_t)(void* arg);
int stop_machine(cpu_stop_fn_t fn, void* data, const struct cpumask* cpus);
int stop_one_cpu(unsigned int cpu, cpu_stop_fn_t fn, void* arg);

#endif
