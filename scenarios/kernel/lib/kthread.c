// Kernel threads (kernel/kthread.c). What is known of one, its struct kthread, is reached through
// worker_private and lives as long as the task_struct, with which the model frees it.
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "gates.h"
#include "internal.h"

enum { KTHREAD_SHOULD_STOP, KTHREAD_SHOULD_PARK };

struct kthread {
  unsigned long flags;
  long result;
  int (*threadfn)(void*);
  void* data;
  struct completion parked;
  struct completion exited;
};

static struct kthread* to_kthread(struct task_struct* p) { return p->worker_private; }

static void __kthread_parkme(struct kthread* self) {
  for (;;) {
    // Not a state that wake_up_process() ends.
    set_current_state(TASK_PARKED);
    if (!test_bit(KTHREAD_SHOULD_PARK, &self->flags)) break;
    complete(&self->parked);
    schedule();
  }
  __set_current_state(TASK_RUNNING);
}

// What a thread does from its first wake-up on.
static int kthread(void* arg) {
  struct kthread* self = arg;
  int ret = -EINTR;

  if (!test_bit(KTHREAD_SHOULD_STOP, &self->flags)) {
    __kthread_parkme(self);
    ret = self->threadfn(self->data);
  }
  kthread_exit(ret);
}

struct task_struct* __kthread_create(int (*fn)(void*), void* data, int cpu, const char* fmt, va_list args) {
  struct kthread* k = kzalloc(sizeof(*k), GFP_ATOMIC);
  char name[TASK_COMM_LEN];
  struct task_struct* p;

  if (!k) return ERR_PTR(-ENOMEM);
  k->threadfn = fn;
  k->data = data;
  init_completion(&k->parked);
  init_completion(&k->exited);
  vsnprintf(name, sizeof(name), fmt, args);
  p = __kernel_thread(kthread, k, name, cpu);
  if (IS_ERR(p))
    kfree(k);
  else
    p->worker_private = k;
  return p;
}

struct task_struct* kthread_create_on_node(int (*threadfn)(void* data), void* data, int node,
                                           const char* namefmt, ...) {
  struct task_struct* p;
  va_list args;

  va_start(args, namefmt);
  p = __kthread_create(threadfn, data, -1, namefmt, args);
  va_end(args);
  return p;
}

__printf(4, 5) static struct task_struct* create_on_cpu(int (*threadfn)(void* data), void* data, int cpu,
                                                        const char* namefmt, ...) {
  struct task_struct* p;
  va_list args;

  va_start(args, namefmt);
  p = __kthread_create(threadfn, data, cpu, namefmt, args);
  va_end(args);
  return p;
}

struct task_struct* kthread_create_on_cpu(int (*threadfn)(void* data), void* data, unsigned int cpu,
                                          const char* namefmt) {
  return create_on_cpu(threadfn, data, (int)cpu, namefmt, cpu);
}

void kthread_bind_mask(struct task_struct* k, const struct cpumask* mask) { set_cpus_allowed_ptr(k, mask); }
void kthread_bind(struct task_struct* k, unsigned int cpu) { kthread_bind_mask(k, cpumask_of(cpu)); }
void* kthread_data(struct task_struct* k) { return to_kthread(k)->data; }

static bool should(int flag) {
  struct kthread* self = to_kthread(current);

  return self && test_bit(flag, &self->flags);
}
bool kthread_should_stop(void) { return should(KTHREAD_SHOULD_STOP); }
bool kthread_should_park(void) { return should(KTHREAD_SHOULD_PARK); }
bool kthread_should_stop_or_park(void) { return kthread_should_stop() || kthread_should_park(); }
void kthread_parkme(void) { __kthread_parkme(to_kthread(current)); }

void kthread_exit(long result) {
  struct task_struct* p = current;
  struct kthread* self = to_kthread(p);

  p->flags |= PF_EXITING;
  if (self) {
    self->result = result;
    complete_all(&self->exited);
  }
  __exit_task(result);
}

void kthread_complete_and_exit(struct completion* c, long code) {
  if (c) complete(c);
  kthread_exit(code);
}

int kthread_stop(struct task_struct* p) {
  struct kthread* k;
  int ret;

  get_task_struct(p);
  k = to_kthread(p);
  set_bit(KTHREAD_SHOULD_STOP, &k->flags);
  kthread_unpark(p);
  WRITE_ONCE(p->notify_signal, 1);
  wake_up_process(p);
  wait_for_completion(&k->exited);
  ret = (int)k->result;
  put_task_struct(p);
  return ret;
}

int kthread_park(struct task_struct* p) {
  struct kthread* k = to_kthread(p);

  if (WARN_ON(p->flags & PF_EXITING)) return -ENOSYS;
  if (WARN_ON_ONCE(test_bit(KTHREAD_SHOULD_PARK, &k->flags))) return -EBUSY;
  set_bit(KTHREAD_SHOULD_PARK, &k->flags);
  if (p != current) {
    wake_up_process(p);
    wait_for_completion(&k->parked);
  }
  return 0;
}

void kthread_unpark(struct task_struct* p) {
  struct kthread* k = to_kthread(p);

  clear_bit(KTHREAD_SHOULD_PARK, &k->flags);
  // It is woken, or sees that the bit is clear.
  smp_mb();
  wake_up_state(p, TASK_PARKED);
}

struct thread_call {
  int (*fn)(void*);
  void* arg;
  int result;
  struct completion done;
};

static int thread_call_fn(void* data) {
  struct thread_call* call = data;

  call->result = call->fn(call->arg);
  kthread_complete_and_exit(&call->done, 0);
}

int __run_in_thread(const char* name, int cpu, int (*fn)(void*), void* arg) {
  struct thread_call call = {.fn = fn, .arg = arg};
  struct task_struct* p = create_on_cpu(thread_call_fn, &call, cpu, "%s/%d", name, cpu);

  if (IS_ERR(p)) return (int)PTR_ERR(p);
  init_completion(&call.done);
  wake_up_process(p);
  wait_for_completion(&call.done);
  return call.result;
}
