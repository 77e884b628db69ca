"""The warm sandboxes of this process, shared by everything in it that runs partners' functions."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from celery import signals
from django.conf import settings

from delivery.trouble import CannotRun
from runtime import egress
from runtime.functions import Limits, NotConfined, Pool, Run
from runtime.functions.values import ShouldStop, never

LIMITS = Limits()
# How many processes one function may have at the same moment: ten events are over in two times what one may take.
AT_ONCE = 5
BATCH = "onBatch"
_lock = threading.Lock()
_pools: dict[tuple[Any, ...], Pool] = {}
Event = Mapping[str, Any]


def run_function(
    owner: str, code: str, event: Event, values: Mapping[str, Any], should_stop: ShouldStop = never
) -> Run:
    """One event through the code of `owner`, whose processes serve nobody else. Raises CannotRun, functions.Stopped."""
    return pool().run(code, str(event.get("type", "")), event, values, key=owner, should_stop=should_stop)


def run_at_once(
    owner: str, code: str, events: Sequence[Event], values: Mapping[str, Any], should_stop: ShouldStop = never
) -> list[Run]:
    """A run for each event, all at the same moment: through `onBatch` where the code has it (D20).

    Raises CannotRun, functions.Stopped.
    """
    if BATCH in pool().outline(code, key=owner).handlers:
        return pool().run_batch(code, events, values, key=owner, should_stop=should_stop)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="function-burst") as threads:
        return list(threads.map(lambda event: run_function(owner, code, event, values, should_stop), events))


def pool() -> Pool:
    """The pool of this process, made when it is first needed. Raises CannotRun where functions must not run."""
    asked = (settings.FUNCTION_POOL_SIZE, settings.FUNCTIONS_UNCONFINED, settings.EGRESS_ALLOW)
    with _lock:
        if asked not in _pools:
            _pools[asked] = _new_pool()
        return _pools[asked]


def close() -> None:
    """End every sandbox of this process."""
    with _lock:
        pools = list(_pools.values())
        _pools.clear()
    for each in pools:
        each.close()


def _new_pool() -> Pool:
    policy = egress.EgressPolicy.from_setting(settings.EGRESS_ALLOW)
    limits = egress.Limits(total_seconds=LIMITS.wall_seconds, max_body=LIMITS.fetch_bytes)
    fetch = partial(egress.send, policy=policy, limits=limits)
    try:
        return Pool(settings.FUNCTION_POOL_SIZE, fetch, LIMITS, allow_unconfined=settings.FUNCTIONS_UNCONFINED)
    except NotConfined as missing:
        raise CannotRun(f"Functions cannot run on this machine. {missing}") from None


@signals.worker_process_shutdown.connect
@signals.worker_shutdown.connect
def _close_with_the_worker(**_: Any) -> None:
    """When a worker is told to stop. (Of one that is killed, nothing stays either: sandboxes die with it.)"""
    close()
