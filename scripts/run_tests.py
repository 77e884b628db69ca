"""`make test`: first what touches the database on SQLite, then the whole suite on PostgreSQL and Redis.

The second run's summary is the last line. When the first fails, its summary is the last one instead.
"""

import os
import subprocess
import sys

from scripts import test_setup

# One more than processors, because what drives a browser or a server mostly waits for it; more than four only
# wait for the disk.
WORKERS = min(4, (os.cpu_count() or 1) + 1)
# The order of the groups is that of tests/plugin.py.
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", str(WORKERS), "--dist", "loadgroup", "--no-loadscope-reorder"]
NOTHING_COLLECTED = 5


def main(args: list[str]) -> int:
    test_setup.main()
    print("--- What touches the database, on SQLite", flush=True)
    code = _pytest(["--ignore=runtime", *args], TEST_DATABASE="sqlite")
    if code not in (0, NOTHING_COLLECTED):
        return code
    print("--- Everything, on PostgreSQL and Redis", flush=True)
    return _pytest(args, TEST_DATABASE="postgres")


def _pytest(args: list[str], **env: str) -> int:
    process = subprocess.Popen([*PYTEST, *args], env={**os.environ, **env})
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # it got the Ctrl-C as well: let it clean up


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
