"""Why Linux refuses: each errno of perf_event_open(2) and its ioctls on breakpoints, with the rule that is broken, at the key
that breaks it, in the report and in the trace; and ptrace(2)'s in the trace.

Usage: reasons_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TRAPLINE, SOURCE, CACHE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
TIME_LIMIT = 300  # seconds for one command

SCENARIO = """\
scenario: Refused
isa: {isa}
machine: {{{machine}}}
program:
  c: {{source: "char pad[4096] __attribute__((aligned(4096))); long x, y; int main(void) {{ x = 1; return 0; }}"}}
events:
{events}
{rest}"""


# The instruction set, the machine, the events; the line and column, the message.
X86 = [
    ("  e: {watch: x+1, length: 4}", (7, 14),
     "EINVAL: x86-64 watches 1, 2, 4 or 8 bytes at a multiple of the length (SDM vol. 3B, 17.2.5); x+0x1 (0x"),
    ("  e: {watch: x, length: 3}", (7, 25),
     "EINVAL: x86-64 watches 1, 2, 4 or 8 bytes (DR7.LEN, SDM vol. 3B, 17.2.4), and 3 is none of these"),
    ("  e: {watch: pad, length: 16}", (7, 27), "EOPNOTSUPP: x86-64 watches 1, 2, 4 or 8 bytes"),
    ("  e: {watch: x, type: r}", (7, 23), "EINVAL: x86-64 watches writes, reads and writes, or execution (DR7.R/W"),
    ("  e: {watch: main, type: x, length: 4}", (7, 37), "EINVAL: an execution breakpoint (`x`) has the length 8"),
    ("  e: {watch: 0xffffffffffffffff, length: 2}", (7, 42), "EINVAL: 2 bytes from 0xffffffffffffffff on reach"),
    ("  e: {watch: 0xffff800000000000, exclude: [kernel]}", (7, 14),
     "EINVAL: 0xffff800000000000 is the kernel's, and what the kernel does is excluded"),
    ("  a: {watch: x}\n  b: {watch: y}\n  e: {watch: x}", (9, 3),
     "ENOSPC: CPU 0 has 2 breakpoint registers, kept for a (program/1000), b (program/1000)", "slots: 2"),
    ("  a: {watch: x, task: main, cpu: 1}\n  b: {watch: y, cpu: 1}\n  e: {watch: x, cpu: 1}", (9, 3),
     "ENOSPC: CPU 1 has 2 breakpoint registers, kept for b (CPU 1), a (program/1000, CPU 1)", "slots: 2, cpus: 2"),
    ("  a: {watch: x, pinned: false}\n  e: {watch: y, group: a}", (8, 24),
     "ENOSPC: all of a group are on at once: it would have 2 breakpoints, and of 1 registers 1 is left for it",
     "slots: 1, share-slots: true"),
    ("  e: {watch: x}", (7, 3), "ENOENT: this machine has no breakpoint registers to use", "slots: 0"),
    ("  e: {watch: x, sigtrap: true}", (7, 26), "EINVAL: sigtrap wants remove_on_exec"),
    ("  e: {watch: x, sigtrap: true, remove-on-exec: true, cpu: 0}", (7, 26),
     "EINVAL: sigtrap is for the event's task, and one bound to a CPU alone has none"),
    ("  e: {watch: x, remove-on-exec: true, enable-on-exec: true}", (7, 33), "EINVAL: at execve(2) an event is removed"),
    ("  e: {watch: x, inherit-thread: true}", (7, 33), "EINVAL: inherit_thread says which children inherit"),
    ("  e: {watch: x, freq: 100001}", (7, 23), "EINVAL: a frequency is at most 100000 a second"),
    ("  e: {watch: x, period: 0x8000000000000000}", (7, 25), "EINVAL: a period is less than 2 to the 63"),
    ("  e: {watch: x, inherit: true, sample: [read]}", (7, 26), "EINVAL: a sample with PERF_SAMPLE_READ tells"),
    ("  e: {watch: x, sample: [stack-user], sample-stack-user: 12}", (7, 58),
     "EINVAL: sample_stack_user is a multiple of 8 below 65535, and 12 is not"),
    ("  e: {watch: x, sample: [regs-user]}", (7, 3), "EINVAL: sampling the user's registers wants sample_regs_user"),
    ("  e: {watch: x, sample: [callchain], sample-max-stack: 128}", (7, 56),
     "EOVERFLOW: a call chain has at most 127 entries"),
    ("  e: {watch: x, clockid: realtime}", (7, 26), "EINVAL: an overflow of this event may come in an NMI"),
    ("  a: {watch: x}\n  e: {watch: y, group: a, pinned: true}", (8, 35), "EINVAL: a group is pinned by its leader"),
    ("  a: {watch: x}\n  e: {watch: y, group: a, exclusive: true}", (8, 38), "EINVAL: a group is exclusive by its leader"),
    ("  a: {watch: x}\n  e: {watch: y, group: a, inherit: true}", (8, 36), "EINVAL: a group is inherited as a whole"),
    ("  a: {watch: x}\n  e: {watch: y, group: a, cpu: 0}", (8, 24), "EINVAL: all of a group are on one task"),
    ("  a: {watch: x}\n  b: {watch: y, group: a}\n  e: {watch: x, group: b}", (9, 24),
     "EINVAL: a group's leader is in no other group"),
    ("  a: {watch: x, clockid: monotonic}\n  e: {watch: y, group: a}", (8, 24), "EINVAL: a group has one clock"),
    ("  a: {watch: x+1, expect-error: EINVAL}\n  e: {watch: y, group: a}", (8, 24),
     "EBADF: the event that is to lead the group is not open"),
    ("  e: {watch: x, buffer: 3}", (7, 25), "EINVAL: a ring buffer has 1 page and 0 or a power of two of data pages"),
    ("  e: {watch: x, inherit: true, buffer: 1}", (7, 26), "EINVAL: an inherited event has a buffer for each CPU"),
]
PPC64 = [
    ("  e: {watch: main, type: x}", (7, 26), "EOPNOTSUPP: PPC64 watches data alone"),
    ("  e: {watch: x+4, length: 8}", (7, 27),
     "EINVAL: a DABR watches one aligned doubleword (Power ISA v2.06, Book III-S, \"Data Address Breakpoint\"); 8 bytes from"),
    ("  e: {watch: x, length: 513}", (7, 14), "EINVAL: a DAWR's range lies between two multiples of 512", "debug-unit: dawr"),
    ("  e: {watch: pad+508, length: 8}", (7, 14),
     "EINVAL: a DAWR's range lies between two multiples of 512 bytes (Power ISA v2.07", "debug-unit: dawr"),
    ("  e: {watch: pad+8, length: 512}", (7, 14), "EINVAL: a DAWR's range lies between", "debug-unit: dawr"),
    ("  e: {watch: pad+4, length: 512}", (7, 29),
     "EINVAL: a DAWR watches up to 64 aligned doublewords (DAWRX.MRD", "debug-unit: dawr2"),
    ("  a: {watch: x}\n  e: {watch: y}", (8, 3), "ENOSPC: CPU 0 has 1 breakpoint register, kept for a (program/1000)"),
    ("  e: {watch: x}", (7, 3), "ENOENT: this machine has no breakpoint registers", "slots: 0"),
]
# Of actions: the events, the actions, where, what.
ACTIONS = [
    ("  e: {watch: x}", "  - {at: 1, modify: {event: e, watch: x+1}}", (9, 39),
     "'modify e' was refused: EINVAL: x86-64 watches 1, 2, 4 or 8 bytes at a multiple of the length"),
    ("  e: {watch: x}", "  - {at: 1, refresh: {event: e, count: 1}}\n  - {at: 2, period: {event: e, value: 0}}", (10, 5),
     "'period e 0' was refused: EINVAL: a period is 1 or more"),
    ("  e: {watch: x, period: 0}", "  - {at: 1, refresh: {event: e, count: 1}}", (9, 5),
     "'refresh e by 1' was refused: EINVAL: REFRESH counts overflows, and an event without a period has none"),
    ("  e: {watch: x, inherit: true}", "  - {at: 1, refresh: {event: e, count: 1}}", (9, 5),
     "'refresh e by 1' was refused: EINVAL: REFRESH counts overflows of one event"),
    ("  e: {watch: x}", "  - {at: 1, pause-output: e}", (9, 5), "'pause-output e' was refused: EINVAL: the event has no buffer"),
    ("  e: {watch: x}", "  - {at: 1, drain: e}", (9, 5), "'drain e' was refused: EINVAL: the event has no `buffer`"),
    ("  e: {watch: x}", "  - {at: 1, close: e}\n  - {at: 2, enable: e}", (10, 5),
     "'enable e' was refused: EBADF: the event is not open"),
    ("  e: {watch: x}\n  f: {watch: y}", "  - {at: 1, set-output: {event: e, to: f}}", (10, 5),
     "'set-output e to f' was refused: EINVAL: the other event has no buffer"),
    ("  e: {software: dummy}", "  - {at: 1, modify: {event: e, length: 4}}", (9, 5),
     "'modify e' was refused: EOPNOTSUPP: MODIFY_ATTRIBUTES is for breakpoints"),
]


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_file(self, text, *options):
        (self.folder / "a.yaml").write_text(text)
        return subprocess.run([TRAPLINE, "run", "a.yaml", "--cache", CACHE, *options], capture_output=True, text=True,
                              timeout=TIME_LIMIT, check=False, cwd=self.folder)


class Reasons(Folder):
    def check(self, isa, events, where, message, machine="cpus: 1", rest=""):
        text = SCENARIO.format(isa=isa, machine=machine, events=events, rest=rest)
        done = self.run_file(text, "--trace", "trace")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        line = next((line.strip() for line in done.stdout.splitlines() if ": error: " in line), done.stdout)
        self.assertTrue(line.startswith("a.yaml:%d:%d: error: " % where), line)
        self.assertIn(message, line)
        reason = line.split("refused: " if rest else "could not be opened: " if "could not be opened" in line
                            else "could not be mapped: ")[1].split(": ", 1)[1]
        trace = [json.loads(line) for line in (self.folder / "trace").read_text().splitlines()]
        self.assertIn(reason, [event.get("reason") for event in trace])

    def test_events(self):
        for isa, cases in (("x86-64", X86), ("ppc64", PPC64)):
            for events, where, message, *machine in cases:
                with self.subTest(isa=isa, events=events):
                    self.check(isa, events, where, message, *machine)

    def test_actions(self):
        for events, actions, where, message in ACTIONS:
            with self.subTest(actions=actions):
                self.check("x86-64", events, where, message, rest="actions:\n" + actions)

    def test_another_error_than_expected(self):
        done = self.run_file(SCENARIO.format(isa="x86-64", machine="cpus: 1", rest="",
                                             events="  e: {watch: x+1, expect-error: ENOSPC}"))
        self.assertIn("a.yaml:7:33: error: event 'e' was refused, but not with ENOSPC: EINVAL: x86-64 watches 1, 2, 4",
                      done.stdout)

    def test_in_json(self):
        done = self.run_file(SCENARIO.format(isa="x86-64", machine="cpus: 1", rest="",
                                             events="  e: {watch: x, length: 3}"), "--format", "json")
        event = json.loads(done.stdout)[0]["events"]["e"]
        self.assertEqual(event["errno"], 22)
        self.assertIn("and 3 is none of these", event["reason"])


GUEST = r"""
#define _GNU_SOURCE
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__powerpc64__)
#include <asm/ptrace.h>
#endif

