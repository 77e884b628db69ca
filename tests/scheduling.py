"""Which tests run in one process of pytest-xdist: what shares a site and a browser, and what is one class.

pytest-xdist's own `loadgroup` writes the group into the id of a test, which pytest 9.2 no longer lets it do: the tests
were then dealt out one by one, and every process started each site and each browser anew (pytest-xdist, issue 1386).
Here the processes leave a file, and ids stay as they are.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

FILE = "units.json"


def unit_of(item: pytest.Item) -> str:
    """What runs in one piece: a group, a class (its rows are made once for all its tests), or the test alone."""
    if marker := item.get_closest_marker("xdist_group"):
        return str(marker.args[0])
    if getattr(item, "cls", None):
        return item.nodeid.partition("[")[0].rpartition("::")[0]
    return item.nodeid


def leave_units(items: Iterable[pytest.Item]) -> None:
    """For the scheduler, which sits in another process and sees ids only. Every process leaves the same."""
    path = _path()
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps({item.nodeid: unit_of(item) for item in items}))
    unfinished.rename(path)


def _path() -> Path:
    return Path(os.environ["TEST_DIRECTORY"]) / FILE


class Units(LoadScopeScheduling):
    """Deals out whole units, in the order of the tests, to whoever has nothing left to do."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self._units: dict[str, str] = {}

    def schedule(self) -> None:
        self._units = self._units or json.loads(_path().read_text())
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._units[nodeid]
