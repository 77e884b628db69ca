"""Where a save in the console tells the package above that a live App may have changed.

What goes live by which road is in `apps_catalog.proportion`; carrying it out, with its review, is the job of
`reviews`, which registers here.
"""

from collections.abc import Callable

from accounts.models import User
from apps_catalog.models import App

# Gets who saved, the App, and the part of the console (`proportion.PARTS`; "" for all of them). Answers a
# sentence for the person, or "".
Road = Callable[[User, App, str], str]
_roads: list[Road] = []


def register(road: Road) -> None:
    """Called once, at start."""
    if road not in _roads:
        _roads.append(road)


def saved(actor: User, app: App, part: str, text: str = "") -> str:
    """After a save that a person asked for (not after one by itself): `text`, and what went live with it."""
    told = [road(actor, app, part) for road in _roads] if app.is_live else []
    return " ".join(each for each in [text, *told] if each)
