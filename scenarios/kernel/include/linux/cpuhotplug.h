/* States that a CPU goes through when it comes or goes, and calls at them. */
#ifndef TRAPLINE_LINUX_CPUHOTPLUG_H
#define TRAPLINE_LINUX_CPUHOTPLUG_H

#include <linux/types.h>
enum cpuhp_state {
  CPUHP_INVALID = -1,
  CPUHP_OFFLINE = 0,
  CPUHP_CREATE_THREADS,
  CPUHP_BP_PREPARE_DYN = 60,
  CPUHP_BP_PREPARE_DYN_END = CPUHP_BP_PREPARE_DYN + 20,
  CPUHP_BRINGUP_CPU,
  CPUHP_AP_ONLINE = 140,
  CPUHP_AP_ONLINE_IDLE,
  CPUHP_AP_PERF_ONLINE = 170,
  CPUHP_AP_ONLINE_DYN = 200,
  CPUHP_AP_ONLINE_DYN_END = CPUHP_AP_ONLINE_DYN + 30,
  CPUHP_AP_ACTIVE,
  CPUHP_ONLINE,
};
/* invoke: whether to call startup now for each online CPU. Gives the state of a _DYN one. */
int __cpuhp_setup_state(enum cpuhp_state state, const char* name, bool invoke,
                        int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu), bool multi);
void __cpuhp_remove_state(enum cpuhp_state state, bool invoke);
#define cpuhp_setup_state(state, name, startup, teardown) \
  __cpuhp_setup_state(state, name, true, startup, teardown, false)
#define cpuhp_setup_state_nocalls(state, name, startup, teardown) \
  __cpuhp_setup_state(state, name, false, startup, teardown, false)
#define cpuhp_setup_state_cpuslocked(state, name, startup, teardown) \
  cpuhp_setup_state(state, name, startup, teardown)
#define cpuhp_setup_state_nocalls_cpuslocked(s, n, up, down) cpuhp_setup_state_nocalls(s, n, up, down)
#define cpuhp_remove_state(state) __cpuhp_remove_state(state, true)
#define cpuhp_remove_state_nocalls(state) __cpuhp_remove_state(state, false)

#endif
