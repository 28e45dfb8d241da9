// Work queues (kernel/workqueue.c). Every CPU has two pools of kworkers, of normal and of high priority, and
// two more are bound to no CPU. A pool of a CPU has one worker that runs: when that goes to sleep inside of a
// work, another one goes on. One lock guards it all; interrupts take it, too.
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "gates.h"
#include "internal.h"

// work_struct.data: flags, and where it is queued its struct pool_workqueue.
#define WORK_PENDING 1UL    // somebody has queued it, its timer runs, or somebody cancels it
#define WORK_CANCELING 2UL  // somebody does, and waits for it to end
#define WORK_COLOR 4UL      // which of the two counts of works for flush_workqueue() has it
#define WORK_FLAGS 7UL
#define WORKERS_MOST 256
#define WQ_DFL_ACTIVE 256
#define WQ_MAX_ACTIVE 512
#define WQ_NAME_LEN 24

struct worker_pool {
  struct list_head worklist;
  struct list_head idle; /* workers, who became so last first */
  int cpu;               /* -1: none */
  int id;
  bool highpri;
  unsigned int workers;
  unsigned int running; /* workers inside of works, awake; only of pools of CPUs */
};
// What of a work queue is in one pool.
struct pool_workqueue {
  struct workqueue_struct* wq;
  struct worker_pool* pool;
  int active;                /* works in the pool */
  struct list_head inactive; /* works beyond max_active */
};
struct worker {
  struct list_head node; /* among idle ones, or all busy ones */
  struct list_head scheduled;
  struct worker_pool* pool;
  struct task_struct* task;
  struct work_struct* current_work;
  work_func_t current_func;
  struct pool_workqueue* current_pwq;
  bool counted; /* in pool->running */
  bool sleeping;
};
struct workqueue_struct {
  char name[WQ_NAME_LEN];
  unsigned int flags;
  int max_active;
  bool draining;
  unsigned int color;
  unsigned long in_flight[2]; /* works of each color that are not done */
  struct completion* flusher; /* waits for those of the color that is not current */
  struct mutex flush_mutex;
  struct pool_workqueue pwqs[NR_CPUS]; /* one if unbound */
};
// Waits for one work: where it is queued, or from then on for the worker that does it.
struct work_flusher {
  struct list_head node;
  struct work_struct* work;
  struct worker* worker;
  struct completion done;
};

static DEFINE_RAW_SPINLOCK(wq_lock);
static struct worker_pool cpu_worker_pools[NR_CPUS][2], unbound_pools[2];
static LIST_HEAD(busy_workers);
static LIST_HEAD(work_flushers);
static DECLARE_WAIT_QUEUE_HEAD(cancel_waitq);

