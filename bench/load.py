"""A small load generator: one page, a number of visitors at once, the time of each answer."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue


@dataclass
class Timing:
    """Durations of single requests in milliseconds, and what they took together."""

    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def quantile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def median(self) -> float:
        return self.quantile(0.5)

    @property
    def p99(self) -> float:
        return self.quantile(0.99)

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds


class Target:
    """One page of one server, asked as one visitor."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        self._port, self._path = port, path
        self._headers = {"Host": f"localhost:{port}", "Accept": "text/html"} | ({"Cookie": cookie} if cookie else {})

    def status(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", self._path, headers=self._headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def ask_once(self, timing: Timing) -> None:
        """One request by itself, from opening the connection to the last byte."""
        took = self._timed()
        timing.milliseconds.append(took)
        timing.seconds += took / 1000

    def ask_together(self, timing: Timing, *, requests: int, visitors: int) -> None:
        """`requests` answers, `visitors` of them under way at any time."""
        left: SimpleQueue[int] = SimpleQueue()
        for number in range(requests):
            left.put(number)
        started = time.perf_counter()
        _in_threads(visitors, lambda: self._visit(left, timing.milliseconds))
        timing.seconds += time.perf_counter() - started

    def _visit(self, left: "SimpleQueue[int]", durations: list[float]) -> None:
        while True:
            try:
                left.get_nowait()
            except Empty:
                return
            durations.append(self._timed())

    def _timed(self) -> float:
        started = time.perf_counter()
        status = self.status()
        took = (time.perf_counter() - started) * 1000
        if status != 200:
            raise RuntimeError(f"{self._path} answered {status} in the middle of the measurement.")
        return took


def _in_threads(number: int, act: Callable[[], None]) -> None:
    threads = [threading.Thread(target=act) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
