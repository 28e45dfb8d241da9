/* Where CPUs are: one node. */
#ifndef TRAPLINE_LINUX_TOPOLOGY_H
#define TRAPLINE_LINUX_TOPOLOGY_H

#include <linux/cpumask.h>
#define cpu_to_node(cpu) ((void)(cpu), 0)
#define numa_node_id() 0
#define numa_mem_id() 0
#define cpumask_of_node(node) cpu_online_mask
#define topology_physical_package_id(cpu) ((void)(cpu), 0)
#define topology_core_id(cpu) ((int)(cpu))
#define topology_sibling_cpumask(cpu) cpumask_of(cpu)
#define NUMA_NO_NODE (-1)

#endif