#define SYSTEM_WQ(variable, title, how, most)                             \
  static struct workqueue_struct variable##_struct = {                    \
      .name = title,                                                      \
      .flags = how,                                                       \
      .max_active = most,                                                 \
      .flush_mutex = __MUTEX_INITIALIZER(variable##_struct.flush_mutex)}; \
  struct workqueue_struct* variable = &variable##_struct
SYSTEM_WQ(system_wq, "events", 0, WQ_DFL_ACTIVE);
SYSTEM_WQ(system_highpri_wq, "events_highpri", WQ_HIGHPRI, WQ_DFL_ACTIVE);
SYSTEM_WQ(system_long_wq, "events_long", 0, WQ_DFL_ACTIVE);
SYSTEM_WQ(system_unbound_wq, "events_unbound", WQ_UNBOUND, WQ_MAX_ACTIVE);

static struct worker_pool* pool_of(int cpu, bool highpri) {
  struct worker_pool* pool = cpu < 0 ? &unbound_pools[highpri] : &cpu_worker_pools[cpu][highpri];

  if (!pool->worklist.next) {
    INIT_LIST_HEAD(&pool->worklist);
    INIT_LIST_HEAD(&pool->idle);
    pool->cpu = cpu;
    // Pools of CPUs have the first numbers.
    pool->id = 2 * (cpu < 0 ? (int)num_possible_cpus() : cpu) + highpri;
    pool->highpri = highpri;
  }
  return pool;
}

static struct pool_workqueue* pwq_of(struct workqueue_struct* wq, int cpu) {
  bool unbound = wq->flags & WQ_UNBOUND;
  struct pool_workqueue* pwq = &wq->pwqs[unbound ? 0 : cpu];

  if (!pwq->pool) {
    pwq->wq = wq;
    pwq->pool = pool_of(unbound ? -1 : cpu, wq->flags & WQ_HIGHPRI);
    INIT_LIST_HEAD(&pwq->inactive);
  }
  return pwq;
}

static struct worker* find_worker_executing_work(const struct work_struct* work) {
  struct worker* worker;

  // The same address may be another work by now, with another function.
  list_for_each_entry(worker, &busy_workers, node) if (worker->current_work == work &&
                                                       worker->current_func == work->func) return worker;
  return NULL;
}

static int worker_thread(void* data);

__printf(3, 4) static struct task_struct* create_task(struct worker* worker, int cpu, const char* fmt, ...) {
  struct task_struct* p;
  va_list args;

  va_start(args, fmt);
  p = __kthread_create(worker_thread, worker, cpu, fmt, args);
  va_end(args);
  return p;
}

// Another one, which is idle.
static struct worker* create_worker(struct worker_pool* pool) {
  struct worker* worker = pool->workers < WORKERS_MOST ? kzalloc(sizeof(*worker), GFP_ATOMIC) : NULL;

  if (!worker) return NULL;
  if (pool->cpu < 0)
    worker->task = create_task(worker, -1, "kworker/u%d:%u", pool->id, pool->workers);
  else
    worker->task =
        create_task(worker, pool->cpu, "kworker/%d:%u%s", pool->cpu, pool->workers, pool->highpri ? "H" : "");
  if (IS_ERR(worker->task)) {
    kfree(worker);
    return NULL;
  }
  pool->workers++;
  worker->pool = pool;
  INIT_LIST_HEAD(&worker->scheduled);
  list_add(&worker->node, &pool->idle);
  worker->task->wq_worker = worker;
  worker->task->flags |= PF_WQ_WORKER;
  if (pool->highpri) set_user_nice(worker->task, -20);
  return worker;
}

static bool need_more_worker(const struct worker_pool* pool) {
  return !list_empty(&pool->worklist) && !pool->running;
}

static void wake_up_worker(struct worker_pool* pool) {
  struct worker* worker = list_first_entry_or_null(&pool->idle, struct worker, node);

  if (!worker) worker = create_worker(pool);
  if (worker) wake_up_process(worker->task);
}

static void worker_count(struct worker* worker, bool counted) {
  if (worker->counted == counted) return;
  worker->counted = counted;
  if (counted)
    worker->pool->running++;
  else
    worker->pool->running--;
}

void wq_worker_sleeping(struct task_struct* p) {
  struct worker* worker = p->wq_worker;
  unsigned long flags;

  if (!worker->counted) return;
  raw_spin_lock_irqsave(&wq_lock, flags);
  worker->sleeping = true;
  worker_count(worker, false);
  if (need_more_worker(worker->pool)) wake_up_worker(worker->pool);
  raw_spin_unlock_irqrestore(&wq_lock, flags);
}

void wq_worker_running(struct task_struct* p) {
  struct worker* worker = p->wq_worker;
  unsigned long flags;

  if (!worker->sleeping) return;
  raw_spin_lock_irqsave(&wq_lock, flags);
  worker->sleeping = false;
  worker_count(worker, true);
  raw_spin_unlock_irqrestore(&wq_lock, flags);
}

// --- Queueing: under wq_lock ---

static void insert_work(struct pool_workqueue* pwq, struct work_struct* work) {
  pwq->active++;
  list_add_tail(&work->entry, &pwq->pool->worklist);
  if (need_more_worker(pwq->pool)) wake_up_worker(pwq->pool);
}

// A work may queue others on its own work queue while that is drained.
static bool is_chained_work(struct workqueue_struct* wq) {
  struct worker* worker = current->wq_worker;

  return worker && worker->current_pwq && worker->current_pwq->wq == wq;
}

// It is pending, which is the caller's doing.
static void __queue_work(int cpu, struct workqueue_struct* wq, struct work_struct* work) {
  struct pool_workqueue* pwq;
  struct worker* busy;

  if (wq->draining && WARN_ON_ONCE(!is_chained_work(wq))) {
    work->data = 0;
    return;
  }
  if (cpu < 0 || cpu >= (int)nr_cpu_ids || !cpu_online((unsigned int)cpu)) cpu = (int)smp_processor_id();
  pwq = pwq_of(wq, cpu);
  // It is not done twice at a time: where it is being done it stays.
  busy = find_worker_executing_work(work);
  if (busy && busy->current_pwq->wq == wq) pwq = busy->current_pwq;
  work->data = (unsigned long)pwq | WORK_PENDING | (wq->color ? WORK_COLOR : 0);
  wq->in_flight[wq->color]++;
  if (pwq->active < wq->max_active)
    insert_work(pwq, work);
  else
    list_add_tail(&work->entry, &pwq->inactive);
}

bool queue_work_on(int cpu, struct workqueue_struct* wq, struct work_struct* work) {
  unsigned long flags;
  bool queued;

  raw_spin_lock_irqsave(&wq_lock, flags);
  queued = !(work->data & WORK_PENDING);
  if (queued) __queue_work(cpu, wq, work);
  raw_spin_unlock_irqrestore(&wq_lock, flags);
  return queued;
}

void delayed_work_timer_fn(struct timer_list* t) {
  struct delayed_work* dwork = from_timer(dwork, t, timer);
  unsigned long flags;

  raw_spin_lock_irqsave(&wq_lock, flags);
  __queue_work(dwork->cpu, dwork->wq, &dwork->work);
  raw_spin_unlock_irqrestore(&wq_lock, flags);
}

static void __queue_delayed_work(int cpu, struct workqueue_struct* wq, struct delayed_work* dwork,
                                 unsigned long delay) {
  if (!delay) {
    __queue_work(cpu, wq, &dwork->work);
    return;
  }
  dwork->work.data |= WORK_PENDING;
  dwork->wq = wq;
  dwork->cpu = cpu;
  dwork->timer.expires = jiffies + delay;
  if (cpu == WORK_CPU_UNBOUND)
    add_timer(&dwork->timer);
  else
    add_timer_on(&dwork->timer, cpu);
}

bool queue_delayed_work_on(int cpu, struct workqueue_struct* wq, struct delayed_work* dwork,
                           unsigned long delay) {
  unsigned long flags;
  bool queued;

  raw_spin_lock_irqsave(&wq_lock, flags);
  queued = !(dwork->work.data & WORK_PENDING);
  if (queued) __queue_delayed_work(cpu, wq, dwork, delay);
  raw_spin_unlock_irqrestore(&wq_lock, flags);
  return queued;
}

// --- Workers ---

static void pwq_activate_inactive_work(struct pool_workqueue* pwq) {
  struct work_struct* work = list_first_entry_or_null(&pwq->inactive, struct work_struct, entry);

  if (!work || pwq->active >= pwq->wq->max_active) return;
  list_del(&work->entry);
  insert_work(pwq, work);
}

// One of its works is done or canceled, and was active or not.
static void pwq_dec_nr_in_flight(struct pool_workqueue* pwq, unsigned int color, bool active) {
  struct workqueue_struct* wq = pwq->wq;

  if (active) {
    pwq->active--;
    pwq_activate_inactive_work(pwq);
  }
  // The last access: who waits may free the work queue.
  if (!--wq->in_flight[color] && wq->flusher && color != wq->color) {
    struct completion* flusher = wq->flusher;

    wq->flusher = NULL;
    complete(flusher);
  }
}

// Tells who waits for the work where it is queued (worker is null), or for what the worker does.
static void end_flushers(struct work_struct* work, struct worker* worker) {
  struct work_flusher *flusher, *next;

  list_for_each_entry_safe(flusher, next, &work_flushers, node) {
    if (flusher->worker != worker || (!worker && flusher->work != work)) continue;
    list_del(&flusher->node);
    complete(&flusher->done);
  }
}

static noinline void process_one_work(struct worker* worker, struct work_struct* work, unsigned long* flags) {
  struct worker* other = find_worker_executing_work(work);
  struct pool_workqueue* pwq = (struct pool_workqueue*)(work->data & ~WORK_FLAGS);
  unsigned int color = (work->data & WORK_COLOR) != 0;
  work_func_t func = work->func;
  struct work_flusher* flusher;

  if (other && other->pool == worker->pool) {
    list_move_tail(&work->entry, &other->scheduled);
    return;
  }
  list_add(&worker->node, &busy_workers);
  worker->current_work = work;
  worker->current_func = func;
  worker->current_pwq = pwq;
  list_del_init(&work->entry);
  list_for_each_entry(flusher, &work_flushers, node) if (flusher->work == work && !flusher->worker)
      flusher->worker = worker;
  if (pwq->wq->flags & WQ_CPU_INTENSIVE) worker_count(worker, false);
  // For workers that are not counted: each one that gets something to do sees to the next.
  if (need_more_worker(worker->pool)) wake_up_worker(worker->pool);
  // From now on it can be queued again, and its function may free it.
  work->data = 0;
  raw_spin_unlock_irqrestore(&wq_lock, *flags);
  func(work);
  if (in_atomic() || irqs_disabled())
    pr_err("BUG: workqueue leaked lock or atomic: %s/0x%08x/%d\n     last function: %ps\n", current->comm,
           preempt_count(), current->pid, func);
  cond_resched();
  raw_spin_lock_irqsave(&wq_lock, *flags);
  worker_count(worker, worker->pool->cpu >= 0);
  list_del(&worker->node);
  worker->current_work = NULL;
  worker->current_func = NULL;
  worker->current_pwq = NULL;
  end_flushers(work, worker);
  pwq_dec_nr_in_flight(pwq, color, true);
}

static int worker_thread(void* data) {
  struct worker* worker = data;
  struct worker_pool* pool = worker->pool;
  unsigned long flags;

  raw_spin_lock_irqsave(&wq_lock, flags);
  for (;;) {
    // It is among the idle ones here.
    if (need_more_worker(pool)) {
      list_del(&worker->node);
      worker_count(worker, pool->cpu >= 0);
      do {
        process_one_work(worker, list_first_entry(&pool->worklist, struct work_struct, entry), &flags);
        while (!list_empty(&worker->scheduled))
          process_one_work(worker, list_first_entry(&worker->scheduled, struct work_struct, entry), &flags);
      } while (!list_empty(&pool->worklist) && pool->running <= 1);
      worker_count(worker, false);
      list_add(&worker->node, &pool->idle);
      continue;
    }
    __set_current_state(TASK_IDLE);
    raw_spin_unlock_irqrestore(&wq_lock, flags);
    schedule();
    raw_spin_lock_irqsave(&wq_lock, flags);
  }
  return 0;
}

// --- Waiting and canceling ---

// Under wq_lock, which is given back: waits for the work where it is queued, or else while it is being done.
static bool wait_for_work(struct work_struct* work, bool queued_too, unsigned long flags) {
  bool queued = queued_too && !list_empty(&work->entry);
  struct work_flusher flusher = {.work = work, .worker = queued ? NULL : find_worker_executing_work(work)};

  if (!queued && !flusher.worker) {
    raw_spin_unlock_irqrestore(&wq_lock, flags);
    return false;
  }
  init_completion(&flusher.done);
  list_add_tail(&flusher.node, &work_flushers);
  raw_spin_unlock_irqrestore(&wq_lock, flags);
  wait_for_completion(&flusher.done);
  return true;
}

bool flush_work(struct work_struct* work) {
  unsigned long flags;

  raw_spin_lock_irqsave(&wq_lock, flags);
  return wait_for_work(work, true, flags);
}

bool flush_delayed_work(struct delayed_work* dwork) {
  unsigned long flags;

  // Without wq_lock: its function, which may be running, takes that.
  if (del_timer_sync(&dwork->timer)) {
    raw_spin_lock_irqsave(&wq_lock, flags);
    __queue_work(dwork->cpu, dwork->wq, &dwork->work);
    raw_spin_unlock_irqrestore(&wq_lock, flags);
  }
  return flush_work(&dwork->work);
}

// Under wq_lock, makes it pending, and the caller's: 1: it was pending and is not queued any more; 0: it was
// not; -EAGAIN: it is about to be queued by its timer; -ENOENT: somebody else cancels it.
static int try_to_grab_pending(struct work_struct* work, struct delayed_work* dwork) {
  struct pool_workqueue* pwq = (struct pool_workqueue*)(work->data & ~WORK_FLAGS);
  unsigned int color = (work->data & WORK_COLOR) != 0;
  bool active = true;
  struct list_head* at;

  if (work->data & WORK_CANCELING) return -ENOENT;
  if (dwork && del_timer(&dwork->timer)) return 1;
  if (!(work->data & WORK_PENDING)) {
    work->data = WORK_PENDING;
    return 0;
  }
  if (list_empty(&work->entry)) return -EAGAIN;
  list_for_each(at, &pwq->inactive) if (at == &work->entry) active = false;
  list_del_init(&work->entry);
  work->data = WORK_PENDING;
  end_flushers(work, NULL);
  pwq_dec_nr_in_flight(pwq, color, active);
  return 1;
}

// With wq_lock had at the end.
static int grab_pending(struct work_struct* work, struct delayed_work* dwork, unsigned long* flags) {
  for (;;) {
    int was;

    raw_spin_lock_irqsave(&wq_lock, *flags);
    was = try_to_grab_pending(work, dwork);
    if (was != -EAGAIN) return was;
    raw_spin_unlock_irqrestore(&wq_lock, *flags);
    cpu_relax();
  }
}

static bool __cancel_work(struct work_struct* work, struct delayed_work* dwork) {
  unsigned long flags;
  int was = grab_pending(work, dwork, &flags);

  if (was >= 0) work->data = 0;
  raw_spin_unlock_irqrestore(&wq_lock, flags);
  return was > 0;
}

static bool __cancel_work_timer(struct work_struct* work, struct delayed_work* dwork) {
  unsigned long flags;
  int was;

  while ((was = grab_pending(work, dwork, &flags)) == -ENOENT) {
    raw_spin_unlock_irqrestore(&wq_lock, flags);
    wait_event(cancel_waitq, !(READ_ONCE(work->data) & WORK_CANCELING));
  }
  // While it is so, nobody can queue it, itself among them.
  work->data |= WORK_CANCELING;
  wait_for_work(work, false, flags);
  raw_spin_lock_irqsave(&wq_lock, flags);
  work->data = 0;
  raw_spin_unlock_irqrestore(&wq_lock, flags);
  wake_up_all(&cancel_waitq);
  return was > 0;
}

bool cancel_work(struct work_struct* work) { return __cancel_work(work, NULL); }
bool cancel_work_sync(struct work_struct* work) { return __cancel_work_timer(work, NULL); }
bool cancel_delayed_work(struct delayed_work* dwork) { return __cancel_work(&dwork->work, dwork); }
bool cancel_delayed_work_sync(struct delayed_work* dwork) { return __cancel_work_timer(&dwork->work, dwork); }

bool mod_delayed_work_on(int cpu, struct workqueue_struct* wq, struct delayed_work* dwork,
                         unsigned long delay) {
  unsigned long flags;
  int was = grab_pending(&dwork->work, dwork, &flags);

  if (was >= 0) __queue_delayed_work(cpu, wq, dwork, delay);
  raw_spin_unlock_irqrestore(&wq_lock, flags);
  return was != 0;
}

// Works that are queued from now on have the other color, whose works are all done: one flush at a time.
void __flush_workqueue(struct workqueue_struct* wq) {
  DECLARE_COMPLETION_ONSTACK(done);
  unsigned long flags;
  bool wait;

  mutex_lock(&wq->flush_mutex);
  raw_spin_lock_irqsave(&wq_lock, flags);
  wait = wq->in_flight[wq->color] != 0;
  if (wait) {
    wq->color ^= 1;
    wq->flusher = &done;
  }
  raw_spin_unlock_irqrestore(&wq_lock, flags);
  if (wait) wait_for_completion(&done);
  mutex_unlock(&wq->flush_mutex);
}

void drain_workqueue(struct workqueue_struct* wq) {
  unsigned long flags;
  bool done;

  WRITE_ONCE(wq->draining, true);
  do {
    __flush_workqueue(wq);
    raw_spin_lock_irqsave(&wq_lock, flags);
    done = !wq->in_flight[0] && !wq->in_flight[1];
    if (done) wq->draining = false;
    raw_spin_unlock_irqrestore(&wq_lock, flags);
  } while (!done);
}

struct workqueue_struct* alloc_workqueue(const char* fmt, unsigned int flags, int max_active, ...) {
  struct workqueue_struct* wq = kzalloc(sizeof(*wq), GFP_KERNEL);
  va_list args;

  if (!wq) return NULL;
  va_start(args, max_active);
  vsnprintf(wq->name, sizeof(wq->name), fmt, args);
  va_end(args);
  wq->flags = flags;
  if (!max_active) max_active = WQ_DFL_ACTIVE;
  wq->max_active = max_active < 1 ? 1 : max_active > WQ_MAX_ACTIVE ? WQ_MAX_ACTIVE : max_active;
  mutex_init(&wq->flush_mutex);
  return wq;
}

void destroy_workqueue(struct workqueue_struct* wq) {
  drain_workqueue(wq);
  kfree(wq);
}

struct work_struct* current_work(void) {
  struct worker* worker = current->wq_worker;

  return worker ? worker->current_work : NULL;
}

struct work_for_cpu {
  struct work_struct work;
  long (*fn)(void*);
  void* arg;
  long ret;
};

static void work_for_cpu_fn(struct work_struct* work) {
  struct work_for_cpu* wfc = container_of(work, struct work_for_cpu, work);

  wfc->ret = wfc->fn(wfc->arg);
}

long work_on_cpu(int cpu, long (*fn)(void*), void* arg) {
  struct work_for_cpu wfc = {.fn = fn, .arg = arg};

  INIT_WORK_ONSTACK(&wfc.work, work_for_cpu_fn);
  schedule_work_on(cpu, &wfc.work);
  flush_work(&wfc.work);
  destroy_work_on_stack(&wfc.work);
  return wfc.ret;
}

int schedule_on_each_cpu(work_func_t func) {
  struct work_struct* works = kcalloc(nr_cpu_ids, sizeof(*works), GFP_KERNEL);
  unsigned int cpu;

  if (!works) return -ENOMEM;
  for_each_online_cpu(cpu) {
    INIT_WORK(&works[cpu], func);
    schedule_work_on((int)cpu, &works[cpu]);
  }
  for_each_online_cpu(cpu) flush_work(&works[cpu]);
  kfree(works);
  return 0;
}
