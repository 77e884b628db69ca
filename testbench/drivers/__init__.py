"""How the cases of a run are put to a component, by kind: one runner, one set of verdicts, three ways (S10)."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from apps_catalog.states import ComponentKind
from delivery.trouble import CannotRun
from runtime.suite.plan import Planned
from runtime.suite.running import Ending, Progress, Result
from testbench.drivers.function import FunctionDriver
from testbench.drivers.plugin import PluginDriver
from testbench.drivers.webhook import WebhookDriver
from testbench.models import SuiteRun

__all__ = ["CannotRun", "Driver", "driver_for"]


class Driver(Protocol):
    """Made in the worker's thread, then used in another one that touches no database.

    `turn_seconds` is how long a turn of the worker may last before others of the queue come. `facts` is what
    concerns the run as a whole, and `screenshot` a PNG, once it is over.
    """

    turn_seconds: float
    facts: dict[str, Any]
    screenshot: bytes | None

    def run(
        self,
        cases: Sequence[Planned],
        on_result: Callable[[Result], None],
        should_stop: Callable[[], bool],
        progress: Progress,
    ) -> Ending:
        """Put `cases` in order. Raises CannotRun where this machine lacks what it takes."""
        ...

    def abandon(self) -> None:
        """End what is under way within a second, because nobody wants it any more. From any thread, at any time."""
        ...


_DRIVERS: dict[str, Callable[[SuiteRun, dict[str, Any]], Driver]] = {
    ComponentKind.SUBSCRIPTION_WEBHOOK: WebhookDriver,
    ComponentKind.SUBSCRIPTION_FUNCTION: FunctionDriver,
    ComponentKind.WEB_PLUGIN: PluginDriver,
}


def driver_for(run: SuiteRun, values: dict[str, Any]) -> Driver:
    """For the component of `run`, with the settings `values` (“apiKey” among them)."""
    return _DRIVERS[run.component.kind](run, values)
