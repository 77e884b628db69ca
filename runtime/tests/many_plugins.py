"""Many web plugins in one browser, for tests: starting one takes longer than what most of them look at."""

import time
from collections.abc import Sequence
from typing import Any

from runtime.egress import EgressPolicy
from runtime.plugins import BrowserSpec, Limits, PluginEvent, PluginRun, Shape
from runtime.plugins.browser import Browser, started
from runtime.plugins.devtools import BrowserGone, TooSlow
from runtime.plugins.running import run_in

PUBLIC_ONLY, USUAL = EgressPolicy(), Limits()


class ManyPlugins:
    """Each call is a run in a context of its own. The browser is started anew when a plugin took it down."""

    def __init__(self, spec: BrowserSpec) -> None:
        self._spec = spec
        self._context: Any = None
        self._browser: Browser | None = None

    def __call__(
        self,
        code: str,
        events: Sequence[PluginEvent],
        *,
        shape: Shape = "plugin",
        policy: EgressPolicy = PUBLIC_ONLY,
        limits: Limits = USUAL,
        **options: Any,
    ) -> PluginRun:
        made = PluginRun()
        try:
            if self._browser is None:
                self._context = started(self._spec)
                self._browser = self._context.__enter__()
            end = time.monotonic() + limits.wall_seconds
            run_in(
                self._browser, made, code, events, {"apiKey": "key-1"},
                shape=shape, policy=policy, limits=limits, end=end, **options,
            )  # fmt: skip
        except (BrowserGone, TooSlow):
            self.close()
        return made

    def close(self) -> None:
        """End the browser."""
        context, self._context, self._browser = self._context, None, None
        if context:
            context.__exit__(None, None, None)
