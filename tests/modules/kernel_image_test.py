"""Kernel images, CPUs that go and come, and the next kernel: kernel_image_test.py TRAPLINE HOTPLUG SOURCE ISA."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from support import ISA_IS_X86 as X86, PROGRAM as HOTPLUG, SOURCE, messages, run

PROGRAMS = pathlib.Path(HOTPLUG).parent
TOOLS = "x86_64-linux-gnu-" if X86 else "powerpc64-linux-gnu-"
BASE = 0xFFFFFFFF81000000 if X86 else 0xC000000000000000
FLAGS = ["-std=gnu11", "-O2", "-ffreestanding", "-fno-pic", "-fno-optimize-sibling-calls", "-fno-stack-protector", "-fno-common", "-D__KERNEL__"]
FLAGS += ["-mcmodel=kernel", "-mno-red-zone", "-mgeneral-regs-only", "-fno-omit-frame-pointer", "-fcf-protection=none"] if X86 else ["-msoft-float"]

IMAGE = """
#include <linux/export.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/syscalls.h>
int word = 1;
EXPORT_SYMBOL(word);
noinline int twice(int n) { return 2 * n; }
SYSCALL_DEFINE1(umask, int, mask) { pr_info("umask %o, %ps\\n", mask, __builtin_return_address(0)); word++; return twice(077); }
void start_kernel(void) { pr_info("start_kernel, word %d\\n", word); }
static int __init late(void) { pr_info("late\\n"); return 0; }
late_initcall(late);
static int __init early(void) { pr_info("early\\n"); return -ENOMEM; }
early_initcall(early);
"""


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def tool(self, name, *arguments):
        subprocess.run([TOOLS + name, *map(str, arguments)], check=True, capture_output=True, cwd=self.folder)

    def link(self, text, *flags, base=BASE):
        self.tool("gcc", "-c", *FLAGS, "-I", pathlib.Path(SOURCE) / "scenarios/kernel/include", "-o", "image.o", self.write("image.c", text))
        self.tool("ld", "-q", "--unresolved-symbols=ignore-all", "-z", "noexecstack", f"-Ttext={base:#x}", "-e", "start_kernel", "-o", "vmlinux",
                  *flags, "image.o")
        return self.folder / "vmlinux"

    def boots(self, images, *arguments, modules=(), program="calls", status=0):
        given = [part for image in images for part in ("--kernel", str(image))]
        done = run(modules, *arguments, options=given, program=PROGRAMS / program)
        self.assertEqual(done.returncode, status, done.stderr)
        return messages(done.stderr)


class Images(Case):
    def called(self, images, modules=()):
        return self.boots(images, "umask", modules=modules, program="image_user")

    def test_a_source_and_an_elf_file(self):
        said = ["start_kernel, word 1", "early", "late", "umask 22, 0x0"]
        for image in self.write("vmlinux.c", IMAGE), self.link(IMAGE):
            with self.subTest(image.name):
                lines = self.called([image])
                self.assertEqual(lines[:3], said[:3])
                self.assertTrue(lines[3].startswith("umask 22, "), lines)

    def test_its_addresses_are_the_linkers(self):
        done = run([], "kallsyms", options=("--kernel", str(self.link(IMAGE))), program=PROGRAMS / "image_user")
        symbols = dict(reversed(line.split(" T ")) for line in done.stdout.splitlines())
        self.assertEqual(int(symbols["twice"], 16) & ~0xFFFF, BASE)

    def test_a_module_uses_what_it_exports(self):
        module = self.write("user.c", '#include <linux/module.h>\nMODULE_LICENSE("GPL");\nextern int word; int twice(int n);\n'
                                      'static int __init begin(void) { pr_info("word %d, %d\\n", word, twice(21)); return 0; }\nmodule_init(begin);\n')
        self.assertIn("word 1, 42", self.called([self.link(IMAGE)], [module]))

    def test_sources_together(self):
        other = self.write("other.c", '#include <linux/init.h>\n#include <linux/printk.h>\nextern int word;\n'
                                      'static int __init begin(void) { pr_info("other %d\\n", word); return 0; }\ncore_initcall(begin);\n')
        self.assertEqual(self.called([self.write("vmlinux.c", IMAGE), other])[:4], ["start_kernel, word 1", "early", "other 1", "late"])

    def test_what_is_none(self):
        # A program's addresses; the kernel's own; another instruction set; a symbol that is nowhere; no ELF file.
        taken = 0xFFFFFFFFC0000000 if X86 else 0xC008000000000000
        for image, why in [(lambda: self.link(IMAGE, base=0x10000000), "which are no addresses of the kernel's"),
                           (lambda: self.link(IMAGE, base=taken), "where the kernel itself has"),
                           (lambda: self.link(IMAGE.replace("return twice(077)", "extern int nowhere(void); return nowhere()")),
                            "uses symbols that the kernel does not have: nowhere"),
                           (lambda: self.link(IMAGE, f"--section-start=.data={BASE:#x}", "--no-check-sections"), "where it has another one"),
                           (lambda: self.write("vmlinux", "no image"), "is no kernel module: it is too short"),
                           (lambda: self.folder / "gone", "no such file"),
                           (lambda: pathlib.Path(HOTPLUG), "which are no addresses of the kernel's")]:
            with self.subTest(why):
                lines = self.boots([image()], "umask", program="image_user", status=2)
                self.assertIn(why, "\n".join(lines))

    def test_a_wild_store(self):
        wild = IMAGE.replace("word++", "*(volatile int*)0x10 = 1")
        lines = self.boots([self.link(wild)], "umask", program="image_user", status=137 if X86 else 139)
        self.assertTrue(any("NULL pointer dereference" in line for line in lines), lines)


class Hotplug(Case):
    EXPECTED = """online: 0-3
