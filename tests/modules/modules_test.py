"""Kernel modules by `exec --module`: modules_test.py TRAPLINE PROGRAM SOURCE ISA."""

import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

import support
from support import ISA_IS_X86 as X86, MODULES, PROGRAM, SOURCE, TRAPLINE, messages

HEAD = """
#include <linux/hw_breakpoint.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/slab.h>
MODULE_LICENSE("GPL");
"""


def run(*options):
    return support.run([], options=options)


class Module(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, body, name="under_test.c", head=HEAD):
        path = pathlib.Path(self.folder.name) / name
        path.write_text(head + body)
        return str(path)

    def compile(self, source, name="m"):
        """An object as `make` would leave it."""
        built = os.path.join(self.folder.name, name + ".ko")
        compiler = "x86_64-linux-gnu-gcc" if X86 else "powerpc64-linux-gnu-gcc"
        flags = ["-mcmodel=kernel", "-mno-red-zone", "-mgeneral-regs-only", "-fcf-protection=none"] if X86 else ["-msoft-float"]
        subprocess.run([compiler, "-O2", "-ffreestanding", "-fno-pic", "-w", "-fno-stack-protector", "-D__KERNEL__", "-DMODULE",
                        f'-DKBUILD_MODNAME="{name}"', "-I", f"{SOURCE}/scenarios/kernel/include", *flags, "-c", source, "-o",
                        built], check=True)
        return built

    def init(self, body, before="", name="under_test.c"):
        return self.write(f"{before}\nstatic int __init begin(void) {{ {body} }}\nmodule_init(begin);\n", name)

    def says(self, module, *arguments, status=3):
        done = run("--module", module, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return messages(done.stderr)


class Samples(Module):
    def test_watch_of_a_symbol(self):
        lines = self.says(f"{MODULES}/data_breakpoint.c")
        self.assertEqual(lines[0], "HW Breakpoint for jiffies write installed")
        at = lines.index("jiffies value is changed")
        self.assertRegex("\n".join(lines[at:at + 6]),
                         r"^jiffies value is changed\nCPU: 0 PID: 1000 Comm: ticker Not tainted 6\.1\.0\nCall Trace:\n"
                         r" dump_stack\+0x0/0x10\n written\+0x\w+/0x\w+ \[data_breakpoint\]\nDump stack from written$")
        # A tick each 4 ms.
        times = re.findall(r"^\[ *(\d+\.\d{6})\] jiffies value", run("--module", f"{MODULES}/data_breakpoint.c").stderr, re.M)
        self.assertGreater(len(times), 2)
        self.assertTrue(all(float(time) * 1000 % 4 < 0.1 for time in times), times)

    @unittest.skipUnless(X86, "it shows x86-64")
    def test_what_the_document_shows(self):
        document = (pathlib.Path(SOURCE) / "docs" / "kernel-modules.md").read_text()
        shown = re.search(r"^```\n(\[.*?)^```$", document, re.M | re.S).group(1).splitlines()
        said = run("--module", f"{MODULES}/data_breakpoint.c").stderr.splitlines()[:len(shown)]
        # How long a function is, is the compiler's affair.
        offsets = re.compile(r"\+0x\w+/0x\w+")
        self.assertEqual([offsets.sub("+", line) for line in said], [offsets.sub("+", line) for line in shown])

    def test_no_such_symbol(self):
        done = run("--module", f"{MODULES}/data_breakpoint.c:ksym=nosuch")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nosuch: no such symbol", done.stderr)
        self.assertIn("the init function of the module data_breakpoint returned -6 (No such device or address)", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_watch_of_an_own_variable(self):
        for cpus in "1", "3":
            lines = self.says(f"{MODULES}/watch_own.c:writes=4", "--cpus", cpus)
            self.assertRegex(lines[0], r"^watch_own: CPU 0: first hit, at write_it\+0x\w+/0x\w+ \[watch_own\]$")
            self.assertEqual(lines[1], "watch_own: CPU 0: 4 hits, counted 4")
            self.assertEqual(lines[-1], "watch_own: 4 hits of 4 writes")
            self.assertEqual(len(lines), 2 + int(cpus))

    def test_watch_of_a_task(self):
        symbols = subprocess.run(["nm", PROGRAM], capture_output=True, text=True, check=True).stdout
        address = re.search(r"^(\w+) [BD] watched$", symbols, re.M).group(1)
        lines = self.says(f"{MODULES}/user_breakpoint.c:pid=1000,address=0x{address}")
        self.assertEqual(lines[0], f"user_breakpoint: watching {int(address, 16):#x} of ticker[1000]")
        self.assertEqual(len(lines), 3)
        for number, line in enumerate(lines[1:], 1):
            self.assertRegex(line, rf"ticker\[1000\]: hit {number} at {int(address, 16):#x} from 0x\w+, user mode$")

    def test_parameters(self):
        lines = self.says(f"{MODULES}/params.c:a_byte=0x10,an_int=-7,a_bool=0,numbers=5,6,7,a_charp=two words")
        self.assertIn("params: byte 16 short -2 ushort 2 int -7 uint 3 hexint 0x30", lines)
        self.assertIn("bool 0", lines[1])
        self.assertIn('charp "two words"', lines[2])
        self.assertEqual([line for line in lines if "numbers[" in line], [f"params: numbers[{i}] = {5 + i}" for i in range(3)])

    def test_wrong_parameters(self):
        for value, reason in (("an_int=x", "`x` is no value for its parameter `an_int` (int)"),
                              ("a_byte=256", "`256` is no value for its parameter `a_byte` (byte)"),
                              ("a_uint=-1", "`-1` is no value for its parameter `a_uint` (uint)")):
            with self.subTest(value):
                self.assertIn(reason, run("--module", f"{MODULES}/params.c:{value}").stderr)
        self.assertIn("params: unknown parameter 'nosuch' ignored", self.says(f"{MODULES}/params.c:nosuch=1"))

    def test_lists_and_the_heap(self):
        self.assertEqual(self.says(f"{MODULES}/list_and_slab.c")[:2],
                         ["list_and_slab: found 4: item 2, dropped", "list_and_slab: 16: item 4"])

    def test_equal_in_both_gears_and_each_time(self):
        for module in "data_breakpoint", "watch_own", "list_and_slab":
            runs = set()
            for gear in "watched-pages", "watched-pages", "everything":
                done = run("--module", f"{MODULES}/{module}.c", "--gear", gear)
                runs.add((done.returncode, done.stdout, done.stderr))
            self.assertEqual(len(runs), 1, module)


BREAKPOINT = """
static long value;
static int hits;
static struct perf_event * __percpu *event;
static void hit(struct perf_event *bp, struct perf_sample_data *data, struct pt_regs *regs);
static int watch(void *where, int type) {
  struct perf_event_attr attr;
  hw_breakpoint_init(&attr);
  attr.bp_addr = (unsigned long)where;
  attr.bp_len = 8;
  attr.bp_type = type;
  event = register_wide_hw_breakpoint(&attr, hit, NULL);
  return IS_ERR((void __force *)event) ? PTR_ERR((void __force *)event) : 0;
}
static noinline void bump(void) { WRITE_ONCE(value, value + 1); }
"""


class Breakpoints(Module):
    def test_callers_of_a_hit(self):
        module = self.init("int err = watch(&value, HW_BREAKPOINT_W); if (err) return err; bump(); return 0;",
                           BREAKPOINT + "static void hit(struct perf_event *bp, struct perf_sample_data *data, struct "
                           "pt_regs *regs) { dump_stack(); }")
        chain = [line.split("+")[0] for line in self.says(module) if line.startswith(" ")]
        self.assertEqual(chain, [" dump_stack", " hit", " bump", " begin"])

    def test_a_callback_that_hits_its_own_breakpoint(self):
        module = self.init("int err = watch(&value, HW_BREAKPOINT_W); if (err) return err; bump(); bump(); "
                           'pr_info("%d hits, value %ld\\n", hits, value); return 0;',
                           BREAKPOINT + "static void hit(struct perf_event *bp, struct perf_sample_data *data, struct "
                           "pt_regs *regs) { hits++; bump(); }")
        self.assertEqual(self.says(module)[-1], "2 hits, value 4")

    def test_a_callback_that_unregisters_itself(self):
        module = self.init('int err = watch(&value, HW_BREAKPOINT_W); if (err) return err; bump(); bump(); pr_info("%d\\n", '
                           "hits); return 0;",
                           BREAKPOINT + "static void hit(struct perf_event *bp, struct perf_sample_data *data, struct "
                           "pt_regs *regs) { hits++; unregister_wide_hw_breakpoint(event); }")
        self.assertEqual(self.says(module)[-1], "1")

    def test_one_instruction_that_hits_several(self):
        # Two ints by one store; the first callback takes the second event away, of which none comes then.
        body = ("union {{ int parts[2]; long whole; }} pair; static struct perf_event * __percpu *second;\n"
                "static int watch_part(int i, perf_overflow_handler_t handler, struct perf_event * __percpu **made) {{\n"
                "  struct perf_event_attr attr; hw_breakpoint_init(&attr); attr.bp_addr = (unsigned long)&pair.parts[i];\n"
                "  attr.bp_len = 4; attr.bp_type = HW_BREAKPOINT_W; *made = register_wide_hw_breakpoint(&attr, handler, NULL);\n"
                "  return IS_ERR((void __force *)*made); }}\n"
                "static void first_hit(struct perf_event *bp, struct perf_sample_data *d, struct pt_regs *regs) {{\n"
                '  pr_info("first at %ps\\n", (void *)instruction_pointer(regs)); {} }}\n'
                "static void second_hit(struct perf_event *bp, struct perf_sample_data *d, struct pt_regs *regs) {{\n"
                '  pr_info("second at %ps\\n", (void *)instruction_pointer(regs)); }}\n'
                "static noinline void store(void) {{ WRITE_ONCE(pair.whole, 5); }}\n"
                "static struct perf_event * __percpu *first;\n")
        init = "if (watch_part(0, first_hit, &first) || watch_part(1, second_hit, &second)) return -ENOSPC; store(); return 0;"
        unit = [] if X86 else ["--debug-unit", "dawr2"]
        self.assertEqual(self.says(self.init(init, body.format("")), *unit),
                         ["first at store [under_test]", "second at store [under_test]"])
        self.assertEqual(self.says(self.init(init, body.format("unregister_wide_hw_breakpoint(second);")), *unit),
                         ["first at store [under_test]"])

    def test_interrupts_and_preemption(self):
        lines = self.says(self.init("unsigned long flags; DEFINE_SPINLOCK(lock); "
                                    'pr_info("%d %d\\n", irqs_disabled(), in_atomic()); spin_lock_irqsave(&lock, flags); '
                                    'pr_info("%d %d\\n", irqs_disabled(), in_atomic()); spin_unlock_irqrestore(&lock, flags); '
                                    'pr_info("%d %d\\n", irqs_disabled(), in_atomic()); local_irq_disable(); '
                                    'pr_info("%d\\n", irqs_disabled()); local_irq_enable(); pr_info("%d\\n", '
                                    "irqs_disabled()); return 0;", "#include <linux/spinlock.h>\n#include <linux/preempt.h>"))
        self.assertEqual(lines, ["0 0", "1 1", "0 0", "1", "0"])

    def test_no_task_to_watch(self):
        module = self.init("struct perf_event_attr attr; struct perf_event *bp; hw_breakpoint_init(&attr); attr.bp_addr = 4096; "
                           "attr.bp_len = 4; attr.bp_type = HW_BREAKPOINT_W; bp = register_user_hw_breakpoint(&attr, NULL, NULL, "
                           'NULL); pr_info("%ld\\n", IS_ERR(bp) ? PTR_ERR(bp) : 0); return 0;')
        self.assertEqual(self.says(module), ["-22"])

    def test_user_code_is_not_executed(self):
        symbols = subprocess.run(["nm", PROGRAM], capture_output=True, text=True, check=True).stdout
        address = re.search(r"^(\w+) [TD] main$", symbols, re.M).group(1)
        module = self.init(f"((void (*)(void))0x{address})(); return 0;")
        self.assertIn("BUG: ", "\n".join(self.says(module, status=137 if X86 else 139)))

    def test_formats(self):
        lines = self.says(self.init('pr_info("[%5d|%-5d|%05d|%+d|%#x|%#o|%.3d|%.0d]\\n", 42, 42, 42, 42, 42, 42, 5, 0); '
                                    'pr_info("[%s|%.2s|%.*s|%10s|%-4s]\\n", "text", "text", -1, "all", "right", "l"); '
                                    'pr_info("[%c|%hhd|%hu|%lld|%zu|%px]\\n", 65, 300, 65537, -5ll, (size_t)7, (void *)0x1234); '
                                    'pr_info("[%s|%s|%p|%%]\\n", (char *)0, (char *)-14l, (void *)0); pr_info("a\\tb"); return 0;'))
        self.assertEqual(lines, ["[   42|42   |00042|+42|0x2a|052|005|0]", "[text|te|all|     right|l   ]",
                                 "[A|44|1|-5|7|0000000000001234]", "[(null)|(efault)|0000000000000000|%]", "a\tb"])

    def test_what_is_given_back_is_had_again(self):
        # More often than there is per-CPU memory, and addresses for large objects, if each were new.
        module = self.init("long err = 0; int i; for (i = 0; i < 40000 && !err; ++i) { err = watch(&value, HW_BREAKPOINT_W); "
                           "if (!err) unregister_wide_hw_breakpoint(event); } pr_info(\"%d %ld\\n\", i, err); return 0;",
                           BREAKPOINT + "static void hit(struct perf_event *bp, struct perf_sample_data *data, struct "
                           "pt_regs *regs) {}")
        self.assertEqual(self.says(module), ["40000 0"])

    def test_slots(self):
        module = self.init('for (int i = 0; i < 5; ++i) pr_info("%d\\n", watch(&values[i], HW_BREAKPOINT_W)); return 0;',
                           BREAKPOINT + "static long values[5];\nstatic void hit(struct perf_event *bp, struct "
                           "perf_sample_data *data, struct pt_regs *regs) {}")
        refused = [line for line in self.says(module) if line.endswith("-28")]
        self.assertEqual(len(refused), 1 if X86 else 4)

    def test_a_program_s_breakpoint_does_not_see_the_kernel(self):
        module = self.init("int err = watch(&value, HW_BREAKPOINT_W); if (err) return err; bump(); "
                           'pr_info("%d hits\\n", hits); return 0;',
                           BREAKPOINT.replace("attr.bp_len = 8;", "attr.bp_len = 8; attr.exclude_kernel = 1;") +
                           "static void hit(struct perf_event *bp, struct perf_sample_data *data, struct pt_regs *regs) "
                           "{ hits++; }")
        # A kernel address whose accesses by the kernel are excluded: EINVAL.
        done = run("--module", module)
        self.assertEqual(done.returncode, 2)
        self.assertIn("returned -22 (Invalid argument)", done.stderr)


class NoPlace(Module):
    @unittest.skipIf(X86, "a function is its address there")
    def test_a_callback_that_is_no_function(self):
        module = self.init("int err = watch(&value, HW_BREAKPOINT_W); if (err) return err; bump(); return 0;",
                           BREAKPOINT.replace("&attr, hit, NULL", "&attr, (perf_overflow_handler_t)0xd00d0000, NULL"))
        self.assertIn("BUG: Unable to handle kernel data access on read at 0xd00d0000", self.says(module, status=139))

    def test_more_tasks_than_memory_has_stacks_for(self):
        # Whatever comes of it, the run ends.
        module = self.init("int err = watch(&value, HW_BREAKPOINT_W); if (err) return err; bump(); return 0;",
                           BREAKPOINT + "static void hit(struct perf_event *bp, struct perf_sample_data *data, struct "
                           "pt_regs *regs) { while (kmalloc(65536, GFP_KERNEL)) { } while (kmalloc(64, GFP_KERNEL)) { } }")
        run("--module", module, "--memory", "8M", "--max-cycles", "100000000")


class Mistakes(Module):
    def oops(self, body, *wanted, before="", status):
        lines = self.says(self.init(body, before), status=status)
        for line in wanted:
            self.assertTrue(any(re.search(line, said) for said in lines), f"{line} is not in\n" + "\n".join(lines))
        self.assertIn("Call Trace:", lines)
        self.assertTrue(any("PID: 1000 Comm: ticker" in line for line in lines))

    def test_wild_store(self):
        if X86:
            self.oops("*(volatile int *)0xffffff8000000000 = 1; return 0;",
                      "^BUG: unable to handle page fault for address: ffffff8000000000$",
                      r"^#PF: supervisor write access in kernel mode$", r"^#PF: error_code\(0x0002\) - not-present page$",
                      r"^Oops: 0002 \[#1\] PREEMPT SMP NOPTI$", r"^RIP: 0010:begin\+0x\w+/0x\w+ \[under_test\]$",
                      r"^Code: .*<\w\w>", r"^RAX: \w{16} RBX: \w{16} RCX: \w{16}$", status=137)
        else:
            self.oops("*(volatile int *)0xffffff8000000000 = 1; return 0;",
                      "^BUG: Unable to handle kernel data access on write at 0xffffff8000000000$",
                      "^Faulting instruction address: 0xc00800", r"^Oops: Kernel access of bad area, sig: 11 \[#1\]$",
                      r"^NIP \[\w{16}\] begin\+0x\w+/0x\w+ \[under_test\]$", r"^GPR00: \w{16}", r"^Code: .*<\w{8}>",
                      status=139)

    def test_null(self):
        self.oops("return *(volatile int *)0;",
                  "^BUG: kernel NULL pointer dereference, address: 0000000000000000$" if X86 else
                  "^BUG: Kernel NULL pointer dereference on read at 0x00000000$", status=137 if X86 else 139)

    def test_text_is_read_only(self):
        where = "begin" if X86 else "*(char **)begin"
        self.oops(f"*(volatile char *){where} = 0; return 0;", "permissions violation" if X86 else "on write at",
                  before="static int __init begin(void);", status=137 if X86 else 139)

    def test_bug(self):
        self.oops("BUG(); return 0;", r"^kernel BUG at under_test\.c:\d+!$", r"begin\+0x\w+/0x\w+ \[under_test\]$",
                  status=139 if X86 else 133)

    def test_stack_overflow(self):
        self.oops("return down(0);", "^BUG: ", before="static noinline int down(int n) { volatile char room[300]; room[0] = "
                  "n; return down(n + 1) + room[0]; }", status=137 if X86 else 139)

    def test_endless_loop(self):
        done = run("--module", self.init("for (;;) barrier(); return 0;"), "--max-cycles", "10000000")
        self.assertEqual(done.returncode, 128 + 24)
        self.assertRegex(done.stderr, r"runs, in the init function of under_test, at begin\+0x\w+/0x\w+ \[under_test\]")

    def test_warning(self):
        lines = self.says(self.init('WARN(1, "odd %d\\n", 7); return 0;'))
        self.assertEqual(lines[1], "odd 7")
        self.assertRegex(lines[2], r"^WARNING: CPU: 0 PID: 1000 at under_test\.c:\d+ begin\+0x\w+/0x\w+ \[under_test\]$")

    def test_freed_twice(self):
        self.says(self.init("void *p = kmalloc(8, GFP_KERNEL); kfree(p); kfree(p); kfree((void *)0x1234567); return 0;"))

    def test_unknown_symbol(self):
        done = run("--module", self.init("extern int nowhere(void); return nowhere();"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("under_test: Unknown symbol nowhere (err -2)", done.stderr)
        self.assertIn("uses symbols that the kernel does not have: nowhere", done.stderr)

    def test_errors_of_the_compiler(self):
        done = run("--module", self.init("return nothing;"))
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"under_test\.c:\d+:\d+: error: 'nothing' undeclared")

    def test_no_modules(self):
        for content, reason in ((b"", "too short"), (b"x" * 100, "is no ELF file"),
                                (pathlib.Path(PROGRAM).read_bytes(), "is no relocatable object")):
            path = pathlib.Path(self.folder.name) / "bad.ko"
            path.write_bytes(content)
            done = run("--module", str(path))
            self.assertEqual(done.returncode, 2)
            self.assertIn(reason, done.stderr)
        for name, reason in (("/nosuch.ko", "no such file"), ("/dev/zero", "not a file"), ("/", "not a file")):
            done = run("--module", name)
            self.assertEqual((done.returncode, reason in done.stderr), (2, True), done.stderr)


class SystemCalls(Module):
    LOADER = str(pathlib.Path(PROGRAM).parent / "loader")

    def load(self, source, *others, arguments="", name="m"):
        with open(self.compile(source, name), "rb") as module:
            return subprocess.run([TRAPLINE, "exec", *others, "--", self.LOADER, arguments, name], stdin=module,
                                  capture_output=True, text=True, timeout=250)

    def test_in_and_out(self):
        source = self.write("""
static int number = 1;
module_param(number, int, 0444);
static int __init begin(void) { pr_info("in %d\\n", number); return 0; }
static void __exit end(void) { pr_info("out %d", number); }
module_init(begin);
module_exit(end);
""")
        done = self.load(source, "--module", self.init("return 0;", name="other.c"), arguments="number=5")
        self.assertEqual(done.stdout.splitlines(),
                         ["init_module: done", "again: File exists", "nothing: Exec format error", "garbage: Exec format error",
                          "delete_module: done", "again: No such file or directory"])
        self.assertEqual(messages(done.stderr), ["in 5", "out 5"])

    def test_refused_ones(self):
        failing = self.init("return -ENODEV;")
        loads = self.init("return 0;", name="other.c")
        for source, module, said in ((failing, "n", "init_module: No such device"), (failing, "n", "again: No such device"),
                                     (loads, "m", "delete_module: Device or resource busy")):
            self.assertIn(said, self.load(source, "--module", f"{MODULES}/list_and_slab.c", name=module).stdout.splitlines())

    def test_machines_without_modules(self):
        self.assertIn("init_module: Operation not permitted", self.load(self.init("return 0;")).stdout.splitlines())


class Hostile(Module):
    def test_damaged_objects(self):
        source = self.init("bump(); return watch(&value, HW_BREAKPOINT_W);",
                           BREAKPOINT + "static void hit(struct perf_event *bp, struct perf_sample_data *data, struct "
                           "pt_regs *regs) { hits++; }")
        built = self.compile(source)
        whole = pathlib.Path(built).read_bytes()
        self.assertEqual(run("--module", built).returncode, 3)
        chance = random.Random(15)
        for number in range(40):
            damaged = bytearray(whole)
            for _ in range(chance.choice((1, 3, 20))):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            if number % 8 == 7:
                damaged = damaged[:chance.randrange(len(damaged))]
            path = pathlib.Path(self.folder.name) / "damaged.ko"
            path.write_bytes(damaged)
            run("--module", str(path), "--max-cycles", "5000000", "--memory", "64M")


if __name__ == "__main__":
    unittest.main()
