"""The warm sandboxes of this process, shared by everything in it that runs partners' functions."""

import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings

from runtime import egress
from runtime.functions import Limits, NotConfined, Pool, Run
from testbench.drivers.trouble import CannotRun

LIMITS = Limits()
_lock = threading.Lock()
_pools: dict[tuple[Any, ...], Pool] = {}


def run_function(owner: str, code: str, event: Mapping[str, Any], values: Mapping[str, Any]) -> Run:
    """One event through the code of `owner`, whose processes serve nobody else. Raises CannotRun."""
    return pool().run(code, str(event.get("type", "")), event, values, key=owner)


def pool() -> Pool:
    """The pool of this process, made when it is first needed. Raises CannotRun where functions must not run."""
    asked = (settings.FUNCTION_POOL_SIZE, settings.FUNCTIONS_UNCONFINED, settings.EGRESS_ALLOW)
    with _lock:
        if asked not in _pools:
            _pools[asked] = _new_pool()
        return _pools[asked]


def _new_pool() -> Pool:
    policy = egress.EgressPolicy.from_setting(settings.EGRESS_ALLOW)
    limits = egress.Limits(total_seconds=LIMITS.wall_seconds, max_body=LIMITS.fetch_bytes)
    fetch = partial(egress.send, policy=policy, limits=limits)
    try:
        return Pool(settings.FUNCTION_POOL_SIZE, fetch, LIMITS, allow_unconfined=settings.FUNCTIONS_UNCONFINED)
    except NotConfined as missing:
        raise CannotRun(f"Functions cannot run on this machine. {missing}") from None
