"""Cases as requests to a subscription webhook (D10); `runtime.suite.webhook` sends and judges them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings

from apps_catalog.signing import opened_secrets
from runtime.egress import EgressPolicy, Limits
from runtime.suite.plan import Planned
from runtime.suite.running import Ending, Progress, Result
from runtime.suite.webhook import WebhookCases
from testbench.models import SuiteRun

# After so long a worker goes to the end of the queue, so that a slow endpoint does not hold up others.
TURN_SECONDS = 20.0


class WebhookDriver:
    """`values` are the settings of the run, “apiKey” among them. After it is made, no database is touched."""

    turn_seconds = TURN_SECONDS
    screenshot: bytes | None = None

    def __init__(self, run: SuiteRun, values: dict[str, Any]) -> None:
        self.facts: dict[str, Any] = {}
        self._cases = WebhookCases(
            run.endpoint,
            values,
            run_id=run.pk,
            policy=EgressPolicy.from_setting(settings.EGRESS_ALLOW),
            limits=Limits(total_seconds=settings.EGRESS_TOTAL_SECONDS, max_body=settings.EGRESS_MAX_BODY_BYTES),
            signing_secrets=opened_secrets(run.component),
        )

    def run(
        self,
        cases: Sequence[Planned],
        on_result: Callable[[Result], None],
        should_stop: Callable[[], bool],
        progress: Progress,
    ) -> Ending:
        return self._cases.run(cases, on_result, should_stop, progress)

    def put(self, case: Planned) -> Result:
        return self._cases.put(case)

    def abandon(self) -> None:
        """What is on its way to an endpoint cannot be taken back: the request ends by its own clock."""
