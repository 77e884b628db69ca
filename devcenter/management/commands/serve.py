"""`manage.py serve`: web and worker in one foreground command; Ctrl-C ends both."""

import argparse
import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from devcenter.celery import app as celery_app
from devcenter.demo import demo_logins
from devcenter.embedded import EmbeddedWorker
from devcenter.supervision import run_together

GRACE_SECONDS = 5


class Command(BaseCommand):
    help = (
        "Run the site and its worker until Ctrl-C. Without REDIS_URL both share one process; with it, "
        "gunicorn and a Celery worker run side by side and end together."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"), help="default: $HOST or 127.0.0.1")
        parser.add_argument(
            "--port", type=int, default=int(os.environ.get("PORT", "8000")), help="default: $PORT or 8000"
        )

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        banner = "\n".join(self._banner(port))
        connections.close_all()  # nothing open may be shared with a child
        if settings.REDIS_URL:
            self.stderr.write(banner)
            sys.exit(run_together(commands(host, port), say=self.stderr.write))
        EmbeddedSite(host, port, banner=banner).run()

    def _banner(self, port: int) -> list[str]:
        lines = ["", f"  Segment Developer Center: http://localhost:{port}"]
        if settings.DEBUG:
            lines += self._logins()
        if settings.DEBUG and settings.EMAIL_URL == "files":
            lines.append(f"  Mail: http://localhost:{port}/dev/mail/")
        return [*lines, "  Ctrl-C ends everything.", ""]

    def _logins(self) -> list[str]:
        return [f"    {role:<10} {email}  {password}" for role, email, password in demo_logins()]


def commands(host: str, port: int) -> dict[str, list[str]]:
    """What runs side by side when there is a Redis."""
    web = ["-m", "gunicorn", "devcenter.wsgi:application", "--bind", f"{host}:{port}", "--no-control-socket"]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", str(GRACE_SECONDS)]
    celery = [
        "-m",
        "celery",
        "-A",
        "devcenter",
        "worker",
        "--loglevel",
        "WARNING",
        "--without-gossip",
        "--without-mingle",
    ]
    worker = [*celery, "-B", "-n", "worker@%h", "-Q", "celery", "--concurrency", "2"]
    # Waiting for partners' endpoints is all it does: threads are enough, and many are cheap.
    calls = [*celery, "-n", "calls@%h", "-Q", "calls", "--pool", "threads", "--concurrency", "8"]
    return {name: [sys.executable, *argv] for name, argv in {"web": web, "worker": worker, "calls": calls}.items()}


class EmbeddedSite(BaseApplication):
    """gunicorn with one process of eight threads, and the worker's threads in the same process."""

    def __init__(self, host: str, port: int, *, banner: str) -> None:
        self._address, self._banner = f"{host}:{port}", banner
        self._worker: EmbeddedWorker | None = None
        super().__init__()

    def load_config(self) -> None:
        choices = {
            "bind": self._address, "workers": 1, "worker_class": "gthread", "threads": 8,
            "graceful_timeout": GRACE_SECONDS, "timeout": 120, "loglevel": "warning", "control_socket_disable": True,
            "when_ready": self._say_ready, "post_worker_init": self._start_worker, "worker_exit": self._stop_worker,
        }  # fmt: skip
        for name, value in choices.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return get_wsgi_application()

    # gunicorn looks at the number of arguments of its hooks.

    def _say_ready(self, server: Any) -> None:
        print(self._banner, file=sys.stderr, flush=True)  # noqa: T201

    def _start_worker(self, worker: Any) -> None:
        """Runs in the forked child: the threads are born where they are to live."""
        self._worker = EmbeddedWorker(celery_app).start()

    def _stop_worker(self, server: Any, worker: Any) -> None:
        if self._worker is not None and not self._worker.stop():
            # A task is still at work. Its row's lease runs out; whoever starts next takes it over.
            os._exit(0)