offline: 
possible: 0-3
pinned 0
counted 2 on CPU 1
offline 2
elsewhere 1, 3 CPUs
online: 0,2-3
offline: 1
cpu1/online: 0
counted 2
an event there -19, a task -22, again 3, nonsense -22
online 2, pinned 0
enabled 0
counted 1
CPU 3 offline: 1
CPU 2 offline: 1
""" + ("CPU 1 offline: 1\nCPU 0 offline: -2\nonline: 0\n" if X86 else "CPU 1 offline: 1\nCPU 0 offline: -16\nonline: 0\n") + "online: 0-3\n"

    def test_a_program_switches_cpus(self):
        # The same where kernel code is told of each.
        module = self.module("return cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, \"test:online\", up, down) < 0;")
        for modules in [], [module]:
            for gear in "watched-pages", "everything":
                done = run(modules, options=("--cpus", "4", "--gear", gear), program=HOTPLUG)
                self.assertEqual((done.returncode, done.stdout), (0, self.EXPECTED), done.stderr)

    def module(self, body):
        return self.write("cpus.c", '#include <linux/module.h>\n#include <linux/cpu.h>\n#include <linux/smp.h>\nMODULE_LICENSE("GPL");\nstatic int refuse;\n'
                                    'static int up(unsigned int cpu) { pr_info("up %u on %u\\n", cpu, smp_processor_id()); return 0; }\n'
                                    'static int down(unsigned int cpu) { pr_info("down %u on %u\\n", cpu, smp_processor_id()); return refuse; }\n'
                                    f"static int __init begin(void) {{ {body} }}\nmodule_init(begin);\n")

    def says(self, body):
        done = run([self.module(body)], "2", options=("--cpus", "4"), program=PROGRAMS / "ticker")
        return [line for line in messages(done.stderr) if not line.startswith("smpboot")]

    def test_states_on_the_way(self):
        self.assertEqual(self.says('cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "test:online", up, down); pr_info("%d\\n", remove_cpu(3)); '
                                   'pr_info("%d %d\\n", cpu_online(3), num_online_cpus()); pr_info("%d\\n", add_cpu(3)); return 0;'),
                         ["up 0 on 0", "up 1 on 1", "up 2 on 2", "up 3 on 3", "down 3 on 3", "0", "0 3", "up 3 on 3", "0"])

    def test_one_that_refuses(self):
        self.assertEqual(self.says('refuse = -EBUSY; cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "test:no", up, down); '
                                   'cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "test:yes", up, NULL); '
                                   'pr_info("%d %d %d %d\\n", remove_cpu(2), cpu_online(2), add_cpu(2), remove_cpu(7)); return 0;'),
                         ["down 2 on 2", "up 2 on 2", "-16 1 1 -22"])

    def test_work_that_was_there(self):
        # A timer, a thread and a work of a CPU that goes are done elsewhere.
        body = ('timer.expires = jiffies + 2; add_timer_on(&timer, 1); p = kthread_create(loop, NULL, "bound"); kthread_bind(p, 1); wake_up_process(p); '
                'queue_delayed_work_on(1, system_wq, &work, 3); remove_cpu(1); msleep(40); pr_info("%d\\n", kthread_stop(p)); return 0;')
        module = self.write("left.c", """#include <linux/module.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
