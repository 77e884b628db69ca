"""`make test`: first what touches the database on SQLite, then the whole suite on PostgreSQL and Redis.

The second run's summary is the last line. When the first fails, its summary is the last one instead.
"""

import os
import subprocess
import sys

from scripts import test_setup

# More than four only wait for the disk.
PROCESSORS = min(3, os.cpu_count() or 1)
# What drives a browser or a server mostly waits for it, and there are three groups of such tests (tests/plugin.py).
WORKERS = {"sqlite": PROCESSORS, "postgres": PROCESSORS + 1}
NOTHING_COLLECTED = 5


def main(args: list[str]) -> int:
    test_setup.main()
    print("--- What touches the database, on SQLite", flush=True)
    code = _pytest(["--ignore=runtime", *args], "sqlite")
    if code not in (0, NOTHING_COLLECTED):
        return code
    print("--- Everything, on PostgreSQL and Redis", flush=True)
    return _pytest(args, "postgres")


def _pytest(args: list[str], database: str) -> int:
    # The order of the groups is that of tests/plugin.py, which also deals them out.
    options = ["-q", "-n", str(WORKERS[database]), "--dist", "loadgroup", "--no-loadscope-reorder"]
    argv = [sys.executable, "-m", "pytest", *options, *args]
    process = subprocess.Popen(argv, env={**os.environ, "TEST_DATABASE": database})
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # it got the Ctrl-C as well: let it clean up


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
