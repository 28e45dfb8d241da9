// CPUs that come and go (kernel/cpu.c): here none does.
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/errno.h>
#include <linux/mutex.h>

#include "gates.h"
#include "internal.h"

struct cpuhp_step {
  const char* name;
  int (*startup)(unsigned int cpu);
  int (*teardown)(unsigned int cpu);
};
static struct cpuhp_step cpuhp_hp_states[CPUHP_ONLINE + 1];
static DEFINE_MUTEX(cpuhp_state_mutex);

void cpus_read_lock(void) {}
void cpus_read_unlock(void) {}
// device_online() of one that is.
int add_cpu(unsigned int cpu) { return cpu < nr_cpu_ids && cpu_online(cpu) ? 1 : -EINVAL; }
int remove_cpu(unsigned int cpu) { return -EBUSY; }

struct cpuhp_call {
  int (*fn)(unsigned int cpu);
  unsigned int cpu;
};

static int cpuhp_invoke_callback(void* arg) {
  struct cpuhp_call* call = arg;

  return call->fn(call->cpu);
}

// States of a CPU that runs are entered in a thread of that CPU, the others by the caller.
static int cpuhp_issue_call(int state, int (*fn)(unsigned int cpu), unsigned int cpu) {
  struct cpuhp_call call = {fn, cpu};

  if (!fn) return 0;
  if (state < CPUHP_BRINGUP_CPU) return cpuhp_invoke_callback(&call);
  return __run_in_thread("cpuhp", (int)cpu, cpuhp_invoke_callback, &call);
}

static int cpuhp_reserve_state(int state) {
  int end = state == CPUHP_AP_ONLINE_DYN ? CPUHP_AP_ONLINE_DYN_END : CPUHP_BP_PREPARE_DYN_END;

  for (; state <= end; state++)
    if (!cpuhp_hp_states[state].name) return state;
  return -ENOSPC;
}

int __cpuhp_setup_state(enum cpuhp_state wanted, const char* name, bool invoke,
                        int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu), bool multi) {
  bool dynamic = wanted == CPUHP_AP_ONLINE_DYN || wanted == CPUHP_BP_PREPARE_DYN;
  int state = (int)wanted, err = 0;
  unsigned int cpu, failed;

  if (state <= CPUHP_OFFLINE || state >= CPUHP_ONLINE || !name) return -EINVAL;
  mutex_lock(&cpuhp_state_mutex);
  if (dynamic) state = cpuhp_reserve_state(state);
  if (state >= 0 && cpuhp_hp_states[state].name) state = -EBUSY;
  if (state < 0) {
    mutex_unlock(&cpuhp_state_mutex);
    return state;
  }
  cpuhp_hp_states[state] = (struct cpuhp_step){name, startup, teardown};
  if (invoke) {
    for_each_online_cpu(failed) {
      err = cpuhp_issue_call(state, startup, failed);
      if (err) break;
    }
    if (err) {
      for_each_online_cpu(cpu) if (cpu < failed) cpuhp_issue_call(state, teardown, cpu);
      cpuhp_hp_states[state].name = NULL;
    }
  }
  mutex_unlock(&cpuhp_state_mutex);
  return err ? err : dynamic ? state : 0;
}

void __cpuhp_remove_state(enum cpuhp_state state, bool invoke) {
  unsigned int cpu;

  if ((int)state <= CPUHP_OFFLINE || state >= CPUHP_ONLINE) return;
  mutex_lock(&cpuhp_state_mutex);
  if (cpuhp_hp_states[state].name && invoke)
    for_each_online_cpu(cpu) cpuhp_issue_call((int)state, cpuhp_hp_states[state].teardown, cpu);
  cpuhp_hp_states[state] = (struct cpuhp_step){NULL, NULL, NULL};
  mutex_unlock(&cpuhp_state_mutex);
}
