"""Acts that start at the same moment, each in a thread with a database connection of its own.

A thread and its connection cost more than most acts, so a test of many rounds keeps them: it takes one `Crew` and
asks that again and again. `at_once` is for a single round.
"""

import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Barrier, Thread
from typing import Any

from django.db import connection, transaction

Act = Callable[[], Any]
# Fifty writers queue for the one lock of SQLite, on a machine that is busy with other tests.
SQLITE_PATIENCE = 300
ROUND_SECONDS = 300
PATIENCE_SECONDS = 20


class Hand(Thread):
    """One thread and its connection. `do` starts an act once all of its round stand at `barrier`."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._acts: SimpleQueue[tuple[Barrier, Act] | None] = SimpleQueue()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self.start()

    def do(self, barrier: Barrier, act: Act) -> None:
        self._acts.put((barrier, act))

    @property
    def is_busy(self) -> bool:
        return self._answers.empty()

    def answer(self) -> Any:
        """What the act returned, or the exception it raised. Raises queue.Empty when it hangs."""
        return self._answers.get(timeout=ROUND_SECONDS)

    def rest(self) -> None:
        self._acts.put(None)
        self.join(timeout=10)

    def run(self) -> None:
        _connect()
        while asked := self._acts.get():
            barrier, act = asked
            try:
                barrier.wait(timeout=10)
                self._answers.put(act())
            except Exception as error:  # the answer of a loser
                self._answers.put(error)
        connection.close()


def _connect() -> None:
    """Before the first round, so that nobody is late at it for want of a connection."""
    if connection.vendor == "sqlite":
        settings = connection.settings_dict
        connection.settings_dict = settings | {"OPTIONS": settings["OPTIONS"] | {"timeout": SQLITE_PATIENCE}}
    connection.ensure_connection()


class Crew:
    """As many hands as the widest round asked for, kept until the end of the `with`."""

    def __init__(self) -> None:
        self._hands: list[Hand] = []

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self._hands:
            hand.rest()

    def at_once(self, *acts: Act) -> list[Any]:
        """Run `acts` in threads that start together; each answer, or the exception raised, in order."""
        while len(self._hands) < len(acts):
            self._hands.append(Hand())
        barrier = Barrier(len(acts))
        hands = self._hands[: len(acts)]
        for hand, act in zip(hands, acts, strict=True):
            hand.do(barrier, act)
        return [hand.answer() for hand in hands]


def meanwhile(act: Act, holding: Act, then: Act | None = None) -> Any:
    """What `act` returns or raises when it starts after `holding` has run and before that is committed.

    The transaction of `holding` goes on with `then`, and ends, once `act` is done or waits for a lock of it.
    PostgreSQL only.
    """
    hand = Hand()
    try:
        with transaction.atomic():
            holding()
            hand.do(Barrier(1), act)
            _until_it_waits(hand)
            if then is not None:
                then()
        return hand.answer()
    finally:
        hand.rest()


def _until_it_waits(hand: Hand) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    ends = time.monotonic() + PATIENCE_SECONDS
    while hand.is_busy and time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)


def at_once(*acts: Act) -> list[Any]:
    """One round, by a crew that goes home after it."""
    with Crew() as crew:
        return crew.at_once(*acts)
