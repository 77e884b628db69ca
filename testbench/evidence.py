"""A stored result, given back for reading. How it is masked and made a row: `runtime.suite.results`."""

from typing import Any

from runtime.readable import exchange
from testbench.models import CaseResult


def readable(result: CaseResult, endpoint: str) -> dict[str, Any]:
    """The stored exchange in the shape that partials/wire.html reads (devcenter/wire.py)."""
    return exchange(result.request, result.response, result.error, result.timings, endpoint)
