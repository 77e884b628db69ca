"""What keeps a function's process in: bubblewrap, rlimits and Deno without a permission (T14).

`detect()` looks at this machine; `describe()` is for `doctor`. Without bubblewrap functions do not run, unless a
setting says that Deno's own walls and the rlimits are enough.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from runtime.functions.values import Limits

SANDBOX = Path(__file__).parent / "sandbox"
VENDOR = Path(__file__).parent / "vendor"
INSTALL_DENO = "Deno is missing: pip install deno (requirements.txt has it)."
INSTALL_BWRAP = "bubblewrap is missing: apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora)."
INSTALL_PRLIMIT = "prlimit is missing: it comes with util-linux."
NO_NAMESPACES = "bubblewrap is there, but this machine does not let it make namespaces: allow user namespaces for it."
# Private memory that Deno maps before any code runs, code range included: RLIMIT_DATA counts it.
_BASE_MB = 560
_OPEN_FILES = 64
_SCRATCH_BYTES = 16 * 1024 * 1024
_ENVIRONMENT = {"DENO_DIR": "/tmp/deno", "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}  # noqa: S108 - a tmpfs of its own
# Where the system's libraries may stand; those that exist are bound, read-only.
_LIBRARIES = ("/lib", "/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64")


class NotConfined(Exception):
    """Functions cannot run here as they should; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """The programs that were found. `fault` says what is missing for full confinement, "" when nothing is."""

    deno: str = ""
    bwrap: str = ""
    prlimit: str = ""
    setpriv: str = ""
    fault: str = ""

    @property
    def is_full(self) -> bool:
        return not self.fault

    def describe(self) -> str:
        """One sentence for `doctor`."""
        if self.is_full:
            return "Functions run in Deno, in a namespace without network and files (bubblewrap)."
        return f"Functions do not run confined. {self.fault}"

    def check(self, *, allow_unconfined: bool) -> None:
        """Raises `NotConfined` unless functions may run here."""
        if not self.deno or (self.fault and not allow_unconfined):
            raise NotConfined(self.fault or INSTALL_DENO)

    def command(self, limits: Limits) -> list[str]:
        """The process of one function: limits, then walls, then Deno."""
        return [*self._limits(limits), *(self._walls() if self.is_full else self._leash()), *self._deno(limits)]

    def environment(self) -> dict[str, str]:
        """Nothing of ours is inherited."""
        return dict(_ENVIRONMENT)

    def _limits(self, limits: Limits) -> list[str]:
        if not self.prlimit:
            return []
        data = (_BASE_MB + 2 * limits.memory_mb) * 1024 * 1024
        return [self.prlimit, f"--data={data}", f"--cpu={limits.cpu_seconds}", f"--nofile={_OPEN_FILES}", "--core=0"]

    def _leash(self) -> list[str]:
        return [self.setpriv, "--pdeathsig", "KILL"] if self.setpriv else []

    def _walls(self) -> list[str]:
        setenv = [part for name, value in _ENVIRONMENT.items() for part in ("--setenv", name, value)]
        return [
            self.bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", *setenv,
            "--size", str(_SCRATCH_BYTES), "--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc", *_library_binds(),  # noqa: S108
            "--ro-bind", self.deno, "/deno",
            "--ro-bind", str(SANDBOX), "/app/sandbox", "--ro-bind", str(VENDOR), "/app/vendor",
            "--uid", "65534", "--gid", "65534", "--chdir", "/app/sandbox",
        ]  # fmt: skip

    def _deno(self, limits: Limits) -> list[str]:
        program, folder = ("/deno", "/app/sandbox") if self.is_full else (self.deno, str(SANDBOX))
        return [
            program, "run", "--quiet", "--no-prompt", "--no-remote", "--no-npm", "--no-config", "--no-lock",
            "--no-check",
            f"--import-map={folder}/imports.json",
            f"--v8-flags=--max-old-space-size={limits.memory_mb},--max-semi-space-size=8",
            f"{folder}/runner.js",
        ]  # fmt: skip


def _library_binds() -> list[str]:
    binds = []
    for name in _LIBRARIES:
        path = Path(name)
        if path.is_symlink() and path.exists():
            binds += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            binds += ["--ro-bind", name, name]
    return binds


@lru_cache(maxsize=1)
def detect() -> Confinement:
    """This machine, looked at once per process."""
    found = {name: shutil.which(name) or "" for name in ("bwrap", "prlimit", "setpriv")}
    deno = _deno_program()
    return Confinement(deno=deno, fault=_fault(deno, found["bwrap"], found["prlimit"]), **found)


def describe() -> str:
    """One sentence for `doctor` about this machine."""
    return detect().describe()


def _deno_program() -> str:
    beside = Path(sys.executable).with_name("deno")
    return str(beside) if beside.exists() else shutil.which("deno") or ""


def _fault(deno: str, bwrap: str, prlimit: str) -> str:
    for program, advice in ((deno, INSTALL_DENO), (bwrap, INSTALL_BWRAP), (prlimit, INSTALL_PRLIMIT)):
        if not program:
            return advice
    return "" if _makes_namespaces(bwrap) else NO_NAMESPACES


def _makes_namespaces(bwrap: str) -> bool:
    argv = [bwrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "/bin/true"]
    try:
        return subprocess.run(argv, capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
