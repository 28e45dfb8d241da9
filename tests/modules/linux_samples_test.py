"""Modules of Linux's own tree, as they stand there: they compile, load and print what Linux prints, and go away.

linux_samples_test.py TRAPLINE PROGRAM SOURCE ISA LINUX. LINUX is the unpacked tree (tests/selftests); without it the test is skipped.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

LINUX = pathlib.Path(sys.argv.pop(5))

import support
from support import ISA_IS_X86 as X86, PROGRAM, SOURCE, TRAPLINE, messages

COMPILER = "x86_64-linux-gnu-gcc" if X86 else "powerpc64-linux-gnu-gcc"
FLAGS = ["-std=gnu11", "-O2", "-w", "-ffreestanding", "-fno-pic", "-fno-optimize-sibling-calls", "-fno-stack-protector",
         "-fno-strict-aliasing", "-fno-common", "-D__KERNEL__", "-DMODULE"]
FLAGS += (["-mcmodel=kernel", "-mno-red-zone", "-mgeneral-regs-only", "-fno-omit-frame-pointer", "-fcf-protection=none"] if X86
          else ["-mcpu=power7", "-msoft-float", "-mno-altivec", "-mno-vsx"])

# What each prints at least, and what init_module(2) says: some fail so that nothing stays behind.
DONE, INVALID, AGAIN = "done", "Invalid argument", "Resource temporarily unavailable"


def suite(name, tests, number=1):
    """A KUnit suite that passes; of one test there is no sum."""
    sums = [f"# {name}: pass:{tests} fail:0 skip:0 total:{tests}"] if tests > 1 else []
    return [*sums, f"ok {number} - {name}"]


TESTS = {
    "lib/list-test.c": (DONE, suite("list-kunit-test", 39) + suite("hlist", 18, 2)),
    "lib/test_bits.c": (DONE, suite("bits-test", 3)),
    "lib/bitfield_kunit.c": (DONE, suite("bitfields", 2)),
    "lib/test_bitops.c": (DONE, ["test_bitops: Starting bitops test", "test_bitops: Completed bitops test"]),
    "lib/test_bitmap.c": (DONE, ["test_bitmap: loaded.", r"test_bitmap: all \d+ tests passed", "test_bitmap: unloaded."]),
    "lib/test_hash.c": (DONE, suite("hash", 2)),
    "lib/math/rational-test.c": (DONE, ["    # rational_test: pass:8 fail:0 skip:0 total:8", "ok 1 - rational"]),
    "lib/math/test_div64.c": (DONE, ["test_div64: Completed 64bit/32bit division and modulo test, .*"]),
    "lib/test_linear_ranges.c": (DONE, suite("linear-ranges-test", 4)),
    "lib/test_uuid.c": (DONE, ["test_uuid: all 18 tests passed"]),
    "lib/test_min_heap.c": (DONE, ["min_heap_test: test passed"]),
    "lib/is_signed_type_kunit.c": (DONE, suite("is_signed_type", 1)),
    "lib/atomic64_test.c": (DONE, ["atomic64_test: passed for x86-64 platform with CX8 and with SSE" if X86 else "atomic64_test: passed"]),
    "lib/cmdline_kunit.c": (DONE, suite("cmdline", 4)),
    "lib/memcpy_kunit.c": (DONE, suite("memcpy", 4)),
    "lib/overflow_kunit.c": (DONE, suite("overflow", 18)),
    "lib/test_string.c": (DONE, ["String selftests succeeded"]),
    "lib/test_strscpy.c": (DONE, ["test_strscpy: all 32 tests passed"]),
    "lib/test-string_helpers.c": (INVALID, ["test_string_helpers: Running tests..."]),
    "lib/test_memcat_p.c": (DONE, ["test_memcat_p: test passed"]),
    "lib/test_list_sort.c": (DONE, suite("list_sort", 1)),
    "lib/test_sort.c": (DONE, suite("lib_sort", 1)),
    "lib/test_hexdump.c": (DONE, [r"test_hexdump: all \d+ tests passed"]),
    "lib/test-kstrtox.c": (INVALID, []),
    "lib/test_scanf.c": (DONE, ["test_scanf: all 2545 tests passed"]),
    "lib/test_ida.c": (INVALID, ["IDA: 147357 of 147357 tests passed"]),
    "lib/globtest.c": (DONE, ["glob: 64 self-tests passed, 0 failed"]),
    "lib/crc32test.c": (DONE, [r"crc32: self tests passed, .*", r"crc32c: self tests passed, .*", "crc32_combine: 8373 self tests passed",
                               "crc32c_combine: 8373 self tests passed"]),
    "lib/percpu_test.c": (AGAIN, ["percpu test start", "percpu test done"]),
    "lib/cpumask_kunit.c": (DONE, suite("cpumask", 6)),
    "lib/test_kprobes.c": (DONE, suite("kprobes_test", 4)),
    "lib/kunit/kunit-example-test.c": (DONE, ["# example: pass:2 fail:0 skip:2 total:4", "ok 1 - example"]),
    "kernel/resource_kunit.c": (DONE, suite("resource", 2)),
    "kernel/sysctl-test.c": (DONE, suite("sysctl_test", 10)),
    "kernel/time/time_test.c": (DONE, suite("time_test_cases", 1)),
    "kernel/backtracetest.c": (DONE, [r"====\[ backtrace testing \]===========", r" backtrace_regression_test\+0x\w+/0x\w+ \[backtracetest\]",
                                      r" backtrace_test_irq_callback\+0x\w+/0x\w+ \[backtracetest\]",
                                      r"====\[ end of backtrace testing \]===="]),
    "lib/test_module.c": (DONE, ["test_module: Hello, world", "test_module: Goodbye"]),
}
# Where a function's address is that of its descriptor, these two fail on Linux as well.
if X86:
    TESTS["lib/test_fprobe.c"] = (DONE, suite("fprobe_test", 3))
    TESTS["lib/longest_symbol_kunit.c"] = (DONE, suite("longest-symbol", 2))


def module_name(source):
    return pathlib.Path(source).stem.replace("-", "_")


class Linux(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def has(self, pattern, lines):
        self.assertTrue(any(re.fullmatch(pattern, line) for line in lines), f"no line like `{pattern}` in\n" + "\n".join(lines))

    def compile(self, source):
        """An object as `make` would leave it."""
        name = module_name(source)
        built = pathlib.Path(self.folder.name) / f"{name}.ko"
        subprocess.run([COMPILER, *FLAGS, f'-DKBUILD_MODNAME="{name}"', f'-DKBUILD_BASENAME="{name}"', "-iquote", ".", "-I",
                        f"{SOURCE}/scenarios/kernel/include", "-c", source, "-o", str(built)], cwd=LINUX, check=True)
        return built

    def sample(self, folder, *names):
        return [f"{LINUX}/samples/{folder}/{name}.c" for name in names]

    def loaded(self, modules, *commands):
        """The console with these modules, and what the program says."""
        removals = [part for module in reversed(modules) for part in ("remove", module_name(module.partition(".c:")[0]))]
        done = support.run(modules, *commands, *removals)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = done.stdout.splitlines()
        for module in removals[1::2]:
            self.assertIn(f"remove {module}: done", said)
        return messages(done.stderr), said


class Tests(Linux):
    def test_those_of_lib_and_kernel(self):
        """One after another on one machine; the objects come by the standard input."""
        given = b""
        commands = []
        for source in TESTS:
            built = self.compile(source).read_bytes()
            given += f"{module_name(source)} {len(built)}\n".encode() + built
            commands += ["insert", "remove", module_name(source)]
        first = self.folder.name + "/empty.c"
        pathlib.Path(first).write_text('#include <linux/module.h>\nstatic int __init none(void) { return 0; }\nmodule_init(none);\n'
                                       'MODULE_LICENSE("GPL");\n')
        done = subprocess.run([TRAPLINE, "exec", "--module", first, "--", PROGRAM, *commands], input=given, capture_output=True,
                              timeout=250)
        said = done.stdout.decode().splitlines()
        lines = messages(done.stderr.decode())
        self.assertEqual(done.returncode, 0, "\n".join(lines[-40:]))
        for source, (result, expected) in TESTS.items():
            with self.subTest(source):
                self.assertIn(f"insert {module_name(source)}: {result}", said)
                self.assertIn(f"remove {module_name(source)}: {'done' if result == DONE else 'No such file or directory'}", said)
                for line in expected:
                    self.has(line, lines)
        # These print what is wrong, and nothing else.
        self.assertEqual([line for line in lines if re.search(r"(^ *not ok|EXPECTATION|ASSERTION|[Tt]est '.*failed|^str ')", line)], [])

    def test_trees(self):
        """They warn where the tree is wrong, and load for no longer than that takes."""
        for source, printed in (("lib/rbtree_test.c:perf_loops=2,check_loops=10", ["rbtree testing", "augmented rbtree testing"]),
                                ("lib/interval_tree_test.c:perf_loops=2,nsearches=10,search_loops=20",
                                 ["interval tree insert/remove", "interval tree search", r" -> \d+ cycles \(317 results\)"])):
            with self.subTest(source):
                done = support.run([f"{LINUX}/{source}"])
                self.assertIn("returned -11", done.stderr)
                lines = messages(done.stderr)
                for line in printed:
                    self.has(line, lines)
                self.assertNotIn("WARNING", done.stderr)

    def test_breakpoints(self):
        """The kernel's own test of how breakpoints share a CPU's slots: some of it wants more than one."""
        lines = messages(support.run([f"{LINUX}/kernel/events/hw_breakpoint_test.c"], options=["--cpus", "4"]).stderr)
        for line in suite("hw_breakpoint", 9) if X86 else ["# hw_breakpoint: pass:7 fail:0 skip:2 total:9", "ok 1 - hw_breakpoint"]:
            self.has(line, lines)

    def test_static_keys(self):
        self.loaded([f"{LINUX}/lib/test_static_key_base.c", f"{LINUX}/lib/test_static_keys.c"])

    def test_delays(self):
        file = "/sys/kernel/debug/udelay_test"
        _, said = self.loaded([f"{LINUX}/kernel/time/test_udelay.c"], "write", file, "100 10", "read", file)
        self.assertRegex(said[1], r"^100 usecs x 10: exp=100000 allowed=99500 min=100\d{3} avg=100\d{3} max=100\d{3}$")

    def test_settings(self):
        at = "/proc/sys/debug/test_sysctl"
        _, said = self.loaded([f"{LINUX}/lib/test_sysctl.c"], "read", f"{at}/match_int", "read", f"{at}/int_0003", "write",
                              f"{at}/uint_0001", "4294967295", "read", f"{at}/uint_0001", "write", f"{at}/uint_0001", "-1", "write",
                              f"{at}/int_0001", "101", "write", f"{at}/string_0001", "one line\nand another", "read", f"{at}/string_0001",
                              "write", f"{at}/bitmap_0001", "1-3,7", "read", f"{at}/bitmap_0001")
        self.assertEqual(said[:-1], ["1", "0\t1\t2\t3", f"write {at}/uint_0001: done", "4294967295",
                                     f"write {at}/uint_0001: Invalid argument", f"write {at}/int_0001: Invalid argument",
                                     f"write {at}/string_0001: done", "one line", f"write {at}/bitmap_0001: done", "1-3,7"])


class Samples(Linux):
    def test_probes(self):
        lines, _ = self.loaded([*self.sample("kprobes", "kprobe_example", "kretprobe_example"), *self.sample("fprobe", "fprobe_example")],
                               "fork")
        pc = "ip = \\w+, flags = 0x\\w+" if X86 else "nip = 0x\\w+, msr = 0x\\w+"
        state = "flags = 0x\\w+" if X86 else "msr = 0x\\w+"
        for line in (r"kprobe_init: Planted kprobe at \w+", rf"handler_pre: <kernel_clone> p->addr = 0x\w+, {pc}",
                     rf"handler_post: <kernel_clone> p->addr = 0x\w+, {state}", r"kprobe_exit: kprobe at \w+ unregistered",
                     r"Planted return probe at kernel_clone: \w+", r"kernel_clone returned 1001 and took \d+ ns to execute",
                     r"Missed probing 0 instances of kernel_clone", "fprobe_init: Planted fprobe at kernel_clone",
                     r"sample_entry_handler: Enter <kernel_clone\+0x0/0x\w+> ip = 0x\w+",
                     r"sample_exit_handler: Return from <kernel_clone\+0x0/0x\w+> ip = 0x\w+ to rip = .*",
                     r"fprobe_exit: fprobe at kernel_clone unregistered\. 2 times hit, 0 times missed"):
            self.has(line, lines)

    def test_breakpoint(self):
        lines, _ = self.loaded([f"{LINUX}/samples/hw_breakpoint/data_breakpoint.c:ksym=jiffies"], "wait", "20")
        at = lines.index("jiffies value is changed")
        self.assertEqual(lines[0], "HW Breakpoint for jiffies write installed")
        self.assertRegex(lines[at + 4], r"^ sample_hbp_handler\+0x\w+/0x\w+ \[data_breakpoint\]$")
        self.assertEqual(lines[at + 5], "Dump stack from sample_hbp_handler")
        self.assertEqual(lines[-1], "HW Breakpoint for jiffies write uninstalled")

    def test_objects(self):
        at = "/sys/kernel"
        _, said = self.loaded(self.sample("kobject", "kobject-example", "kset-example"), "write", f"{at}/kobject_example/foo", "42",
                              "read", f"{at}/kobject_example/foo", "read", f"{at}/kobject_example/baz", "write",
                              f"{at}/kset_example/foo/foo", "7", "read", f"{at}/kset_example/foo/foo", "read", f"{at}/kset_example/bar/bar")
        self.assertEqual(said[:-2], [f"write {at}/kobject_example/foo: done", "42", "0", f"write {at}/kset_example/foo/foo: done", "7", "0"])

    def test_fifos(self):
        lines, said = self.loaded(self.sample("kfifo", "bytestream-example", "inttype-example", "record-example", "dma-example"),
                                  "write", "/proc/record-fifo", "a record", "read", "/proc/record-fifo", "write", "/proc/bytestream-fifo",
                                  "some bytes", "read", "/proc/bytestream-fifo")
        self.assertEqual(lines.count("test passed"), 4)
        self.assertEqual(said[:2], ["write /proc/record-fifo: done", "a record"])
        for line in ("byte stream fifo test start", "fifo len: 15", "int fifo test start", "queue len: 32", "fifo peek len: 6",
                     "item = jjjjjjjjjj", "DMA sgl entries: 2", r"sg\[1\] -> page \w+ offset 0x\w+ length 0x00000001"):
            self.has(line, lines)

    def test_trace_printk(self):
        self.loaded(self.sample("trace_printk", "trace-printk"))


if __name__ == "__main__":
    if not (LINUX / "extracted").exists():
        print(f"skipped: there is no {LINUX} (package linux-source-6.1)")
        sys.exit(77)
    unittest.main()
