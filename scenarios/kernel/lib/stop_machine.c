// Functions that run while nothing else does (kernel/stop_machine.c), in a thread a CPU.
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/stop_machine.h>

#include "gates.h"

struct cpu_stop_work {
  cpu_stop_fn_t fn;
  void* arg;
  int ret;
  struct completion done;
};
struct cpu_stopper {
  struct task_struct* thread;
  struct cpu_stop_work* work;
};
static struct cpu_stopper cpu_stoppers[NR_CPUS];
static DEFINE_MUTEX(stop_cpus_mutex);  // one at a time

static int cpu_stopper_thread(void* data) {
  struct cpu_stopper* stopper = data;

  for (;;) {
    struct cpu_stop_work* work;

    set_current_state(TASK_INTERRUPTIBLE);
    work = xchg(&stopper->work, NULL);
    if (!work) {
      schedule();
      continue;
    }
    __set_current_state(TASK_RUNNING);
    work->ret = work->fn(work->arg);
    complete(&work->done);
  }
  return 0;
}

static int stopper_of(unsigned int cpu) {
  struct task_struct* p;

  if (cpu_stoppers[cpu].thread) return 0;
  p = kthread_create_on_cpu(cpu_stopper_thread, &cpu_stoppers[cpu], cpu, "migration/%u");
  if (IS_ERR(p)) return (int)PTR_ERR(p);
  sched_set_fifo(p);
  cpu_stoppers[cpu].thread = p;
  return 0;
}

static void queue_stop_work(unsigned int cpu, struct cpu_stop_work* work, cpu_stop_fn_t fn, void* arg) {
  *work = (struct cpu_stop_work){.fn = fn, .arg = arg};
  init_completion(&work->done);
  __atomic_store_n(&cpu_stoppers[cpu].work, work, __ATOMIC_RELEASE);
  wake_up_process(cpu_stoppers[cpu].thread);
}

int stop_one_cpu(unsigned int cpu, cpu_stop_fn_t fn, void* arg) {
  struct cpu_stop_work work;
  int err;

  if (cpu >= nr_cpu_ids || !cpu_online(cpu)) return -ENOENT;
  mutex_lock(&stop_cpus_mutex);
  err = stopper_of(cpu);
  if (!err) {
    queue_stop_work(cpu, &work, fn, arg);
    wait_for_completion(&work.done);
    err = work.ret;
  }
  mutex_unlock(&stop_cpus_mutex);
  return err;
}

// All CPUs step from one to the next together.
enum multi_stop_state { MULTI_STOP_PREPARE, MULTI_STOP_DISABLE_IRQ, MULTI_STOP_RUN, MULTI_STOP_EXIT };

struct multi_stop_data {
  cpu_stop_fn_t fn;
  void* data;
  struct cpumask active; /* which run fn */
  unsigned int cpus;
  unsigned int state;
  atomic_t to_come; /* CPUs that are not yet done with the state */
};

static void ack_state(struct multi_stop_data* msdata) {
  if (!atomic_dec_and_test(&msdata->to_come)) return;
  atomic_set(&msdata->to_come, (int)msdata->cpus);
  __atomic_store_n(&msdata->state, msdata->state + 1, __ATOMIC_RELEASE);
}

static int multi_cpu_stop(void* arg) {
  struct multi_stop_data* msdata = arg;
  unsigned int state = MULTI_STOP_PREPARE;
  unsigned long flags = 0;
  int err = 0;

  // Interrupts stay on until every CPU is here: another one may still wait for an answer of this one.
  ack_state(msdata);
  while (state != MULTI_STOP_EXIT) {
    unsigned int now = __atomic_load_n(&msdata->state, __ATOMIC_ACQUIRE);

    cpu_relax();
    if (now == state) continue;
    state = now;
    if (state == MULTI_STOP_DISABLE_IRQ) flags = __local_irq_save();
    if (state == MULTI_STOP_RUN && cpumask_test_cpu((int)smp_processor_id(), &msdata->active))
      err = msdata->fn(msdata->data);
    if (state != MULTI_STOP_EXIT) ack_state(msdata);
  }
  __local_irq_restore(flags);
  return err;
}

int stop_machine(cpu_stop_fn_t fn, void* data, const struct cpumask* cpus) {
  struct multi_stop_data msdata = {.fn = fn, .data = data, .state = MULTI_STOP_PREPARE};
  struct cpu_stop_work* works;
  struct cpumask all; /* fn may take one of them away */
  unsigned int cpu;
  int err = 0;

  works = kcalloc(nr_cpu_ids, sizeof(*works), GFP_KERNEL);
  if (!works) return -ENOMEM;
  mutex_lock(&stop_cpus_mutex);
  msdata.active = cpus ? *cpus : *cpumask_of(cpumask_first(cpu_online_mask));
  all = *cpu_online_mask;
  msdata.cpus = cpumask_weight(&all);
  atomic_set(&msdata.to_come, (int)msdata.cpus);
  for_each_cpu(cpu, &all) if (!err) err = stopper_of(cpu);
  if (!err) {
    for_each_cpu(cpu, &all) queue_stop_work(cpu, &works[cpu], multi_cpu_stop, &msdata);
    for_each_cpu(cpu, &all) {
      wait_for_completion(&works[cpu].done);
      if (works[cpu].ret) err = works[cpu].ret;
    }
  }
  mutex_unlock(&stop_cpus_mutex);
  kfree(works);
  return err;
}
