"""What kernel modules do besides breakpoints: kernel_code_test.py TRAPLINE FILES SOURCE ISA.

Threads, timers, other CPUs, probes, files, system calls; and the workloads that are made of them."""

import pathlib
import re
import tempfile
import unittest

from support import ISA_IS_X86 as X86, MODULES, PROGRAM as FILES, SOURCE, messages, run

HERE = pathlib.Path(SOURCE) / "tests" / "modules"
PROGRAMS = pathlib.Path(FILES).parent


class Module(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def init(self, body, before="", headers="", name="under_test.c"):
        path = self.folder / name
        includes = "".join(f"#include <linux/{header}.h>\n" for header in ["module", *headers.split()])
        path.write_text(f'{includes}MODULE_LICENSE("GPL");\n{before}\nstatic int __init begin(void) {{ {body} }}\nmodule_init(begin);\n')
        return path

    def says(self, module, *arguments, status=3, options=()):
        done = run([module], *arguments, options=options)
        self.assertEqual(done.returncode, status, done.stderr)
        return messages(done.stderr)

    def equal_each_time(self, modules, *arguments, options=(), program=FILES):
        runs = set()
        for gear in "watched-pages", "watched-pages", "everything":
            done = run(modules, *arguments, options=(*options, "--gear", gear), program=program)
            runs.add((done.returncode, done.stdout, done.stderr))
        self.assertEqual(len(runs), 1)


class Tasks(Module):
    def test_threads_timers_and_work(self):
        done = run([MODULES / "kthread_example.c"], "spin", options=("--cpus", "4"))
        lines = messages(done.stderr)
        self.assertEqual([line for line in lines if "taker took" in line][:3], [f"kthread_example: taker took {n}" for n in (1, 2, 3)])
        self.assertIn("kthread_example: the timer rings, in_softirq 1", lines)
        self.assertTrue(any(re.match(r"kthread_example: work in kworker/0:0: made \d+, taken \d+$", line) for line in lines), lines)

    def test_a_thread_and_its_end(self):
        module = self.init('struct task_struct* p; struct task_struct* k = kthread_run(loop, NULL, "worker/%d", 7); '
                           'for_each_process(p) pr_info("%s %x\\n", p->comm, p->flags & PF_KTHREAD); msleep(30); '
                           'pr_info("%d\\n", kthread_stop(k)); return 0;',
                           "static int loop(void* data) { while (!kthread_should_stop()) msleep(10); return 5; }",
                           "kthread delay sched/signal")
        self.assertEqual(self.says(module), ["files 0", "worker/7 200000", "5"])

    def test_each_cpu(self):
        self.assertEqual(self.says(MODULES / "percpu.c", options=("--cpus", "4"))[-1], "percpu: 7 calls on 4 CPUs")

    def test_locks(self):
        lines = self.says(MODULES / "spinlock_counter.c", options=("--cpus", "4"))
        self.assertEqual(lines[0], "spinlock_counter: 4 tasks, 100 rounds: guarded 400, as it should be")

    def test_a_timer_where_nothing_runs(self):
        # The program waits for its child on one CPU; the timer is on another.
        module = self.init("timer.expires = jiffies + 1; add_timer_on(&timer, 1); msleep(20); return 0;",
                           "static void ring(struct timer_list* t) { pr_info(\"%s %d %d %d\\n\", current->comm, current->pid, "
                           "smp_processor_id(), !!in_softirq()); }\nstatic DEFINE_TIMER(timer, ring);", "timer jiffies delay sched smp")
        self.assertEqual(self.says(module, options=("--cpus", "2")), ["swapper/1 0 1 1"])

    def test_waiting(self):
        module = self.init('kthread_run(other, NULL, "other"); wait_event(queue, ready); mutex_lock(&lock); pr_info("%d %ld\\n", ready, '
                           "wait_for_completion_timeout(&never, 3) == 0); mutex_unlock(&lock); return 0;",
                           "static DECLARE_WAIT_QUEUE_HEAD(queue); static DEFINE_MUTEX(lock); static DECLARE_COMPLETION(never);\n"
                           "static int ready; static int other(void* data) { mutex_lock(&lock); ready = 1; wake_up(&queue); msleep(8); ready = 2; "
                           "mutex_unlock(&lock); return 0; }", "kthread wait mutex completion delay")
        self.assertEqual(self.says(module), ["2 1"])

    def test_sleep_in_an_interrupt(self):
        module = self.init("mod_timer(&timer, jiffies + 1); msleep(20); return 0;",
                           "static void ring(struct timer_list* t) { schedule_timeout_uninterruptible(1); }\n"
                           "static DEFINE_TIMER(timer, ring);", "timer jiffies delay sched")
        self.assertRegex(self.says(module)[0], r"^BUG: scheduling while atomic: \S+/\d+/0x00000100$")

    def test_oops_in_an_interrupt(self):
        module = self.init("mod_timer(&timer, jiffies + 1); msleep(20); return 0;",
                           "static void ring(struct timer_list* t) { *(volatile int*)8 = 1; }\n"
                           "static DEFINE_TIMER(timer, ring);", "timer jiffies delay")
        done = run([module])
        self.assertEqual(done.returncode, 2)
        self.assertIn("Kernel panic - not syncing: Fatal exception in interrupt", done.stderr)
        self.assertIn("call_timer_fn+", done.stderr)
        self.assertIn("error: the kernel panicked: Fatal exception in interrupt", done.stderr)

    def test_panic(self):
        done = run([self.init('panic("as asked: %d", 7);', headers="kernel")])
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("Kernel panic - not syncing: as asked: 7", messages(done.stderr))

    def test_killable_waits(self):
        # Each read(2) waits in another way: a signal does not end it, SIGKILL does.
        module = self.init('mutex_lock(&mutex); down_write(&rwsem); proc_create("waits", 0444, NULL, &ops); return 0;',
                           "static DECLARE_WAIT_QUEUE_HEAD(queue); static DEFINE_MUTEX(mutex); static DECLARE_RWSEM(rwsem); static DECLARE_COMPLETION(never);\n"
                           "static DEFINE_SEMAPHORE(semaphore); static int which, no;\n"
                           "static ssize_t get(struct file* file, char __user* to, size_t count, loff_t* at) { int err = 0; switch (which++) {\n"
                           "  case 0: err = wait_event_killable(queue, no); break; case 1: err = mutex_lock_killable(&mutex); break;\n"
                           "  case 2: down(&semaphore); err = down_killable(&semaphore); break; case 3: err = down_read_killable(&rwsem); break;\n"
                           "  case 4: err = down_write_killable(&rwsem); break; case 5: err = wait_for_completion_killable(&never); break; }\n"
                           '  pr_info("%d %d\\n", err, fatal_signal_pending(current)); return err; }\n'
                           "static const struct proc_ops ops = {.proc_read = get};", "proc_fs fs wait mutex rwsem semaphore completion sched/signal")
        done = run([module], "kill", "/proc/waits", program=PROGRAMS / "calls")
        self.assertEqual(done.stdout.splitlines(), ["waits, signal 9"] * 6)
        self.assertEqual(messages(done.stderr), ["-512 1", "-4 1", "-4 1", "-4 1", "-4 1", "-512 1"])

    def test_notifiers(self):
        told = self.init('register_module_notifier(&block); atomic_notifier_chain_register(&panic_notifier_list, &at_panic); return 0;',
                         'static int tell(struct notifier_block* nb, unsigned long state, void* data) { struct module* m = data;\n'
                         '  pr_info("%s %s\\n", m->name, state == MODULE_STATE_LIVE ? "lives" : state == MODULE_STATE_COMING ? "comes" : "goes");\n'
                         '  return state == MODULE_STATE_COMING && !strcmp(m->name, "refused") ? notifier_from_errno(-EBUSY) : NOTIFY_OK; }\n'
                         'static int panics(struct notifier_block* nb, unsigned long zero, void* text) { pr_info("told of %s\\n", (char*)text); return NOTIFY_DONE; }\n'
                         "static struct notifier_block block = {.notifier_call = tell}, at_panic = {.notifier_call = panics};",
                         "notifier panic_notifier string", name="told.c")
        other = self.init('pr_info("begins\\n"); return 0;', name="other.c")
        fails = self.init('return -EIO;', name="fails.c")
        refused = self.init('pr_info("never\\n"); return 0;', name="refused.c")
        panics = self.init('panic("as asked");', headers="kernel", name="panics.c")
        self.assertEqual(messages(run([told, other]).stderr), ["told lives", "other comes", "begins", "other lives"])
        self.assertEqual(messages(run([told, fails]).stderr)[:3], ["told lives", "fails comes", "fails goes"])
        done = run([told, refused])
        self.assertEqual(messages(done.stderr)[:2], ["told lives", "refused comes"])
        self.assertIn("returned -16", done.stderr)
        lines = messages(run([told, panics]).stderr)
        self.assertIn("told of as asked", lines)
        self.assertLess(lines.index("told of as asked"), lines.index("---[ end Kernel panic - not syncing: as asked ]---"))

    def test_equal_in_both_gears_and_each_time(self):
        for module in "kthread_example", "percpu", "spinlock_counter":
            self.equal_each_time([MODULES / f"{module}.c"], "spin", options=("--cpus", "3"))


PROBED = """
static volatile long watched;
static noinline int probed(int x) { watched = x; return x * 2; }
static noinline int caller(int x) { return probed(x + 1) + 100; }
static int before(struct kprobe* p, struct pt_regs* regs) { pr_info("before %pS\\n", (void*)instruction_pointer(regs)); return 0; }
static void after(struct kprobe* p, struct pt_regs* regs, unsigned long flags) { pr_info("after\\n"); }
static int at_return(struct kretprobe_instance* ri, struct pt_regs* regs) {
  pr_info("returns %ld to %ps\\n", regs_return_value(regs), (void*)instruction_pointer(regs));
  regs_set_return_value(regs, 1000);
  return 0;
}
static struct kprobe probe = {.symbol_name = "probed", .pre_handler = before, .post_handler = after};
static struct kretprobe on_return = {.handler = at_return, .kp.symbol_name = "probed"};
"""


class Probes(Module):
    def test_the_kernel_s_own_work(self):
        lines = self.says(MODULES / "kprobe_example.c", "fork", "fork")
        self.assertEqual(sum("handler_pre: <kernel_clone>" in line for line in lines), 2)
        self.assertEqual(sum("handler_post: <kernel_clone>" in line for line in lines), 2)
        lines = self.says(MODULES / "kretprobe_example.c", "fork", "fork")
        self.assertEqual([re.sub(r"\d+ ns", "N ns", line) for line in lines[1:]],
                         [f"kernel_clone returned {pid} and took N ns to execute" for pid in (1001, 1002)])

    def test_what_comes_without_a_call(self):
        # Faults, the copy of memory at fork(2), and tasks that make way.
        fault = "do_user_addr_fault" if X86 else "___do_page_fault"
        second = "regs->si" if X86 else "regs->gpr[4]"
        module = self.init('for (int i = 0; i < 4; i++) { probes[i].symbol_name = names[i]; probes[i].pre_handler = count; register_kprobe(&probes[i]); } '
                           'register_kretprobe(&on_return); register_kretprobe(&on_schedule); proc_create_single("counts", 0444, NULL, show); ' +
                           ('hw_breakpoint_init(&attr); attr.bp_addr = kallsyms_lookup_name("handle_mm_fault"); attr.bp_len = 8; '
                            'attr.bp_type = HW_BREAKPOINT_X; register_wide_hw_breakpoint(&attr, hit, NULL); ' if X86 else "hits = 1; ") + "return 0;",
                           f'static const char* const names[] = {{"schedule", "handle_mm_fault", "copy_page_range", "{fault}"}};\n'
                           "static struct kprobe probes[4]; static int counts[4], returns, wakes, wrong, hits; struct perf_event_attr attr;\n"
                           "static int count(struct kprobe* p, struct pt_regs* regs) { counts[p - probes]++;\n"
                           f"  if (p == probes + 2 && ((struct vm_area_struct*){second})->vm_start >= ((struct vm_area_struct*){second})->vm_end) wrong++;\n"
                           "  return 0; }\n"
                           "static int returned(struct kretprobe_instance* ri, struct pt_regs* regs) { returns++; if (regs_return_value(regs)) wrong++; return 0; }\n"
                           "static int woken(struct kretprobe_instance* ri, struct pt_regs* regs) { wakes++; return 0; }\n"
                           'static struct kretprobe on_return = {.handler = returned, .kp.symbol_name = "handle_mm_fault"};\n'
                           'static struct kretprobe on_schedule = {.handler = woken, .kp.symbol_name = "schedule"};\n'
                           "static void hit(struct perf_event* bp, struct perf_sample_data* data, struct pt_regs* regs) { hits++; }\n"
                           "static int show(struct seq_file* m, void* v) { for (int i = 0; i < 4; i++) seq_printf(m, \"%d \", counts[i] > 3);\n"
                           '  seq_printf(m, "%d %d %d %d\\n", returns == counts[1], wakes > 3, hits > 0, wrong); return 0; }',
                           "kprobes proc_fs seq_file mm_types perf_event hw_breakpoint kallsyms")
        for options in (), ("--cpus", "2"):
            done = run([module], "spin", "fork", "fork", "fork", "fork", "/proc/counts", options=options)
            self.assertEqual((done.stdout, done.stderr), ("1 1 1 1 1 1 1 0\n", ""))
            done = run([module], "turns", options=options, program=PROGRAMS / "calls")
            self.assertEqual((done.stdout, done.stderr), ("400 turns, 100\n", ""))
        self.equal_each_time([module], "fork", "spin", "fork", options=("--cpus", "2", "--quantum", "1000"))

    def test_a_function_of_a_module(self):
        lines = self.says(self.init('pr_info("%d\\n", register_kprobe(&probe)); pr_info("%d\\n", register_kprobe(&probe)); '
                                    'pr_info("%d\\n", caller(5)); register_kretprobe(&on_return); pr_info("%d\\n", caller(6)); '
                                    "unregister_kprobe(&probe); unregister_kretprobe(&on_return); "
                                    'pr_info("%d\\n", caller(7)); return 0;', PROBED, "kprobes"))
        first = "before probed+" + ("0x1" if X86 else "0x0")
        self.assertEqual([re.sub(r"/0x\w+ \[\w+\]", "", line) for line in lines],
                         ["0", "-22", first, "after", "112", first, "after", "returns 14 to caller [under_test]", "1100", "116"])

    def test_an_instruction_that_is_probed_and_watched(self):
        # A label on the store itself. On x86-64 the step is a trap with the breakpoint's, and kprobes come first; on PPC64 the
        # breakpoint comes before the access.
        store = "movq %0, %1" if X86 else "std%U1 %0, %1"
        module = self.init("struct perf_event_attr attr; hw_breakpoint_init(&attr); attr.bp_addr = (unsigned long)&value; "
                           "attr.bp_len = 8; attr.bp_type = HW_BREAKPOINT_W; register_wide_hw_breakpoint(&attr, hit, NULL); "
                           "on_store.pre_handler = before; on_store.post_handler = after; "
                           'pr_info("%d\\n", register_kprobe(&on_store)); put(7); pr_info("%ld\\n", value); return 0;',
                           PROBED + "static long value; static struct kprobe on_store = {.symbol_name = \"the_store\"};\n"
                           f'static noinline void put(long x) {{ asm volatile("the_store: {store}" : : "r"(x), "m"(value) : "memory"); }}\n'
                           "static void hit(struct perf_event* bp, struct perf_sample_data* data, struct pt_regs* regs) "
                           '{ pr_info("hit %ld\\n", value); }', "kprobes perf_event hw_breakpoint")
        lines = [re.sub(r" \S*the_store\S* \S+|(?<=before).*", "", line) for line in self.says(module)]
        self.assertEqual(lines, ["0", "before", *(("after", "hit 7") if X86 else ("hit 7", "after")), "7"])

    def test_a_handler_that_ends_its_task(self):
        module = self.init('probe.pre_handler = leaves; register_kprobe(&probe); kthread_run(other, NULL, "other"); msleep(8); '
                           'probe.pre_handler = before; caller(watched + 5); pr_info("%lu missed\\n", probe.nmissed); return 0;',
                           PROBED + "static int other(void* data) { return caller(watched + 1); }\n"
                           "static int leaves(struct kprobe* p, struct pt_regs* regs) { kthread_exit(0); return 0; }", "kprobes kthread delay")
        lines = self.says(module)
        self.assertTrue(lines[0].startswith("before probed"), lines)
        self.assertEqual(lines[-1], "0 missed")

    def test_wrong_places(self):
        module = self.init("struct kprobe none = {}; struct kprobe both = {.symbol_name = \"probed\", .addr = (void*)probed}; "
                           "struct kprobe unknown = {.symbol_name = \"nothing_such\"}; struct kprobe data = {.addr = (void*)&watched}; "
                           # In the midst of an instruction; and behind a label, which has the size up to the next symbol.
                           "struct kprobe inside = {.symbol_name = \"probed\", .offset = 2}; "
                           'asm volatile("the_label: nop; nop; nop; nop"); '
                           'pr_info("%d %d %d %d %d\\n", register_kprobe(&none), register_kprobe(&both), register_kprobe(&unknown), '
                           'register_kprobe(&data), register_kprobe(&inside)); '
                           'pr_info("%pS\\n", (void*)(kallsyms_lookup_name("the_label") + 4)); return 0;', PROBED, "kprobes kallsyms")
        lines = self.says(module)
        self.assertEqual(lines[0], "-22 -22 -2 -22 " + ("-84" if X86 else "-22"))
        self.assertRegex(lines[1], r"^the_label\+0x4/0x[1-9a-f][0-9a-f]* \[under_test\]$")

    def test_a_handler_that_goes_another_way(self):
        module = self.init('probe.pre_handler = elsewhere; register_kprobe(&probe); pr_info("%d\\n", caller(watched + 5)); return 0;',
                           PROBED + "static noinline int instead(int x) { return -x; }\n"
                           "static int elsewhere(struct kprobe* p, struct pt_regs* regs) { instruction_pointer_set(regs, "
                           + ("(unsigned long)instead" if X86 else "*(unsigned long*)instead") + "); return 1; }", "kprobes")
        self.assertEqual(self.says(module), ["94"])

    def test_die_notifiers(self):
        lines = self.says(MODULES / "die_notifier.c", "trap")
        self.assertRegex(lines[0], r"^die_notifier: " + (r"int3 \(int3\)" if X86 else r"breakpoint \(breakpoint\)") +
                         r" in files\[1000\] at 0x\w+, trap \d, error \d$")
        oops = self.init("register_die_notifier(&block); *(volatile int*)16 = 1; return 0;",
                         "static int told(struct notifier_block* nb, unsigned long val, void* data) { pr_info(\"told %lu\\n\", val); "
                         "return NOTIFY_DONE; }\nstatic struct notifier_block block = {.notifier_call = told};", "kdebug notifier")
        self.assertIn("told 1", self.says(oops, status=137 if X86 else 139))


    def test_a_die_notifier_that_oopses(self):
        module = self.init("register_die_notifier(&block); *(volatile int*)16 = 1; return 0;",
                           "static int told(struct notifier_block* nb, unsigned long val, void* data) { return *(volatile int*)8; }\n"
                           "static struct notifier_block block = {.notifier_call = told};", "kdebug notifier")
        lines = self.says(module, status=137 if X86 else 139)
        # Each leads to the next, up to a bound.
        self.assertIn(len([line for line in lines if line.startswith("Oops: ")]), range(2, 7))

    def test_functions_that_do_not_return(self):
        module = self.init("int i; register_kretprobe(&probe); for (i = 0; i < 20; i++) kthread_run(leaves, NULL, \"leaves\"); msleep(20); "
                           'pr_info("%d missed\\n", probe.nmissed); return 0;',
                           "static int nothing(struct kretprobe_instance* ri, struct pt_regs* regs) { return 0; }\n"
                           "static noinline int ends(void) { kthread_exit(0); return 1; }\n"
                           "static int leaves(void* data) { return ends(); }\n"
                           'static struct kretprobe probe = {.handler = nothing, .maxactive = 4, .kp.symbol_name = "leaves"};',
                           "kprobes kthread delay")
        self.assertEqual(self.says(module), ["0 missed"])


POLLED = """
static DECLARE_WAIT_QUEUE_HEAD(queue);
static int ready;
static ssize_t get(struct file* file, char __user* to, size_t count, loff_t* at) {
  int err = wait_event_interruptible(queue, ready);
  ready = 0;
  return err ? err : 1;
}
static ssize_t put(struct file* file, const char __user* from, size_t count, loff_t* at) {
  ready = 1;
  wake_up_interruptible_poll(&queue, EPOLLIN);
  return 1;
}
static __poll_t ask(struct file* file, poll_table* p) {
  poll_wait(file, &queue, p);
  return (ready ? EPOLLIN : 0) | EPOLLOUT;
}
static int flush(struct file* file, fl_owner_t id) { pr_info("flush\\n"); return -EIO; }
static int release(struct inode* inode, struct file* file) { pr_info("release\\n"); return 0; }
static const struct file_operations fops = {.read = get, .write = put, .poll = ask, .flush = flush, .release = release};
static struct miscdevice device = {.minor = MISC_DYNAMIC_MINOR, .name = "polled", .fops = &fops};
"""


class Files(Module):
    def test_a_kernel_thread_in_proc(self):
        module = self.init('kthread_run(waits, NULL, "waits"); return 0;',
                           "static int waits(void* data) { while (!kthread_should_stop()) msleep(100); return 0; }", "kthread delay")
        done = run([module], "/proc/1001/exe", "/proc/1001/comm", "/proc/1001/maps", "/proc/1001/cmdline", "/proc/1001/status")
        self.assertEqual(done.stdout[:done.stdout.index("Name:")], "/proc/1001/exe: No such file or directory\nwaits\n")
        self.assertIn("\nPPid:\t2\n", done.stdout)

    def test_debugfs(self):
        folder = "/sys/kernel/debug/debugfs_counter"
        done = run([MODULES / "debugfs_counter.c"], f"{folder}/value", f"{folder}/value=41", f"{folder}/value", f"{folder}/changes",
                   f"{folder}/log", f"{folder}/value=x", f"{folder}/nothing")
        self.assertEqual(done.stdout.splitlines(), ["0", "41", "1", "now 41, after 1 changes", "was 0", f"{folder}/value: write: Invalid argument",
                                                    f"{folder}/nothing: No such file or directory"])

    def test_proc(self):
        module = self.init('proc_create_single("mine", 0444, NULL, show); return 0;',
                           'static int show(struct seq_file* m, void* v) { for (int i = 0; i < 2000; i++) seq_printf(m, "line %d\\n", i); '
                           "return 0; }", "proc_fs seq_file")
        self.assertEqual(run([module], "/proc/mine").stdout, "".join(f"line {i}\n" for i in range(2000)))

    def test_a_place_in_a_file(self):
        module = self.init('proc_create("mine", 0444, NULL, &ops); return 0;',
                           "static ssize_t get(struct file* file, char __user* to, size_t count, loff_t* at) { return "
                           'simple_read_from_buffer(to, count, at, "0123456789", 10); }\n'
                           "static const struct proc_ops ops = {.proc_read = get, .proc_lseek = default_llseek};", "proc_fs fs")
        self.assertEqual(run([module], "@/proc/mine").stdout, "4567 0123 45\n")

    def test_the_name_of_a_file(self):
        module = self.init('proc_create("mine", 0444, proc_mkdir("its_folder", NULL), &ops); return 0;',
                           "static int named(struct seq_file* m, void* v) { seq_printf(m, \"%s %s\\n\", (char*)m->private, "
                           "m->file->f_path.dentry->d_name.name); return 0; }\n"
                           "static int opened(struct inode* inode, struct file* file) { return single_open(file, named, "
                           "(void*)file_dentry(file)->d_name.name); }\n"
                           "static const struct proc_ops ops = {.proc_open = opened, .proc_read = seq_read};", "proc_fs fs seq_file")
        self.assertEqual(run([module], "/proc/its_folder/mine").stdout, "mine mine\n")

    def test_numbers_given_out(self):
        """By a sparse array, from which some are taken back; and what is kept with them."""
        lines = self.says(self.init(
            """
            unsigned long i, n = 0; void* p; u32 id; int at;
            for (i = 0; i < 300; i++) idr_alloc(&numbers, (void*)(i + 8), 10, 0, GFP_KERNEL);
            idr_remove(&numbers, 50);
            pr_info("idr %d %lu %d\\n", idr_alloc(&numbers, &n, 1, 0, GFP_KERNEL), (unsigned long)idr_find(&numbers, 51) - 8, !idr_find(&numbers, 50));
            pr_info("full %d, next %d\\n", idr_alloc(&numbers, &n, 10, 12, GFP_KERNEL), idr_alloc(&numbers, &n, 10, 0, GFP_KERNEL));
            idr_for_each_entry(&numbers, p, at) n++;
            pr_info("has %lu\\n", n);
            xa_store(&array, 5, xa_mk_value(7), GFP_KERNEL);
            xa_store(&array, ~0ul, &n, GFP_KERNEL);
            xa_set_mark(&array, ~0ul, XA_MARK_1);
            xa_for_each(&array, i, p) pr_info("%lx %lu %d\\n", i, xa_is_value(p) ? xa_to_value(p) : 0, xa_get_mark(&array, i, XA_MARK_1));
            at = xa_alloc(&array, &id, NULL, XA_LIMIT(5, 9), GFP_KERNEL);
            pr_info("alloc %d %u %px, insert %d\\n", at, id, xa_load(&array, id), xa_insert(&array, id, &n, GFP_KERNEL));
            pr_info("erased %d %d\\n", xa_erase(&array, ~0ul) == &n, xa_empty(&array));
            xa_destroy(&array); idr_destroy(&numbers);
            pr_info("empty %d %d\\n", xa_empty(&array), idr_is_empty(&numbers));
            return 0;""", "static DEFINE_IDR(numbers);\nstatic DEFINE_XARRAY_ALLOC(array);", "idr xarray"))
        self.assertEqual(lines, ["idr 1 41 1", "full -28, next 50", "has 301", "5 7 0", "ffffffffffffffff 0 1",
                                 "alloc 0 6 0000000000000000, insert -16", "erased 1 0", "empty 1 1"])

    def test_drivers_and_their_devices(self):
        lines = self.says(self.init(
            """
            int number = 7;
            struct platform_device* one = platform_device_register_data(NULL, "thing", 3, &number, sizeof(number));
            platform_driver_register(&driver);
            platform_device_unregister(one);
            platform_driver_unregister(&driver);
            return 0;""",
            """
            static void gone(void* text) { pr_info("%s is gone\\n", (char*)text); }
            static int probe(struct platform_device* pdev) {
              char* text = devm_kasprintf(&pdev->dev, GFP_KERNEL, "number %d", *(int*)dev_get_platdata(&pdev->dev));
              dev_info(&pdev->dev, "%s\\n", text);
              return devm_add_action_or_reset(&pdev->dev, gone, text);
            }
            static int leave(struct platform_device* pdev) { pr_info("leaving\\n"); return 0; }
            static struct platform_driver driver = {.probe = probe, .remove = leave, .driver = {.name = "thing"}};""", "platform_device"))
        self.assertEqual(lines, ["thing thing.3: number 7", "leaving", "number 7 is gone"])

    def test_symbols_and_modules(self):
        done = run([MODULES / "percpu.c"], "/proc/modules", "/proc/kallsyms")
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^percpu \d+ 0 - Live 0x\w{16}$")
        self.assertTrue(all(re.match(r"^[0-9a-f]{16} [a-zA-Z] \S+(\t\[percpu\])?$", line) for line in lines[1:]), lines)
        names = {line.split()[2] for line in lines[1:]}
        self.assertTrue({"_printk", "mutex_lock", "jiffies", "kernel_clone", "schedule"} <= names)


    def calls(self, modules, *arguments):
        done = run(modules, *arguments, program=PROGRAMS / "calls")
        return done.stdout.splitlines(), messages(done.stderr)

    def test_the_log(self):
        # On a machine without modules.
        self.assertEqual(self.calls([], "kmsg")[0], [
            "end: 0", "read: EAGAIN", "poll 0", "write: 13", "write: 15", "poll 1", "short: EINVAL", "190,0,-;two\\x0alines", "write: 10", "read: EAGAIN",
            "write: 5", "12,1,-;unfinished", "12,2,-;next", "set 1: ESPIPE", "current: EINVAL", "large: EINVAL", "13,3,-;from the child", "poll 9",
            "read: EPIPE", "again: 1", "read: EBADF", "calls: 2 output lines suppressed due to ratelimiting"])
        self.assertEqual(self.calls([], "klog")[0], [
            "clear: 0", "empty: 0", "buffer: 131072", "unread: 71", "part: 8", "unread: 63", "poll 1", "rest: 63", "read: EAGAIN", "poll 0", "last: 25",
            "all: 71", "<14>", "cleared: 0", "null: EINVAL", "level: EINVAL", "level: 0", "off: 0", "on: 0", "no action: EINVAL", "waited: 23"])

    def test_what_modules_log(self):
        module = self.init('pr_info("one\\ntwo\\n"); pr_cont("cont\\n"); pr_debug("no\\n"); printk(KERN_DEBUG "a"); pr_cont("b\\n"); return 0;')
        done = run([module], "/dev/kmsg=<1>of a program\n", "/proc/kmsg")
        # The file is read to its end, which a log has not.
        self.assertEqual(messages(done.stderr)[:4], ["one", "two", "cont", "of a program"])
        self.assertEqual([re.sub(r"\[.*?\] ", "", line) for line in done.stdout.splitlines()], ["<6>one", "<6>two", "<4>cont", "<7>ab", "<9>of a program"])

    def test_waiting_for_files_of_modules(self):
        module = self.init('return misc_register(&device);', POLLED, "fs miscdevice poll wait")
        for options in (), ("--cpus", "2"):
            done = run([module], "poll", "/dev/polled", options=options, program=PROGRAMS / "calls")
            self.assertEqual(done.stdout.splitlines(), ["poll 4", "poll 4", "poll: 1", "0 1", "select: 0", "pselect: 1", "signal 14"], done.stderr)
        out, log = self.calls([module], "close", "/dev/polled")
        self.assertEqual(out, ["close: EIO", "close: EIO", "dup2: 1", "mmap: ENODEV", "large write: 1", "large read: 1"])
        self.assertEqual(log, ["flush", "flush", "release", *(["flush", "release"] * 3)])

    def test_splicing_files_of_modules(self):
        module = self.init('proc_create_single("shown", 0444, NULL, show); return misc_register(&device);',
                           POLLED + 'static int show(struct seq_file* m, void* v) { seq_puts(m, "0123456789\\n"); return 0; }',
                           "fs miscdevice poll wait proc_fs seq_file")
        self.assertEqual(self.calls([module], "splice", "/proc/shown")[0],
                         ["sendfile: 3", "sendfile: 9", "splice: 8", "01223456789", "3456789", "", "into: EINVAL"])
        self.assertEqual(self.calls([module], "splice", "/dev/polled")[0], ["sendfile: EINVAL", "sendfile: EINVAL", "splice: EINVAL", "", "into: EINVAL"])


    def test_variables_of_the_kernel(self):
        module = self.init('pr_info("%s %lu %d\\n", utsname()->release, *(unsigned long*)kallsyms_lookup_name("total_forks"), '
                           '*(int*)kallsyms_lookup_name("nr_threads")); *(int*)kallsyms_lookup_name("vm_swappiness") = 7; '
                           'hw_breakpoint_init(&attr); attr.bp_addr = kallsyms_lookup_name("pid_max"); attr.bp_len = 4; attr.bp_type = HW_BREAKPOINT_W; '
                           'register_wide_hw_breakpoint(&attr, hit, NULL); proc_create_single("forks", 0444, NULL, show); '
                           'kthread_run(waits, NULL, "waits"); return 0;',
                           "struct perf_event_attr attr;\n"
                           "static void hit(struct perf_event* bp, struct perf_sample_data* data, struct pt_regs* regs) "
                           '{ pr_info("pid_max is %d\\n", *(int*)bp->attr.bp_addr); }\n'
                           "static int show(struct seq_file* m, void* v) { seq_printf(m, \"%lu %d\\n\", *(unsigned long*)kallsyms_lookup_name(\"total_forks\"), "
                           '*(int*)kallsyms_lookup_name("nr_threads")); msleep(5200); return 0; }\n'
                           "static int waits(void* data) { msleep(5200); return 0; }",
                           "utsname kallsyms perf_event hw_breakpoint proc_fs seq_file delay kthread")
        done = run([module], "/proc/sys/vm/swappiness", "/proc/sys/kernel/pid_max=301", "/proc/sys/kernel/pid_max=1234", "/proc/sys/kernel/pid_max", "fork", "fork",
                   "/proc/sys/kernel/pid_max=300", "/proc/forks", "/proc/loadavg")
        self.assertEqual(done.stdout.splitlines()[:4], ["7", "1234", "/proc/sys/kernel/pid_max: write: Invalid argument", "4 2"], done.stderr)
        # Two tasks wait uninterruptibly.
        self.assertRegex(done.stdout.splitlines()[4], r"^0\.1[56] 0\.03 0\.01 1/\d 1003$")
        self.assertEqual(messages(done.stderr), ["6.1.0 1 1", "pid_max is 301", "pid_max is 1234"])

    @unittest.skipIf(X86, "a reservation is PPC64's")
    def test_a_watched_word_that_is_reserved(self):
        module = self.init("hw_breakpoint_init(&attr); attr.bp_addr = (unsigned long)&value; attr.bp_len = 8; attr.bp_type = HW_BREAKPOINT_RW; "
                           "events = register_wide_hw_breakpoint(&attr, hit, NULL); atomic_long_inc((atomic_long_t*)&value); "
                           'pr_info("%d\\n", (*per_cpu_ptr(events, 0))->state); return 0;',
                           "static long value; struct perf_event_attr attr; static struct perf_event* __percpu* events;\n"
                           "static void hit(struct perf_event* bp, struct perf_sample_data* data, struct pt_regs* regs) { pr_info(\"hit\\n\"); }",
                           "perf_event hw_breakpoint atomic percpu")
        lines = self.says(module)
        self.assertRegex(lines[0], r"^Breakpoint hit on instruction that can't be emulated\. Breakpoint at 0x[0-9a-f]+ will be disabled\.$")
        self.assertEqual(lines[1:], ["-1"])


class SystemCalls(Module):
    def test_a_call_that_a_module_serves(self):
        module = self.init("return 0;", "SYSCALL_DEFINE3(write, unsigned int, fd, const char __user*, buf, size_t, count) {\n"
                           "  char first; if (fd != 1 || copy_from_user(&first, buf, 1)) return SYSCALL_PASS;\n"
                           '  pr_info("%zu bytes, %c\\n", count, first); return first == \'s\' ? SYSCALL_PASS : -ENOSPC; }', "syscalls uaccess")
        done = run([module], "trap", "/nothing")
        self.assertEqual(messages(done.stderr), ["9 bytes, s", "36 bytes, /"])
        self.assertEqual(done.stdout, "signal 5\n")


class Suites(Module):
    def test_slots(self):
        lines = self.says(MODULES / "kunit_slots.c", options=("--cpus", "2"))
        self.assertEqual(lines[:4], ["TAP version 14", "1..1", "    # Subtest: hw_breakpoint_slots", "    1..6"])
        self.assertEqual(lines[-1], "ok 1 - hw_breakpoint_slots")
        self.assertFalse([line for line in lines if "not ok" in line])


KSYM = [MODULES / "ksym_tracer.c", HERE / "ksym_victim.c"]
TRACING = "/sys/kernel/debug/tracing"


class KsymTracer(Module):
    """docs/ksym-tracer.md"""

    def shown(self, *arguments, tracer="", options=()):
        return run([f"{KSYM[0]}{tracer}", KSYM[1]], *arguments, options=options)

    def test_self_test(self):
        self.assertEqual(messages(self.shown(tracer=":selftest=1").stderr), ["Testing tracer ksym_tracer: PASSED"])

    def test_trace_and_profile(self):
        poke = "/sys/kernel/debug/ksym_victim/poke"
        done = self.shown(f"{TRACING}/available_tracers", f"{TRACING}/current_tracer=ksym_tracer", f"{TRACING}/ksym_trace_filter=victim:rw-",
                          f"{poke}=w2", f"{TRACING}/tracing_enabled=0", f"{poke}=w1", f"{TRACING}/trace",
                          f"{TRACING}/ksym_profile", f"{TRACING}/ksym_trace_filter")
        lines = [re.sub(r"\+0x\w+/0x\w+", "", line) for line in done.stdout.splitlines()]
        self.assertEqual(lines, ["ksym_tracer nop", "# tracer: ksym_tracer", "#",
                                 "#       TASK-PID   CPU#      Symbol                    Type    Function",
                                 "#          |        |          |                        |         |"] +
                         2 * ["      files-1000  [000] victim [ksym_victim] RW write_victim [ksym_victim]"] +
                         ["  Access Type   Symbol                                       Counter",
                          "  -----------   ------                                       -------",
                          "  RW            victim                                             2", "victim [ksym_victim]:rw-"])

    def test_errors(self):
        filters = f"{TRACING}/ksym_trace_filter"
        done = self.shown(*(f"{filters}={text}" for text in ("nothing_such:rw-", "victim", "victim:rwx", "victim:---", "victim:rw-", "victim:rw-")))
        self.assertEqual(done.stdout.splitlines(), [f"{filters}: write: Invalid argument"] * 4 + [f"{filters}: write: Invalid argument"])

    def test_no_more_slots(self):
        filters = f"{TRACING}/ksym_trace_filter"
        symbols = ["victim", "jiffies", "nr_cpu_ids", "init_task", "__cpu_online_mask"]
        done = self.shown(*(f"{filters}={symbol}:rw-" for symbol in symbols))
        self.assertEqual(done.stdout.splitlines(), [f"{filters}: write: No space left on device"] * (1 if X86 else 4))
        self.assertIn("ksym_tracer: Maximum limit reached. No new requests for tracing can be accepted now.", messages(done.stderr))

    def test_all_of_it_each_time(self):
        self.equal_each_time(KSYM, program=PROGRAMS / "ksym_client")
        self.equal_each_time(KSYM, program=PROGRAMS / "ksym_client", options=("--cpus", "3"))


class BigKernelLock(Module):
    """Who touches kernel_flag, under clients that use a file system as dbench does (Weisbecker, "perfcounter: Add support for kernel
    hardware breakpoints", 2009)."""

    def test_every_access_is_counted_and_attributed(self):
        for clients, options in ((20, ("--cpus", "4", "--quantum", "1000")), (1, ()), (5, ("--cpus", "2", "--schedule-seed", "3"))):
            done = run([MODULES / "bkl_fs.c"], f"clients={clients}", "rounds=30", options=options, program=PROGRAMS / "bkl_clients")
            with self.subTest(clients=clients):
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertEqual(done.stdout.splitlines()[-1], "counters agree")
                self.assertRegex(done.stdout, r"(?m)^# Samples: \d+\n#\n# Overhead Symbol\n# \.+ \.+\n\n?#?\n?\d+\.\d\d% \[k\] lock_kernel$")
                self.assertRegex(done.stdout, r"(?m)^\d+\.\d\d% \[k\] unlock_kernel$")
                self.assertRegex(done.stdout, r"(?m)^[|` ]*--\d+\.\d\d%-- __pwrite64\n\|? +do_write$")

    def test_equal_in_both_gears_and_each_time(self):
        self.equal_each_time([MODULES / "bkl_fs.c"], "clients=4", "rounds=10", options=("--cpus", "2", "--quantum", "1000"), program=PROGRAMS / "bkl_clients")


if __name__ == "__main__":
    unittest.main()
