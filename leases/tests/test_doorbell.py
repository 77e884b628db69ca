import os
import select
import signal
import threading
import time

import pytest
from django.db import transaction

from leases import doorbell
from leases.doorbell import Doorbell
from tests.services.processes import wait_until


def test_a_slow_broker_holds_nobody_up_and_hears_each_task_once():
    published, broker_is_slow = [], threading.Event()

    def publish(task: str) -> None:
        published.append(task)
        broker_is_slow.wait(10)

    bell = Doorbell(publish)
    before = time.monotonic()
    bell.ring("first")
    wait_until(lambda: published, seconds=5, what="the first ring")
    for _ in range(500):
        bell.ring("second")
        bell.ring("third")
    assert time.monotonic() - before < 5

    broker_is_slow.set()
    wait_until(lambda: len(published) == 3, seconds=5, what="the other rings")
    assert published == ["first", "second", "third"]


def test_a_dead_broker_is_nobody_elses_business():
    published = []

    def publish(task: str) -> None:
        published.append(task)
        if task == "lost":
            raise ConnectionRefusedError

    bell = Doorbell(publish)
    bell.ring("lost")
    wait_until(lambda: published == ["lost"], seconds=5, what="the failing ring")
    bell.ring("heard")

    wait_until(lambda: published == ["lost", "heard"], seconds=5, what="the next ring")


def test_a_forked_child_has_a_bell_of_its_own(monkeypatch):
    """The thread and the lock of the parent's bell do not come along at a fork."""
    rung = threading.Event()
    monkeypatch.setattr(doorbell._bell, "_publish", lambda task: rung.set())
    doorbell._bell.ring("parent")
    assert rung.wait(5)
    reading, writing = os.pipe()
    monkeypatch.setattr(doorbell._bell, "_publish", lambda task: os.write(writing, task.encode()))

    child = os.fork()
    if not child:
        doorbell._bell.ring("child")
        time.sleep(10)
        os._exit(1)
    is_heard = bool(select.select([reading], [], [], 5)[0])
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    assert is_heard
    assert os.read(reading, 20) == b"child"
    os.close(reading)
    os.close(writing)


@pytest.mark.django_db(transaction=True)
def test_only_what_is_committed_rings(monkeypatch):
    rung: list[str] = []
    monkeypatch.setattr(doorbell._bell, "ring", rung.append)

    with transaction.atomic():
        doorbell.ring("rolled back")
        transaction.set_rollback(True)
    with transaction.atomic():
        doorbell.ring("committed")
        assert rung == []

    assert rung == ["committed"]
