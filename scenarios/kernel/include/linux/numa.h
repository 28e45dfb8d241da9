/* Memory nodes: one. */
#ifndef TRAPLINE_LINUX_NUMA_H
#define TRAPLINE_LINUX_NUMA_H

#include <linux/topology.h>
#define MAX_NUMNODES 1
#define NUMA_NO_NODE (-1)
#define for_each_online_node(n) for ((n) = 0; (n) < 1; (n)++)

#endif
