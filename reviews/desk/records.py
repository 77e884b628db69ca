"""The audit record of an App as reviewers read it: full names, newest first, never more than a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from apps_catalog.models import App
from audit.models import Record
from audit.recording import name_of
from reviews.events import WORDS
from reviews.states import ReviewStep

SHOWN = 15
REVEALED = "access.revealed"
FIELDS = {"username": "User name", "password": "Password", "api_key": "API key"}
MORE_WORDS = {
    REVEALED: "Part of the test account revealed",
    "app.imported": "App imported",
    "app.published": "Catalog entry written",
    "app.unpublished": "Catalog entry taken down",
    "app.submit": "Went into review",
    "app.return_to_building": "Back to building",
    "app.reopen_review": "Review reopened",
    "app.take_back_release": "Back to private beta",
    "app.delist": "Left the catalog",
    "app.at_risk": "At risk: nightly checks failed",
    "app.risk_cleared": "No longer at risk",
    "app.risk_extended": "More time while at risk",
    "app.delisted_for_risk": "Delisted: still failed after the days of grace",
    "version.frozen": "Version frozen",
    "settings.changed": "Settings changed",
    "components.changed": "Components changed",
}
TONES = {
    "submission.approved": "success",
    "release.released": "success",
    "beta.verified": "success",
    "submission.changes_requested": "warning",
    "submission.rejected": "danger",
    "app.at_risk": "warning",
    "app.delisted_for_risk": "danger",
    "submission.decision_undone": "warning",
    REVEALED: "warning",
}


@dataclass(frozen=True, slots=True)
class Entry:
    text: str
    who: str
    at: datetime
    tone: str = "neutral"


def history_of(app: App) -> list[Entry]:
    """The newest `SHOWN` records, in two queries."""
    return _entries(Record.objects.filter(target=name_of(app)).order_by("-id")[:SHOWN])


def reveals_of(app: App) -> list[Entry]:
    """Who opened which part of the test account, and when."""
    return _entries(Record.objects.filter(target=name_of(app), action=REVEALED).order_by("-id")[:SHOWN])


def _entries(records: Iterable[Record]) -> list[Entry]:
    found = list(records)
    names = _names({one.actor for one in found})
    return [_entry(one, names.get(one.actor, "The product")) for one in found]


def _entry(one: Record, who: str) -> Entry:
    return Entry(_text(one), who, one.at, TONES.get(one.action, "neutral"))


def _text(entry: Record) -> str:
    words = WORDS.get(entry.action) or MORE_WORDS.get(entry.action) or _plain(entry.action)
    data = entry.data
    if entry.action == "submission.step_judged" and data.get("step") in ReviewStep.values:
        return f"{ReviewStep(data['step']).label}: {data.get('outcome', '')}"
    if entry.action == REVEALED:
        return f"{FIELDS.get(data.get('field', ''), 'Part')} of the test account revealed"
    version = data.get("version")
    return f"{words} (version {version})" if isinstance(version, int) else words


def _plain(action: str) -> str:
    """“endpoint.changed” as words, for acts that have none here yet."""
    return action.replace(".", " ").replace("_", " ").capitalize()


def _names(actors: set[str]) -> dict[str, str]:
    ids = [actor.partition(":")[2] for actor in actors if actor.startswith("user:")]
    return {f"user:{pk}": user.display_name for pk, user in User.objects.in_bulk(ids).items()}
