"""The report and the recording of a run on the host are the same every time.

Usage: same_twice.py TRAPLINE; exits with 77 where the host has no debug registers that can be used.
"""
import pathlib
import subprocess
import sys
import tempfile

UNAVAILABLE = 77
TIME_LIMIT = 120  # seconds for one command


def run(folder: str, name: str):
    recording = pathlib.Path(folder) / name
    command = [sys.argv[1], "silicon", "--cases", "3000", "--seed", "5", "--record", str(recording)]
    done = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT, check=False)
    if done.returncode == UNAVAILABLE:
        sys.stderr.buffer.write(done.stderr)
        sys.exit(UNAVAILABLE)
    return done.returncode, done.stdout, recording.read_bytes()


with tempfile.TemporaryDirectory() as folder:
    sys.exit(0 if run(folder, "first") == run(folder, "second") else "the two runs differ")
