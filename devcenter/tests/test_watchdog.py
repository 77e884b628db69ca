"""A worker that has gone deaf starts itself anew."""

import pytest
import redis

from devcenter.watchdog import Silence, look
from tests.services.processes import wait_until

# Cancelled by remote control, the worker lives on and takes nothing: what a lost connection sometimes leaves behind.
DEAF = """
from devcenter.celery import app
for queue in ("celery", "calls"):
    print(app.control.cancel_consumer(queue, reply=True, timeout=5))
"""
READER = "reader@deaf.example"
QUEUE = f"from notifications import outbox; outbox.queue('test', '{READER}', 'trial', {{}})"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def unreachable() -> int:
    raise redis.ConnectionError("gone")


@pytest.mark.parametrize(
    ("waiting", "is_busy", "is_deaf"),
    [
        (lambda: 3, False, True),
        (lambda: 3, True, False),
        (lambda: 0, False, False),
        (unreachable, False, False),
    ],
)
def test_only_silence_without_a_reason_counts(waiting, is_busy, is_deaf):
    clock = Clock()
    silence = Silence(30, clock)

    clock.now = 31
    assert look(silence, waiting=waiting, is_busy=lambda: is_busy) is is_deaf


def test_a_task_that_came_in_breaks_the_silence():
    clock = Clock()
    silence = Silence(30, clock)

    clock.now = 29
    silence.broken()
    clock.now = 58
    assert not look(silence, waiting=lambda: 3, is_busy=lambda: False)
    clock.now = 60
    assert look(silence, waiting=lambda: 3, is_busy=lambda: False)


@pytest.mark.processes
def test_a_deaf_worker_hears_again(breakable_site):
    site = breakable_site
    with site.worker_with(WORKER_SILENCE_SECONDS="2") as worker:
        said = site.manage("shell", "--no-imports", "-c", DEAF).stdout
        assert "no longer consuming" in said

        site.manage("shell", "--no-imports", "-c", QUEUE)

        wait_until(lambda: site.smtp.to(READER), seconds=60, what="the mail")
        assert "worker_deaf" in worker.log.read_text()
