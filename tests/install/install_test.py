"""What is installed works where it lies: after a move, from any folder, for a user who may write nothing there, and without the
tree that it was built in.

Usage: install_test.py TRAPLINE SOURCE_FOLDER BUILD_FOLDER
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TRAPLINE, SOURCE, BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:4])
TIME_LIMIT = 300  # seconds for one command
NOBODY = 65534
HELLO = '#include <stdio.h>\nint main(int n, char **v) { return printf("hello, %s\\n", v[1]) < 0; }\n'


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=TIME_LIMIT, check=False, **options)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        top = pathlib.Path(folder.name).resolve()
        top.chmod(0o755)
        done = run("cmake", "--install", BUILD, "--prefix", top / "first", "--strip")
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        cls.prefix = top / "moved here"
        (top / "first").rename(cls.prefix)
        cls.share = cls.prefix / "share/trapline"
        cls.home = top / "home"
        cls.home.mkdir()
        cls.user = {}
        if os.getuid() == 0:
            cls.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(cls.home, NOBODY, NOBODY)
        for path in [cls.prefix, *cls.prefix.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
        cls.addClassCleanup(lambda: [path.chmod(0o755) for path in [cls.prefix, *cls.prefix.rglob("*")] if path.is_dir()])

    def trapline(self, *arguments, status=0):
        """As a user with nothing but a home."""
        done = run(self.prefix / "bin/trapline", *arguments, cwd=self.home, env={"PATH": os.environ["PATH"], "HOME": str(self.home)}, **self.user)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout


class Prefix(Installed):
    def test_nothing_refers_to_the_tree_that_it_was_built_in(self):
        # Compilers write it into programs, and what is run during the build into texts.
        for path in self.prefix.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                for place in (SOURCE, BUILD, self.prefix.parent / "first"):
                    self.assertFalse(bytes(place) in content, f"{path} has {place}")

    def test_its_engine_is_its_own_or_the_systems(self):
        loaded = run(self.prefix / "bin/trapline", env={"LD_TRACE_LOADED_OBJECTS": "1"}).stdout
        for engine in re.findall(r"libunicorn\S* => (.*?) \(", loaded):
            place = os.path.realpath(engine)
            self.assertTrue(place.startswith((str(self.prefix / "lib/trapline"), "/usr/lib")), loaded)

    def test_quick_start(self):
        self.assertIn("2 of 2 scenarios passed", self.trapline("run", self.share / "scenarios/quickstart"))
        self.assertTrue(list((self.home / ".cache/trapline").iterdir()))

    def test_exec(self):
        (self.home / "hello.c").write_text(HELLO)
        for compiler in "x86_64-linux-gnu-gcc", "powerpc64-linux-gnu-gcc":
            run(compiler, "-static", "-o", self.home / "hello", self.home / "hello.c").check_returncode()
            self.assertEqual(self.trapline("exec", "--", "./hello", "world"), "hello, world\n")

    def test_conformance_by_default_is_of_the_scenarios_that_came_along(self):
        few = self.prefix.parent / "few"
        shutil.copytree(self.prefix / "bin", few / "bin")
        if (self.prefix / "lib").exists():
            shutil.copytree(self.prefix / "lib", few / "lib")
        done = run(few / "bin/trapline", "conformance", cwd=self.home)
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no folder scenarios/conformance", done.stderr)

        units = sorted(path for path in (self.share / "scenarios/conformance").iterdir() if path.is_dir())
        rules = sorted(units[0].rglob("*.yaml"))[:3]
        for rule in rules:
            copy = few / "share/trapline" / rule.relative_to(self.share)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(rule, copy)
        (few / "share/trapline/docs").mkdir()
        (few / "share/trapline/docs/conformance-notes.md").write_text("## Its notes\n")
        done = run(few / "bin/trapline", "conformance", cwd=self.home, env={"PATH": os.environ["PATH"], "HOME": str(self.home)}, **self.user)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(done.stdout.endswith("\n## Its notes\n"), done.stdout)
        for rule in rules:
            self.assertIn(f"](../{rule.relative_to(self.share)})", done.stdout)

    def test_labs(self):
        exercises = [path.parent.name for path in (self.share / "scenarios/labs").glob("*/exercise.yaml")]
        self.assertGreater(len(exercises), 0)
        self.trapline("lab", "init", "mine")
        self.assertLessEqual(set(exercises), {path.name for path in (self.home / "mine").iterdir()})

    def test_links_between_documents_hold(self):
        for document in [self.share / "README.md", *(self.share / "docs").glob("*.md")]:
            for name in re.findall(r"\]\(([^)#:]+)", document.read_text()):
                beside = document.parent / name
                # Scripts and sources stay in the tree.
                if (document.parent / name).resolve().relative_to(self.share).parts[0] in ("docs", "scenarios", "README.md"):
                    self.assertTrue(beside.exists(), f"{document}: {name}")

    def test_version(self):
        self.assertRegex(self.trapline("--version"), r"^trapline \d+\.\d+\.\d+ \(model of Linux 6\.1; Unicorn 2\.\d+\.\d+\)\n$")


class Texts(Installed):
    """What the command line says of itself, as a manual page and to shells."""

    def commands(self):
        """The names of the options by command, from --help."""
        names = re.findall(r"^  (\w+) +\S", self.trapline("--help").split("Subcommands:\n")[1].split("\n\n")[0], re.MULTILINE)
        self.assertIn("run", names)
        return {name: re.findall(r"^  (?:-\w,)?(--[\w-]+)", self.trapline(name, "--help"), re.MULTILINE) for name in names if name != "help"}  # whose is that of all

    def test_manual_page(self):
        page = (self.prefix / "share/man/man1/trapline.1").read_text()
        sections = dict(re.findall(r"^\.SS trapline (\w+)\n(.*?)(?=^\.S)", page, re.MULTILINE | re.DOTALL))
        for command, options in self.commands().items():
            for option in options:
                self.assertIn("\\fB" + option.replace("-", "\\-") + "\\fR", sections[command])
        if shutil.which("man"):
            done = run("man", "--warnings=w", "-l", "-Tutf8", "-Z", self.prefix / "share/man/man1/trapline.1")
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def complete(self, *words):
        """What bash offers for the last of them."""
        script = self.prefix / "share/bash-completion/completions/trapline"
        done = run("bash", "-euc", 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _trapline; printf "%s\\n" "${COMPREPLY[@]}"',
                   "bash", script, "trapline", *words)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [word for word in done.stdout.split("\n") if word]

    def test_bash_completes_commands_and_options(self):
        for command, options in self.commands().items():
            self.assertIn(command, self.complete(""))
            self.assertLessEqual(set(options), set(self.complete(command, "-")))
        self.assertEqual(self.complete("conf"), ["conformance"])
        self.assertEqual(self.complete("run", "--sched"), ["--schedule-seeds"])

    def test_bash_completes_values_and_leaves_files_to_itself(self):
        self.assertEqual(self.complete("run", "--format", ""), ["text", "json", "junit", "tap"])
        self.assertEqual(self.complete("run", "--format", "=", "j"), ["json", "junit"])
        self.assertEqual(self.complete("run", "--isa", "pp"), ["ppc64"])
        self.assertEqual(self.complete("completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.complete("run", "--output", "x"), [])
        self.assertEqual(self.complete("run", "sc"), [])
        self.assertEqual(self.complete("exec", "--", "./hello", "-"), [])

    def test_the_other_shells_take_theirs(self):
        for shell, script in ("zsh", "zsh/vendor-completions/_trapline"), ("fish", "fish/vendor_completions.d/trapline.fish"):
            path = self.prefix / "share" / script
            self.assertIn("--schedule-seeds" if shell == "zsh" else "-l schedule-seeds", path.read_text())
            if shutil.which(shell):
                self.assertEqual(run(shell, "-n", path).returncode, 0)


class Package(unittest.TestCase):
    @unittest.skipUnless(shutil.which("dpkg-shlibdeps"), "needs dpkg-dev (tools/packages-package.txt)")
    def test_debian_package(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            (package,) = pathlib.Path(folder).glob("trapline_*.deb")
            field = lambda name: run("dpkg-deb", "-f", package, name).stdout
            self.assertRegex(field("Depends"), r"\blibc6 .*\blibcapstone4\b")
            self.assertIn("gcc-powerpc64-linux-gnu", field("Recommends"))
            files = run("dpkg-deb", "-c", package).stdout
            for name in ("bin/trapline", "share/trapline/scenarios/quickstart/quickstart.yaml", "share/trapline/docs/scenario.schema.json",
                         "share/man/man1/trapline.1", "share/bash-completion/completions/trapline"):
                self.assertIn(f"./usr/{name}\n", files)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
