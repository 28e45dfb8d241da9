"""What run.py makes of the output of selftests."""

import unittest

import run

TAP = "TAP version 13\n1..2\nok 1 Test breakpoint 0\nok 2 Test icebp\n# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:0 error:0\n"
LINES = "test: ptrace-hwbreak\ntags: git_version:6.1\nA, WO, len: 1: Ok\nA, RO, len: 1: Ok\nsuccess: ptrace-hwbreak\n"


class Judge(unittest.TestCase):
    def test_what_passes(self):
        self.assertEqual(run.judge("tap", 2, TAP, 0), [])
        self.assertEqual(run.judge("lines", 2, LINES, 0), [])

    def test_tap_that_fails(self):
        for wrong in (
            TAP.replace("ok 2", "not ok 2"),
            TAP.replace("ok 2 Test icebp\n", ""),
            TAP.replace("1..2\n", ""),
            TAP.replace("ok 2", "ok 3"),
            TAP.replace("icebp", "icebp # SKIP"),
            TAP.replace("fail:0", "fail:1"),
            TAP + "Bail out!\n",
            "",
        ):
            with self.subTest(wrong):
                self.assertNotEqual(run.judge("tap", 2, wrong, 0), [])

    def test_lines_that_fail(self):
        for wrong in (
            LINES.replace("RO, len: 1: Ok", "RO, len: 1: Fail"),
            LINES.replace("success:", "failure:"),
            LINES.replace("A, RO, len: 1: Ok\n", ""),
            LINES.replace("success: ptrace-hwbreak\n", ""),
            LINES + "!! child died by signal 4\n",
            "",
        ):
            with self.subTest(wrong):
                self.assertNotEqual(run.judge("lines", 2, wrong, 0), [])

    def test_status_and_number(self):
        self.assertEqual(run.judge("tap", 2, TAP, 1), ["the exit status is 1"])
        self.assertEqual(run.judge("tap", 3, TAP, 0), ["2 cases passed, at least 3 should"])


if __name__ == "__main__":
    unittest.main()