MODULE_LICENSE("GPL");
static struct task_struct* p;
static void ring(struct timer_list* t) { pr_info("rung, away %d\\n", smp_processor_id() != 1); }
static DEFINE_TIMER(timer, ring);
static void done(struct work_struct* w) { pr_info("worked, away %d\\n", smp_processor_id() != 1); }
static DECLARE_DELAYED_WORK(work, done);
static int loop(void* data) { while (!kthread_should_stop()) msleep(4); pr_info("threaded, away %d\\n", smp_processor_id() != 1); return 6; }
static int __init begin(void) { """ + body + " }\nmodule_init(begin);\n")
        done = run([module], "2", options=("--cpus", "2"), program=PROGRAMS / "ticker")
        lines = [line for line in messages(done.stderr) if not line.startswith("smpboot")]
        self.assertEqual(lines, ["rung, away 1", "worked, away 1", "threaded, away 1", "6"])


class Mistakes(Case):
    def module(self, symbol, handler):
        return self.write("probe.c", f"""#include <linux/module.h>
#include <linux/kprobes.h>
MODULE_LICENSE("GPL");
static int pre(struct kprobe* p, struct pt_regs* regs) {{ {handler} return 0; }}
static struct kprobe probe = {{.pre_handler = pre, .symbol_name = "{symbol}"}};
static int __init begin(void) {{ return register_kprobe(&probe); }}
module_init(begin);
""")

    def test_a_probe_of_a_bad_access(self):
        done = run([self.module("do_user_addr_fault" if X86 else "___do_page_fault", "")], "wild", program=PROGRAMS / "image_user")
        self.assertEqual(done.returncode, 139, done.stderr)
        self.assertIn("was killed by SIGSEGV at address 0x8, where nothing is mapped, at main+", done.stderr)

    def test_an_oops_of_a_thread_that_goes_to_sleep(self):
        for cpus in "1", "3":
            done = run([self.module("schedule", "*(volatile int*)8 = 1;")], "threads", options=("--cpus", cpus), program=PROGRAMS / "image_user")
            self.assertIn(done.returncode, (0, 137, 139), done.stderr)
            self.assertIn("NULL pointer dereference", done.stderr)


class Kexec(Case):
    def test_errors(self):
        module = self.write("any.c", '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n')
        done = run([module], "kexec", program=PROGRAMS / "image_user")
        self.assertEqual(done.stdout, "flags -22, other architecture -22, crash -99, many -22, unaligned -99, outside -99, longer -22, overlapping -22, "
                                      "not there -14, none loaded -22, unloaded 0 -22, magic -22\n")
        # EPERM, where there is no kernel code.
        self.assertEqual(set(re.findall(r"-?\d+", run([], "kexec", program=PROGRAMS / "image_user").stdout)), {"-1"})

    def test_power_off(self):
        module = self.write("any.c", '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n')
        done = run([module], "off", program=PROGRAMS / "image_user")
        self.assertEqual((done.returncode, messages(done.stderr)), (0, ["reboot: Power down"]))


if __name__ == "__main__":
    unittest.main()
