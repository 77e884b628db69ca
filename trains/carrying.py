"""Where the package above adds to a version what its partner put live while the version was on its way.

Small changes of a live App need no review and no train (D49). A version that departs a week after it was handed in
must not take them back; which they are is known to `reviews`, which registers here.
"""

from collections.abc import Callable
from datetime import datetime

from accounts.models import User
from apps_catalog.models import App, AppVersion
from audit.recording import System

# Gets the App, the version that is to go live, and since when changes count; answers the version with them.
Carry = Callable[[App, AppVersion, datetime, User | System], AppVersion]
_carriers: list[Carry] = []


def register(carry: Carry) -> None:
    """Called once, at start."""
    if carry not in _carriers:
        _carriers.append(carry)


def with_changes(app: App, version: AppVersion, since: datetime, actor: User | System) -> AppVersion:
    """`version` with what went live by itself since then: itself, when nothing did."""
    for carry in _carriers:
        version = carry(app, version, since, actor)
    return version