long x;
static int watch(uint64_t address, uint64_t length) {
  struct perf_event_attr attr = {.type = PERF_TYPE_BREAKPOINT, .size = sizeof attr, .bp_type = HW_BREAKPOINT_W};
  attr.bp_addr = address;
  attr.bp_len = length;
  return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}
int main(void) {
  watch((uint64_t)&x + 4, 8);
  for (int i = 0; i < 5; ++i) watch((uint64_t)&x, 8);
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    _exit(0);
  }
  waitpid(child, 0, 0);
#if defined(__powerpc64__)
  ptrace(PTRACE_SET_DEBUGREG, child, 0, (uint64_t)&x | 3);
#else
  ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[0]), (uint64_t)&x + 1);
  ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[7]), 0xd0001);
#endif
  ptrace(PTRACE_CONT, child, 0, 0);
  waitpid(child, 0, 0);
  return 0;
}
"""


class GuestsOwn(Folder):
    """What a program is refused itself."""

    def reasons(self, isa):
        (self.folder / "guest.c").write_text(GUEST)
        done = self.run_file(f"scenario: Its own\nisa: {isa}\nprogram: {{c: guest.c}}\n", "--trace", "trace")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        trace = [json.loads(line) for line in (self.folder / "trace").read_text().splitlines()]
        return [(event["event"], event["errno"], event["reason"]) for event in trace if "reason" in event]

    def test_x86(self):
        reasons = self.reasons("x86-64")
        self.assertEqual([reason[:2] for reason in reasons],
                         [("perf_event_open", 22), ("perf_event_open", 28), ("ptrace", 22)])
        self.assertIn("is not a multiple of 8", reasons[0][2])
        self.assertEqual(reasons[1][2], "CPU 0 has 4 breakpoint registers, kept for event 1 (guest/1000), event 2 "
                                        "(guest/1000), event 3 (guest/1000), event 4 (guest/1000)")
        self.assertIn("is not a multiple of 4", reasons[2][2])

    def test_ppc64(self):
        reasons = self.reasons("ppc64")
        self.assertEqual([reason[:2] for reason in reasons], [("perf_event_open", 22)] + 4 * [("perf_event_open", 28)] +
                         [("ptrace", 5)])
        self.assertIn("a DABR watches one aligned doubleword", reasons[0][2])
        self.assertEqual(reasons[1][2], "CPU 0 has 1 breakpoint register, kept for event 1 (guest/1000)")
        self.assertIn("DABR.BT (4) must be set", reasons[5][2])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
