"""A Celery worker and its beat inside the web process: what a demo without Redis runs on.

The broker is a queue in memory that dies with the process. That loses nothing: it carries wake-ups only,
the rows in the database are the truth, and the sweep finds them again. Threads know no time limits, so a
task here is ended by its own clock (a suite by its 120 s, a mail drain by its 20 s), not by Celery's.
"""

import threading
import time

import structlog
from celery import Celery
from celery.beat import Scheduler, Service
from celery.worker import WorkController

log = structlog.get_logger(__name__)

CONCURRENCY = 4


class EmbeddedWorker:
    """Start it after every fork: threads do not survive one."""

    def __init__(self, app: Celery, *, concurrency: int = CONCURRENCY) -> None:
        self._ready = threading.Event()
        self._worker = _Worker(
            self._ready, app=app, hostname="embedded@localhost", pool_cls="threads", concurrency=concurrency,
            without_heartbeat=True, without_mingle=True, without_gossip=True, loglevel="WARNING",
        )  # fmt: skip
        # The schedule is kept in memory: nothing in it is rarer than the life of a process.
        self._beat = Service(app, max_interval=1, scheduler_cls=Scheduler, remote_control=False)
        self._threads = [
            threading.Thread(target=self._worker.start, name="celery-worker", daemon=True),
            threading.Thread(target=self._run_beat, name="celery-beat", daemon=True),
        ]

    def start(self) -> "EmbeddedWorker":
        for thread in self._threads:
            thread.start()
        return self

    @property
    def is_running(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def stop(self, seconds: float = 3) -> bool:
        """Let running tasks finish for that long; False when some have not."""
        self._beat.stop()
        stopping = threading.Thread(target=self._worker.stop, name="celery-stop", daemon=True)
        stopping.start()
        until = time.monotonic() + seconds
        for thread in (stopping, *self._threads):
            thread.join(max(0.0, until - time.monotonic()))
        return not stopping.is_alive()

    def _run_beat(self) -> None:
        self._ready.wait()
        self._beat.start()


class _Worker(WorkController):
    def __init__(self, ready: threading.Event, **options: object) -> None:
        self._ready = ready
        super().__init__(**options)

    def on_consumer_ready(self, consumer: object) -> None:
        self._ready.set()
