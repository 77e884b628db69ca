"""Web plugins, run for real: a partner's script with Segment's analytics.js in headless Chromium (D23 to D25, T15).

report     what comes out, as values           running    `run`: one run from start to end
browser    finding, starting, ending Chromium  launcher   becomes the browser, inside the confinement
devtools   its protocol over pipes             visit      one page: requests, popups, the harness
site       the sample site, out of memory      calls      an event as a call of analytics.js
watching   console and requests                page/      the site's files and the harness
"""

from runtime.plugins.browser import BrowserMissing, BrowserSpec, find
from runtime.plugins.report import (
    ConsoleLine,
    EventResult,
    Limits,
    Outcome,
    PluginEvent,
    PluginRun,
    SeenRequest,
    Shape,
)
from runtime.plugins.running import run

__all__ = [
    "BrowserMissing",
    "BrowserSpec",
    "ConsoleLine",
    "EventResult",
    "Limits",
    "Outcome",
    "PluginEvent",
    "PluginRun",
    "SeenRequest",
    "Shape",
    "find",
    "run",
]
