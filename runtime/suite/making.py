"""Making events: who they are about, when they happened, and what surrounds them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from runtime.events import Channel, Clock, Event, EventType, IdSource, Persona, make_event

SITE = "https://www.example.com"
PROJECT_ID = "test-suite"
_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


def utc_now() -> datetime:
    """The time of day as an aware UTC datetime."""
    return datetime.now(UTC)


def new_id() -> str:
    """A random id that no earlier run has used."""
    return str(uuid4())


def make_persona(ids: IdSource) -> Persona:
    """A new visitor, whose ids and address occur in no other run."""
    user = ids().split("-")[0]
    return Persona(ids(), f"user-{user}", f"visitor.{user}@example.com")


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the events of one persona for one run."""

    clock: Clock
    ids: IdSource
    project_id: str
    who: Persona

    @classmethod
    def fresh(cls, clock: Clock, ids: IdSource, project_id: str) -> "Maker":
        """With a persona of its own."""
        return cls(clock, ids, project_id, make_persona(ids))

    def event(
        self,
        kind: EventType,
        *,
        ago: timedelta = timedelta(0),
        channel: Channel = "server",
        context: dict[str, Any] | None = None,
        message_id: str = "",
        **fields: Any,
    ) -> Event:
        """An event of the known user, from a server, that happened `ago`; `fields` overwrite the ids."""
        given = {"anonymousId": self.who.anonymous_id, "userId": self.who.user_id} | fields
        return make_event(
            kind,
            at=self.clock() - ago,
            message_id=message_id or self.ids(),
            project_id=self.project_id,
            channel=channel,
            context=SERVER if context is None else context,
            **given,
        )


def page_properties(title: str, path: str) -> dict[str, str]:
    return {"title": title, "path": path, "url": f"{SITE}{path}", "referrer": "", "search": ""}


def browser(path: str) -> dict[str, Any]:
    """The context that analytics.js adds on a page of the example site."""
    return {
        "library": {"name": "analytics.js", "version": "next-1.84.3"},
        "ip": "203.0.113.7",
        "locale": "en-US",
        "timezone": "America/Los_Angeles",
        "userAgent": _USER_AGENT,
        "page": {"path": path, "referrer": "", "search": "", "title": "Example", "url": f"{SITE}{path}"},
    }


MOBILE: dict[str, Any] = {
    "library": {"name": "analytics-ios", "version": "4.1.8"},
    "app": {"name": "Example", "version": "2.4.1", "build": "241", "namespace": "com.example.app"},
    "device": {"id": "00000000-0000-4000-8000-00000000feed", "manufacturer": "Example", "model": "Phone 1"},
    "os": {"name": "iOS", "version": "19.1"},
    "ip": "203.0.113.7",
    "locale": "en-US",
    "timezone": "America/Los_Angeles",
}

SERVER: dict[str, Any] = {"library": {"name": "analytics-python", "version": "2.3.4"}}
