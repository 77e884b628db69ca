"""One product with N Apps, as it is deployed: production settings, gunicorn, PostgreSQL, Redis."""

import base64
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.load import Target
from bench.pages import Page
from tests.services.daemons import Daemon
from tests.services.keeper import Keeper
from tests.services.ports import free_port
from tests.services.templates import create_database

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def environment(directory: Path) -> dict[str, str]:
    """Production settings on this machine; nothing of the product is switched off."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "VAULT_KEYS": "bench:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "EMAIL_URL": "files",
        "STORAGE_URL": "",
        "EGRESS_ALLOW": "",
        "STAFF_SECOND_FACTOR": "1",
        "VAR_DIR": str(directory / "var"),
    }


class Server:
    """The product with `number` Apps."""

    def __init__(self, keeper: Keeper, number: int, environment: dict[str, str]) -> None:
        self.number, self.port = number, free_port()
        directory = keeper.directory / f"bench-{number}"
        directory.mkdir()
        self._env = environment | {
            "DATABASE_URL": create_database(keeper.addresses["postgres"], f"bench_{number}"),
            "REDIS_URL": f"{keeper.addresses['redis']}/{len(str(number))}",
            "SITE_URL": f"http://localhost:{self.port}",
        }
        options = ["--bind", f"127.0.0.1:{self.port}", "--workers", str(WORKERS)]
        argv = [sys.executable, "-m", "gunicorn", "devcenter.wsgi:application", *options]
        self._daemon = Daemon(argv, log=directory / "web.log", env=self._env, cwd=ROOT, ready=self._is_up, seconds=60)
        self._made: dict[str, Any] = {}

    def start(self) -> None:
        note(f"Filling a database with {self.number:,} Apps")
        self.python("manage.py", "migrate", "--verbosity", "0")
        code = f"from bench.fill import fill; fill({self.number})"
        self._made = json.loads(self.python("manage.py", "shell", "--no-imports", "-c", code).splitlines()[-1])
        self._daemon.start()

    def stop(self) -> None:
        self._daemon.stop(grace_seconds=3)

    def target(self, page: Page) -> Target:
        return Target(self.port, page.path.format(**self._made["values"]), self._made["cookies"][page.who])

    def python(self, *args: str) -> str:
        """What a process of this product prints."""
        argv = [sys.executable, *args]
        return subprocess.run(argv, cwd=ROOT, env=self._env, stdout=subprocess.PIPE, text=True, check=True).stdout

    def _is_up(self) -> bool:
        try:
            return Target(self.port, "/bench/empty/", "").status() == 200
        except OSError:
            return False
