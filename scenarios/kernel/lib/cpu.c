// CPUs that come and go, and the states that they pass on the way (kernel/cpu.c).
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rwsem.h>
#include <linux/stop_machine.h>

#include "gates.h"
#include "internal.h"

struct cpuhp_step {
  const char* name;
  int (*startup)(unsigned int cpu);
  int (*teardown)(unsigned int cpu);
};
static struct cpuhp_step cpuhp_hp_states[CPUHP_ONLINE + 1];
static DEFINE_MUTEX(cpuhp_state_mutex);
static DECLARE_RWSEM(cpu_hotplug_lock);

void cpus_read_lock(void) { down_read(&cpu_hotplug_lock); }
void cpus_read_unlock(void) { up_read(&cpu_hotplug_lock); }
int cpus_read_trylock(void) { return down_read_trylock(&cpu_hotplug_lock); }

// --- Calls of one state ---

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
  cpus_read_lock();
  mutex_lock(&cpuhp_state_mutex);
  if (dynamic) state = cpuhp_reserve_state(state);
  if (state >= 0 && cpuhp_hp_states[state].name) state = -EBUSY;
  if (state < 0) {
    err = state;
    goto unlock;
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
unlock:
  mutex_unlock(&cpuhp_state_mutex);
  cpus_read_unlock();
  return err ? err : dynamic ? state : 0;
}

void __cpuhp_remove_state(enum cpuhp_state state, bool invoke) {
  unsigned int cpu;

  if ((int)state <= CPUHP_OFFLINE || state >= CPUHP_ONLINE) return;
  cpus_read_lock();
  mutex_lock(&cpuhp_state_mutex);
  if (cpuhp_hp_states[state].name && invoke)
    for_each_online_cpu(cpu) cpuhp_issue_call((int)state, cpuhp_hp_states[state].teardown, cpu);
  cpuhp_hp_states[state] = (struct cpuhp_step){NULL, NULL, NULL};
  mutex_unlock(&cpuhp_state_mutex);
  cpus_read_unlock();
}

// --- The way of one CPU through the states ---

struct cpuhp_way {
  unsigned int cpu;
  int state;  /* where it is */
  int target; /* where it is to come to */
};

// Enters the state, or leaves it for the one below.
static int cpuhp_step(unsigned int cpu, int state, bool up) {
  const struct cpuhp_step* step = &cpuhp_hp_states[state];

  // What of the model's own has its place in this order.
  if (state == CPUHP_AP_PERF_ONLINE) __perf_event_cpu(cpu, up);
  if (state == CPUHP_AP_ACTIVE) {
    if (up)
      cpumask_set_cpu(cpu, &__cpu_active_mask);
    else
      cpumask_clear_cpu((int)cpu, &__cpu_active_mask);
  }
  if (!step->name) return 0;
  if (up) return step->startup ? step->startup(cpu) : 0;
  return step->teardown ? step->teardown(cpu) : 0;
}

// Where a state refuses, those that were passed are undone.
static int cpuhp_up_callbacks(void* arg) {
  struct cpuhp_way* way = arg;
  int from = way->state, err;

  while (way->state < way->target) {
    err = cpuhp_step(way->cpu, way->state + 1, true);
    if (err) {
      for (; way->state > from; way->state--) cpuhp_step(way->cpu, way->state, false);
      return err;
    }
    way->state++;
  }
  return 0;
}

static int cpuhp_down_callbacks(void* arg) {
  struct cpuhp_way* way = arg;
  int from = way->state, err;

  for (; way->state > way->target; way->state--) {
    err = cpuhp_step(way->cpu, way->state, false);
    if (err) {
      for (; way->state < from; way->state++) cpuhp_step(way->cpu, way->state + 1, true);
      return err;
    }
  }
  return 0;
}

static int in_thread(struct cpuhp_way* way, int target, int (*walk)(void*)) {
  way->target = target;
  return __run_in_thread("cpuhp", (int)way->cpu, walk, way);
}

// On the CPU that goes, while no other does anything (take_cpu_down()).
static int take_cpu_down(void* arg) {
  struct cpuhp_way* way = arg;

  cpumask_clear_cpu((int)way->cpu, &__cpu_online_mask);
  way->target = CPUHP_BRINGUP_CPU;
  cpuhp_down_callbacks(way);
  __take_cpu_down(way->cpu);
  return 0;
}

static int _cpu_down(unsigned int cpu) {
  struct cpuhp_way way = {.cpu = cpu, .state = CPUHP_ONLINE};
  int err;

  if (num_online_cpus() == 1) return -EBUSY;
  err = in_thread(&way, CPUHP_AP_ONLINE, cpuhp_down_callbacks);
  if (err) return err;
  stop_machine(take_cpu_down, &way, cpumask_of(cpu));
#ifdef CONFIG_X86
  pr_info("smpboot: CPU %u is now offline\n", cpu);
#endif
  way.target = CPUHP_OFFLINE;
  cpuhp_down_callbacks(&way);
  return 0;
}

// The first that a CPU does (notify_cpu_starting()).
static int starting(void* arg) {
  struct cpuhp_way* way = arg;
  unsigned long flags;

  flags = __local_irq_save();
  way->target = CPUHP_AP_ONLINE;
  cpuhp_up_callbacks(way);
  __local_irq_restore(flags);
  return 0;
}

static int _cpu_up(unsigned int cpu) {
  struct cpuhp_way way = {.cpu = cpu, .state = CPUHP_OFFLINE, .target = CPUHP_BRINGUP_CPU};
  int err = cpuhp_up_callbacks(&way);

  if (err) return err;
#ifdef CONFIG_X86
  pr_info("smpboot: Booting Node 0 Processor %u APIC 0x%x\n", cpu, cpu);
#endif
  __bringup_cpu(cpu);
  cpumask_set_cpu(cpu, &__cpu_online_mask);
  err = in_thread(&way, CPUHP_AP_ONLINE, starting);
  if (!err) err = in_thread(&way, CPUHP_ONLINE, cpuhp_up_callbacks);
  if (!err) return 0;
  stop_machine(take_cpu_down, &way, cpumask_of(cpu));
  way.target = CPUHP_OFFLINE;
  cpuhp_down_callbacks(&way);
  return err;
}

// device_offline(), device_online(): 1: it is so already.
static int switch_cpu(unsigned int cpu, bool online) {
  int err = 1;

  if (cpu >= nr_cpu_ids) return -EINVAL;
  if (!online && !__cpu_hotpluggable(cpu)) return -EPERM;
  down_write(&cpu_hotplug_lock);
  if (cpu_online(cpu) != online) err = online ? _cpu_up(cpu) : _cpu_down(cpu);
  up_write(&cpu_hotplug_lock);
  return err;
}

int add_cpu(unsigned int cpu) { return switch_cpu(cpu, true); }
int remove_cpu(unsigned int cpu) { return switch_cpu(cpu, false); }

// What a program writes to /sys/devices/system/cpu/cpuN/online.
long __online_store(unsigned long cpu, unsigned long online) {
  return switch_cpu((unsigned int)cpu, online != 0);
}
