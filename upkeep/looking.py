"""One night's look at one live App: what customers get is looked at from outside, as before a review.

An answer that leaves a doubt never counts as failed: a page behind a log-in, a refused key, checks under way.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from apps_catalog.models import App
from apps_catalog.states import ComponentKind
from reviews.probe_sending import look_for
from reviews.probes import targets_of_version
from upkeep.builds import build_of
from upkeep.states import Found
from upkeep.traffic import losing

# (App id, mark of the look, target) → {"state": ok | warn | down, "status", "message"}, and "is_doubt" where the
# answer says nothing about the App.
Look = Callable[[int, str, Mapping[str, Any]], Mapping[str, Any]]
# Names that belong to nobody (RFC 2606), which the demo and manuals use: their silence says nothing.
RESERVED = re.compile(r"(.+\.)?(example|test|invalid|example\.(com|net|org))", re.ASCII)
WORDS = {"endpoint": "The endpoint", "docs": "The documentation page", "website": "The website"}
GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Seen:
    """`problems` are sentences for the makers, of what failed first; `is_silent`: not one address answered."""

    found: Found
    problems: list[str]
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing that was looked at. Without what is `needed` the App does not work."""

    verdict: Found
    sentence: str
    needed: bool = False
    is_silent: bool | None = None


def look_outside(app_id: int, mark: str, target: Mapping[str, Any]) -> Mapping[str, Any]:
    """The look of every night, through the door out."""
    seen = look_for(app_id, mark, target)
    host = urlsplit(target["url"]).hostname or ""
    return {**seen, "is_doubt": True} if seen["status"] is None and RESERVED.fullmatch(host) else seen


def look_at_app(app: App, night: date, now: datetime, look: Look = look_outside) -> Seen:
    """Everything of the live version, one after the other. Takes as long as its addresses take to answer."""
    parts = [*_builds(app), *_addresses(app, night, look), *_traffic(app, now)]
    failed = [part.sentence for part in parts if part.verdict == Found.FAILED]
    unsure = [part for part in parts if part.verdict == Found.UNSURE]
    called = [part.is_silent for part in parts if part.is_silent is not None]
    problems = [*failed, *(part.sentence for part in unsure)]
    if failed:
        return Seen(Found.FAILED, problems, is_silent=bool(called) and all(called))
    if not parts or len(unsure) == len(parts) or any(part.needed for part in unsure):
        return Seen(Found.UNSURE, problems)
    return Seen(Found.PASSED, problems)


def _builds(app: App) -> Iterator[_Part]:
    for component in _components(app):
        if component.get("kind") == ComponentKind.ACTIONS_DESTINATION:
            build = build_of(app, component.get("pull_request") or "")
            yield _Part(_STATES[build.state], build.message, needed=True)


def _components(app: App) -> list[Mapping[str, Any]]:
    return (app.live_version.manifest.get("components") or []) if app.live_version else []


def _addresses(app: App, night: date, look: Look) -> Iterator[_Part]:
    if app.live_version is None:
        return
    for target in targets_of_version(app.live_version):
        seen = look(app.pk, f"night-{night:%Y-%m-%d}", target)
        is_endpoint = target["kind"] == "endpoint"
        verdict = _verdict(seen, is_endpoint=is_endpoint)
        sentence = f"{WORDS[target['kind']]} {target['url']}: {seen['message']}"
        yield _Part(verdict, sentence, needed=is_endpoint, is_silent=seen["status"] is None)


# A refused key or a 4xx from an endpoint is a doubt: it answers, and the key may be the old one.
_STATES = {"ok": Found.PASSED, "warn": Found.UNSURE, "down": Found.FAILED}


def _verdict(seen: Mapping[str, Any], *, is_endpoint: bool) -> Found:
    if seen.get("is_doubt"):
        return Found.UNSURE
    return _STATES[seen["state"]] if is_endpoint else _of_page(seen)


def _of_page(seen: Mapping[str, Any]) -> Found:
    """A page that moved still opens for people; one that asks for a log-in or slows robots down is a doubt."""
    status = seen["status"]
    if status is None or status in GONE or status >= 500:
        return Found.FAILED
    return Found.PASSED if status < 400 else Found.UNSURE


def _traffic(app: App, now: datetime) -> Iterator[_Part]:
    if sentence := losing(app, now):
        yield _Part(Found.FAILED, sentence)
