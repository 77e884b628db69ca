"""A thread that sends a run's cases one after the other, while the worker stores what came back.

The two never wait for each other: storing costs the endpoint no time, and a slow endpoint does not delay
what is shown. The thread touches no database.
"""

import threading
from collections import deque
from collections.abc import Callable

from runtime.suite.running import Ending, Result


class Sending:
    """Use with `with`: starts to send on entry; on exit nothing more is sent and the thread has ended.

    `put_all(on_result, should_stop)` puts the cases, in the thread. `abandon` ends what is under way; it is called
    when the block ends by an exception, as when the run was cancelled.
    """

    def __init__(
        self,
        put_all: Callable[[Callable[[Result], None], Callable[[], bool]], Ending],
        abandon: Callable[[], None] = lambda: None,
    ) -> None:
        self._put_all, self._abandon = put_all, abandon
        self._results: deque[Result] = deque()
        self._stopping, self._over = threading.Event(), threading.Event()
        self._error: BaseException | None = None
        self._ending = Ending.STOPPED
        self._thread = threading.Thread(target=self._run, name="suite-sending", daemon=True)

    def wait(self, seconds: float) -> bool:
        """Whether it is over within that time. Raises what went wrong in the thread."""
        is_over = self._over.wait(seconds)
        if is_over and self._error is not None:
            raise self._error
        return is_over

    def take(self) -> list[Result]:
        """The results since the last call, in order."""
        return [self._results.popleft() for _ in range(len(self._results))]

    def stop(self) -> None:
        """Send nothing after the case that is under way."""
        self._stopping.set()

    @property
    def ending(self) -> Ending:
        """How it ended, once it is over."""
        return self._ending

    def __enter__(self) -> "Sending":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop()
        if kind is not None:
            self._abandon()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._ending = self._put_all(self._results.append, self._stopping.is_set)
        except BaseException as error:  # handed to the worker, which waits for it
            self._error = error
        finally:
            self._over.set()
