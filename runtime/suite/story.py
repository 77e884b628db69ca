"""The required cases: the original's eight in their order (D26), and a delete (D34).

They tell one visitor's story from the first page view to the mobile app.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from runtime.events import Channel, Clock, EventType, IdSource, Persona, make_event
from runtime.suite.case import Case
from runtime.suite.making import MOBILE, PROJECT_ID, SITE, browser, make_persona, new_id, page_properties, utc_now

_STEP = timedelta(seconds=2)
_ACCEPTS = "Answer with a 2xx status, or with 501 if you do not support this kind of event."


def core_events(
    clock: Clock = utc_now,
    ids: IdSource = new_id,
    project_id: str = PROJECT_ID,
    persona: Persona | None = None,
) -> tuple[Case, ...]:
    """The eight core cases (D26). The last event happened just before `clock()`, the others earlier."""
    story = _Story(clock() - 8 * _STEP, ids, project_id, persona or make_persona(ids))
    return (*story.as_visitor(), *story.as_user(), *story.in_app())


def delete_event(
    clock: Clock = utc_now,
    ids: IdSource = new_id,
    project_id: str = PROJECT_ID,
    persona: Persona | None = None,
) -> Case:
    """The deletion case (D34): everything stored about one userId is to be erased."""
    who = persona or make_persona(ids)
    event = make_event(
        "delete",
        at=clock(),
        message_id=f"delete-{ids()}",
        project_id=project_id,
        channel="server",
        context=None,
        userId=who.user_id,
    )
    return Case(
        "deletion-1-user",
        "deletion",
        "delete",
        "The user asks for their data to be deleted",
        "Privacy laws such as GDPR and CCPA oblige you to delete a person's data by userId.",
        "Answer with a 2xx status and erase what you hold about this userId. 501 leaves the case yellow.",
        event,
    )


class _Story:
    """Builds the cases of one visitor, each event two seconds after the one before."""

    def __init__(self, start: datetime, ids: IdSource, project_id: str, persona: Persona) -> None:
        self._ids, self._project_id, self._who = ids, project_id, persona
        self._times: Iterator[datetime] = (start + step * _STEP for step in count())
        self._numbers = count(1)

    def as_visitor(self) -> Iterator[Case]:
        """Two pages, before anybody knows who it is."""
        yield self._case(
            "page-home",
            "page",
            "An anonymous visitor opens the home page",
            "Most first events carry no userId, only an anonymousId.",
            page=("Home", "/"),
        )
        yield self._case(
            "page-signup",
            "page",
            "The visitor opens the sign-up page",
            "A second page of the same anonymous visitor.",
            page=("Signup", "/signup"),
        )

    def as_user(self) -> Iterator[Case]:
        """From here on the visitor has a userId, next to the anonymousId."""
        who = self._who
        traits = {
            "email": who.email,
            "first_name": who.first_name,
            "last_name": who.last_name,
            "phone": who.phone,
        }
        yield self._case(
            "identify",
            "identify",
            "The visitor is identified",
            "Ties the anonymous visitor to a user and brings the user's traits.",
            traits=traits,
        )
        yield self._track("signed-up", "The user signs up", "Signed up", referrer=f"{SITE}/pricing")
        yield self._case(
            "group",
            "group",
            "The user joins a group",
            "Groups stand for companies or teams. One trait has a space in its name, as customers' may.",
            groupId="myUsers",
            traits={
                "name": "Example Industries",
                "industry": "Technology",
                "employees": 329,
                "plan": "enterprise",
                "total billed": 830,
            },
        )
        yield self._track(
            "integration-enabled", "The user enables an integration", "Integration Enabled", name="Webhooks"
        )
        yield self._track(
            "invited-teammate",
            "The user invites a teammate",
            "Invited Teammate",
            email="teammate@example.com",
        )

    def in_app(self) -> Iterator[Case]:
        """The same user on a phone."""
        yield self._case(
            "screen-home",
            "screen",
            "The user opens the mobile app",
            "Screens are to mobile apps what pages are to websites.",
            channel="mobile",
            name="Home",
            properties={"variation": "blue signup button"},
        )

    def _track(self, slug: str, step: str, event: str, **properties: str) -> Case:
        purpose = f"A track event, “{event}”, with a property of its own."
        return self._case(f"track-{slug}", "track", step, purpose, event=event, properties=properties)

    def _case(
        self,
        slug: str,
        kind: EventType,
        step: str,
        purpose: str,
        *,
        page: tuple[str, str] | None = None,
        channel: Channel = "browser",
        **fields: Any,
    ) -> Case:
        is_known = page is None
        if page:
            fields |= {"name": page[0], "properties": page_properties(*page)}
        event = make_event(
            kind,
            at=next(self._times),
            message_id=self._ids(),
            project_id=self._project_id,
            channel=channel,
            context=MOBILE if channel == "mobile" else browser(fields.get("properties", {}).get("path", "/app")),
            anonymousId=self._who.anonymous_id,
            userId=self._who.user_id if is_known else None,
            **fields,
        )
        return Case(f"core-{next(self._numbers)}-{slug}", "core", kind, step, purpose, _ACCEPTS, event)
