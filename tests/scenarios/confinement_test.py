"""A scenario may be anybody's: what it names, what its sources name, and what its compiler's programs can be made to do.

Usage: confinement_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import json
import os
import stat
import subprocess
import sys
import unittest

from cli_test import TIME_LIMIT, TRAPLINE, CommandLine

SECRET = "zebra4711"  # what no report may tell
C = "scenario: x\nisa: x86-64\nprogram:\n  c:\n    source: |\n"
ASSEMBLY = "scenario: x\nisa: x86-64\nprogram:\n  assembly: |\n"
START = ".globl _start\n_start: mov $60, %eax\nmov $0, %edi\nsyscall\n"
PRINTS = '#include <stdio.h>\nextern char a[], z[];\nint main(void) { fwrite(a, 1, z - a, stdout); return 0; }\n'


def indented(text, by):
    return "".join(" " * by + line + "\n" for line in text.splitlines())


def c(source, isa="x86-64"):
    return C.replace("x86-64", isa) + indented(source, 6)


def assembly(source):
    return ASSEMBLY + indented(source, 4)


class Confinement(CommandLine):
    def setUp(self):
        super().setUp()
        self.write("outside/secret", f"# {SECRET} {{\nroot:{SECRET}:{SECRET}\n")
        self.write("outside/near.h", "#define NEAR 3\n")
        self.write("outside/secret.c", f'int main(void) {{ return 0; }}\nconst char *s = "{SECRET}";\n')
        self.write("inside/own.h", "#define OWN 3\n")
        self.write("inside/data", "own data\n")
        self.secret = str(self.folder / "outside/secret")
        self.canary = self.folder / "canary"
        script = self.folder / self.write("inside/tool.sh", f"#!/bin/sh\ntouch {self.canary}\nexec \"$@\"\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)

    def run_scenario(self, text, *options):
        self.write("inside/a.yaml", text)
        done = self.trapline("run", "inside/a.yaml", "--format", "json", *options)
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace"), done.stdout

    def expect_refused(self, text):
        status, said, _ = self.run_scenario(text)
        self.assertEqual(status, 2, said)
        self.assertNotIn(SECRET, said)
        self.assertFalse(self.canary.exists())
        return said

    def expect_output(self, text, output, *options):
        status, said, report = self.run_scenario(text, *options)
        self.assertEqual(status, 0, said)
        self.assertEqual(json.loads(report)[0]["output"], output)


class Names(Confinement):
    """What the file itself names."""

    def test_a_name_is_no_list_of_arguments_and_no_option(self):
        arguments = "-wrapper ./tool.sh\n"
        for name in ("@arguments", "-wrapper", "--wrapper=x", "-", "@a,b", "%x", "a b.c", "-Wl,-T,x"):
            for program in (f"{{c: '{name}'}}", f"{{assembly: {{file: '{name}'}}}}"):
                with self.subTest(program):
                    self.write("inside/" + name, arguments)
                    self.expect_refused(f"scenario: x\nisa: x86-64\nprogram: {program}\n")

    def test_a_name_of_any_kind_is_built(self):
        for name in ("@x.c", "-x.c", "--help.c", "a b.c", "ä.c", "'.c"):
            with self.subTest(name):
                self.write("inside/" + name, "int main(void) { return 0; }\n")
                status, said, _ = self.run_scenario(f'scenario: x\nprogram: {{c: "{name}"}}\n')
                self.assertEqual(status, 0, said)

    def test_what_lies_outside_is_refused(self):
        (self.folder / "inside/link").symlink_to("../outside")
        (self.folder / "inside/link.c").symlink_to("../outside/secret.c")
        (self.folder / "inside/dangling.c").symlink_to("../outside/none.c")
        for program in ("{c: ../outside/secret.c}", "{c: link/secret.c}", "{c: link.c}", "{c: dangling.c}",
                        f"{{c: {self.folder}/outside/secret.c}}", "{c: ../none.c}", "{elf: /bin/true}",
                        "{assembly: {file: ../outside/secret}}", "{c: {source: 'int x;'}, root: ..}",
                        "{c: {source: 'int x;'}, root: link}", "{c: {source: 'int x;'}, root: /}",
                        "{c: {source: 'int x;'}, flags: [-I../outside]}", "{c: {source: 'int x;'}, flags: [-Ilink]}"):
            with self.subTest(program):
                said = self.expect_refused(f"scenario: x\nisa: x86-64\nprogram: {program}\n")
                self.assertRegex(said, "outside of the scenario's folder; --trust|leads nowhere in the scenario's folder; --trust")

    def test_trust_lifts_it(self):
        self.expect_output("scenario: x\nisa: x86-64\nprogram: {c: ../outside/secret.c, root: ..}\n", "", "--trust")

    def test_a_scenario_that_is_a_link_is_not_followed_out(self):
        (self.folder / "inside/a.yaml").symlink_to("../outside/secret")
        done = self.expect(2, "run", "inside")
        self.assertNotIn(SECRET.encode(), done.stdout + done.stderr)
        self.assertIn(b"link that leads out", done.stderr)


class Flags(Confinement):
    def test_what_reaches_further_than_the_code_is_refused(self):
        for flag in ("-wrapper", "-fplugin=./x.so", "-fplugin-arg-x-y", "-specs=x", "-B.", "@arguments", "-Wp,-MD,x",
                     "-Wa,--MD,x", "-Wl,-T,x", "-Wl,--script=x", "-Wl,-Ttext=1,-Tx", "-include", "-imacros", "-I@arguments",
                     "-I=/etc", "-I-", "-I/etc", "-o", "-ox", "-MD", "-MFx", "-fdump-tree-all", "-save-temps", "-auxbase",
                     "-dumpdir", "-Xlinker", "-Xassembler", "-T", "-Tx", "-x", "-xc", "-L.", "-l:x", "-l../x", "-E", "-S", "-c",
                     "-march=native", "-mtune=native", "-fauto-profile", "-fauto-profile=x", "-fprofile-use", "-ftest-coverage",
                     "-fstack-usage", "-fcallgraph-info", "-flto", "-fuse-ld=gold", "-fmodule-mapper=x", "-fself-test=x",
                     "-fltrans-output-list=x", "-fresolution=x", "-fpreprocessed", "-fpch-preprocess", "-fworking-directory",
                     "-frecord-gcc-switches", "-finput-charset=x", "-foffload=x", "-gsplit-dwarf", "-static", "-shared", "-v", "-###",
                     "--sysroot=/", "-isystem", "-idirafter", "-iprefix", "-print-file-name=x", "-no-canonical-prefixes", "-pipe",
                     "-mdump-tune-features", "-O2 -wrapper", "x.c", "./x.o"):
            with self.subTest(flag):
                self.write("inside/arguments", "-wrapper ./tool.sh\n")
                said = self.expect_refused(f"scenario: x\nisa: x86-64\nprogram: {{c: {{source: 'int main(void) {{ return 0; }}'}}, flags: ['{flag}']}}\n")
                self.assertIn("wants a compiler flag of the kinds", said)

    def test_what_is_of_the_code_is_taken(self):
        flags = ("-O2", "-g", "-std=gnu17", "-fno-omit-frame-pointer", "-fno-inline", "-fwrapv", "-fno-strict-aliasing", "-fcommon",
                 "-funroll-loops", "-fno-tree-vectorize", "-falign-functions=32", "-fstack-protector-strong", "-DX=1 + 2",
                 "-UX", "-Wno-unused", "-Wall", "-Werror=format=2", "-pthread", "-lm", "-Isub", "-fno-builtin-memcpy")
        (self.folder / "inside/sub").mkdir()
        status, said, _ = self.run_scenario("scenario: x\nprogram: {c: {source: 'int main(void) { return 0; }'}, flags: ["
                                            + ", ".join(f"'{flag}'" for flag in flags) + "]}\n")
        self.assertEqual(status, 0, said)


    def test_what_reaches_further_than_the_program_is_refused_to_the_linker(self):
        (self.folder / "inside/arguments").write_text("-T ./x\n")
        for flag in ("-Wl,-T,x", "-Wl,-Tx", "-Wl,--script=x", "-Wl,@arguments", "@arguments", "-Wl,-e,@arguments", "-Wl,--wrap=@arguments",
                     "-Wl,--wrap=a,-Tx", "-Wl,--wrap=a,@arguments", "-Wl,--wrap=a,x.o", "-Wl,-plugin,./x.so", "-Wl,-plugin-opt=x", "-Wl,-Map=x", "-Wl,-M",
                     "-Wl,-o,x", "-Wl,-L.", "-L.", "-Wl,-rpath,/", "-Wl,-R,x", "-Wl,--just-symbols=x", "-Wl,--version-script=x", "-Wl,--dynamic-list=x",
                     "-Wl,--retain-symbols-file=x", "-Wl,--dependency-file=x", "-Wl,--sysroot=/", "-Wl,--dynamic-linker=x", "-Wl,-c,x", "-Wl,-dT,x",
                     "-Wl,-A,x", "-Wl,-r", "-Wl,-shared", "-Wl,-v", "-Wl,--trace", "-Wl,-y,x", "-Wl,-l:x", "-l:x", "-l../x", "-Wl,", "-Wl", "-shared", "-pie",
                     "-static-pie", "-Xlinker", "-O2", "-DX", "-fuse-ld=gold", "-flto", "-B.", "-specs=x", "-wrapper", "x.o", "-Wl,--wrap=a -T x"):
            with self.subTest(flag):
                said = self.expect_refused(f"scenario: x\nisa: x86-64\nprogram: {{c: {{source: 'int main(void) {{ return 0; }}'}}, link-flags: ['{flag}']}}\n")
                self.assertIn("an item of `link-flags` wants a flag of the kinds", said)

    def test_what_is_of_the_program_is_taken_by_the_linker(self):
        flags = ("-lm", "-pthread", "-rdynamic", "-Wl,--wrap=one,--wrap=another", "-Wl,--defsym=here=main+4", "-Wl,-z,noexecstack,-z,max-page-size=65536",
                 "-Wl,--gc-sections", "-Wl,-u,main", "-Wl,--undefined=main", "-Wl,-Ttext-segment=0x10000000", "-Wl,--section-start=.far=0x20000000",
                 "-Wl,--build-id=none", "-Wl,--hash-style=gnu", "-Wl,--unresolved-symbols=ignore-all", "-Wl,--no-relax", "-Wl,--start-group,-O1,--end-group")
        status, said, _ = self.run_scenario("scenario: x\nprogram: {c: {source: 'int main(void) { return 0; }'}, link-flags: ["
                                            + ", ".join(f"'{flag}'" for flag in flags) + "]}\n")
        self.assertEqual(status, 0, said)

    def test_cxx_is_confined_as_c_is(self):
        text = "scenario: x\nisa: x86-64\nprogram:\n  c++:\n    - own.cc\n    - source: |\n        #include %s\n        int main() { return 0; }\n"
        self.write("inside/own.cc", "#include <vector>\n")
        self.expect_output(text % '"own.h"', "")
        self.expect_refused(text % f'"{self.secret}"')
        self.expect_refused(text.replace("own.cc", "../outside/secret.c") % "<vector>")


class Sources(Confinement):
    """What a C or assembly text makes the compiler, the assembler and the linker do."""

    def test_no_include_leads_out_and_no_error_tells_what_lies_there(self):
        (self.folder / "inside/link").symlink_to("../outside")
        here = str(self.folder)
        for name in ('"../outside/secret"', f'"{here}/outside/secret"', f"<{here}/outside/secret>", '"link/secret"',
                     '"own.h/../../outside/secret"', "</etc/passwd>", '"/proc/self/environ"', '"/dev/tty"'):
            for source in (f"#include {name}\nint main(void) {{ return 0; }}",
                           f"#define N {name}\n#include N\nint main(void) {{ return 0; }}",
                           f"#include_next {name}\nint main(void) {{ return 0; }}",
                           f'#define S(...) #__VA_ARGS__\n#define T(x) S(x)\n_Static_assert(0, T(\n#include {name}\n));',
                           f"#define C(a, b) a##b\nC(+,\n#include {name}\n)",
                           f"#pragma GCC dependency {name}\n#include {name}"):
                with self.subTest(source):
                    said = self.expect_refused(c(source))
                    self.assertNotIn("root:", said)

    def test_why_is_told(self):
        for text in (c(f'#include "{self.secret}"'), c('#include "../outside/secret"'), assembly(f'.incbin "{self.secret}"'),
                     assembly('.include "../outside/none"')):
            self.assertIn("unless --trust says that it is your own", self.expect_refused(text))
        self.assertNotIn("--trust", self.expect_refused(c('#include "none.h"')))

    def test_a_source_does_not_learn_what_is_there(self):
        for name in (self.secret, "../outside/secret", "/etc/passwd", "/none"):
            with self.subTest(name):
                self.expect_output(c(f'#if __has_include("{name}")\n#define THERE "yes"\n#else\n#define THERE "no"\n#endif\n'
                                     '#include <stdio.h>\nint main(void) { fputs(THERE, stdout); return 0; }'), "no")

    def test_no_incbin_leads_out(self):
        for isa in ("x86-64", "ppc64"):
            for statement in (f'.incbin \\"{self.secret}\\"', '.incbin \\"../outside/secret\\"',
                              '.macro m x\\n.inc\\\\x \\"../outside/secret\\"\\n.endm\\nm bin', '.include \\"../outside/secret\\"'):
                with self.subTest((isa, statement)):
                    self.expect_refused(c(f'asm(".pushsection .data\\n.globl a, z\\na: {statement}\\nz:\\n.popsection");\n' + PRINTS, isa))

    def test_no_assembly_leads_out(self):
        for statement in (f'.incbin "{self.secret}"', '.include "../outside/secret"', ".macro m x\n.inc\\x \"../outside/secret\"\n.endm\nm lude",
                          '.irp x, incbin\n.\\x "../outside/secret"\n.endr', '.incbin "/dev/zero"', '.incbin "/proc/self/maps"'):
            with self.subTest(statement):
                self.expect_refused(assembly(START + statement))

    def test_its_own_files_it_reads(self):
        self.expect_output(c('asm(".pushsection .data\\n.globl a, z\\na: .incbin \\"data\\"\\nz:\\n.popsection");\n#include "own.h"\n' + PRINTS), "own data\n")
        self.write("inside/sub/s.inc", '.incbin "data"\n')
        status, said, _ = self.run_scenario(assembly(START + '.include "sub/s.inc"'))
        self.assertEqual(status, 0, said)

    def test_trust_lifts_it(self):
        source = c('#include "../outside/near.h"\nasm(".pushsection .data\\n.globl a, z\\na: .incbin \\"../outside/near.h\\"\\nz:\\n.popsection");\n' + PRINTS)
        self.expect_output(source, "#define NEAR 3\n", "--trust")
        self.expect_refused(source)  # also where the cache has it

    def test_a_precompiled_header_is_not_believed(self):
        self.write("inside/own.h.gch", "no header\n")
        self.expect_output(c('#include "own.h"\nint main(void) { return OWN - 3; }'), "")
        self.write("inside/only.h.gch", "no header\n")
        self.expect_refused(c('#include "only.h"\nint main(void) { return 0; }'))

    def test_a_program_beside_the_scenario_is_not_taken_for_one_of_the_compilers(self):
        for name in ("as", "ld", "cc1", "collect2"):
            tool = self.folder / self.write(f"inside/{name}", f"#!/bin/sh\ntouch {self.canary}\n")
            tool.chmod(0o755)
        self.write("inside/a.yaml", c("int main(void) { return 0; }"))
        env = {**os.environ, "PATH": ".::" + os.environ["PATH"]}
        done = subprocess.run([TRAPLINE, "run", "a.yaml"], cwd=self.folder / "inside", capture_output=True, check=False, timeout=TIME_LIMIT,
                              env={**env, "XDG_CACHE_HOME": str(self.folder / "cache")})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(self.canary.exists())

    def test_options_in_an_object_are_not_obeyed(self):
        # What link-time optimisation keeps in an object, and lto-wrapper would take for a command line.
        statement = START + ('.section .gnu.lto_.opts,"e",@progbits\n.string "\'-fplugin=./tool.so\' \'-wrapper\' \'./tool.sh\'"\n'
                             '.section .gnu.lto_.lto.1,"e",@progbits\n.long 1, 2, 3\n.comm __gnu_lto_v1, 1, 1\n')
        self.run_scenario(assembly(statement))
        self.assertFalse(self.canary.exists())

    def test_nothing_is_left_beside_the_scenario(self):
        before = sorted(os.listdir(self.folder / "inside"))
        self.run_scenario(c("int main(void) { return 0; }", "x86-64") + "  flags: [-O2]\n")
        self.assertEqual(sorted(os.listdir(self.folder / "inside")), sorted({*before, "a.yaml"}))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
