"""Acts that start at the same moment, each in a thread with a database connection of its own."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import connection


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run `acts` in threads that start together; each answer, or the exception raised, in order."""
    barrier = Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(position: int, act: Callable[[], Any]) -> None:
        barrier.wait(timeout=10)
        try:
            answers[position] = act()
        except Exception as error:  # the answer of a loser
            answers[position] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return answers
