"""What the choices of a plan mean, in words (S14, S15), and where it stands with Segment's team."""

from dataclasses import dataclass
from datetime import datetime

from partners import clock
from partners.models import Policy
from planning.models import Plan
from planning.states import AuthMethod, Mode
from planning.team import is_waiting
from runtime.business_time import BusinessCalendar


@dataclass(frozen=True, slots=True)
class Choice:
    """A card to choose: its title, a sentence, and what follows from it. `mark` is shown beside the title."""

    title: str
    text: str
    follows: tuple[str, ...] = ()
    mark: str = ""


MODE_TEXTS = {
    Mode.CLOUD: Choice(
        "Cloud mode",
        "Events go to Segment first, and Segment’s servers call your API.",
        (
            "Customers can filter and transform events before you get them, and replay old ones.",
            "You get events of every source: websites, servers and mobile apps.",
            "Nothing of yours loads in the visitor’s browser, and API keys stay on servers.",
        ),
        "Recommended",
    ),
    Mode.DEVICE: Choice(
        "Device mode, web",
        "Your own library loads in the visitor’s browser, and gets the events there.",
        (
            "It can do what only a browser can: show something on the page, read your cookies.",
            "Websites only. No replays, and ad blockers can keep it from loading.",
            "There is no secret in a browser: settings are public to every visitor.",
        ),
    ),
}
AUTH_TEXTS = {
    AuthMethod.CUSTOM: Choice(
        "Custom", "Settings such as an API key, put into a header, the address or the body of each request."
    ),
    AuthMethod.OAUTH2: Choice(
        "OAuth 2", "The customer signs in at your service and allows Segment; Segment keeps and renews the token."
    ),
    AuthMethod.BASIC: Choice("Basic", "A user name and a password, sent with each request in the standard header."),
    AuthMethod.BROWSER: Choice(
        "Browser", "For device mode: your library knows the account by a public id, and there is no secret."
    ),
    AuthMethod.MINIMAL: Choice("Minimal", "Nothing is needed: your API takes events from everybody."),
}


@dataclass(frozen=True, slots=True)
class Look:
    """Where the plan stands with the team. `due_at` is when they plan to have looked: a plan, not a promise."""

    tone: str
    word: str
    text: str
    at: datetime | None = None
    due_at: datetime | None = None
    is_waiting: bool = False

    @property
    def due_in_words(self) -> str:
        return clock.in_words(clock.in_office_zone(self.due_at)) if self.due_at else ""


def look_of(plan: Plan) -> Look:
    """Two queries while the team is asked, none otherwise."""
    if is_waiting(plan):
        text = "Segment’s team was asked to look. You can go on writing."
        return Look("progress", "Waits for a look", text, plan.asked_at, due_of(plan), is_waiting=True)
    if plan.looked_at is None:
        text = "Before you build, ask Segment’s team to look. Plans are quicker to change than code."
        return Look("neutral", "Not looked at", text)
    if plan.looked_revision != plan.revision:
        text = "Segment’s team has looked, and the plan was changed since. Ask again if it matters."
        return Look("warning", "Changed since", text, plan.looked_at)
    return Look("success", "Looked at", "Segment’s team has looked: building can start.", plan.looked_at)


def due_of(plan: Plan) -> datetime | None:
    """When the team plans to have looked; two queries where they were asked."""
    return due_with(plan, clock.calendar(), Policy.current().review_days) if plan.asked_at else None


def due_with(plan: Plan, calendar: BusinessCalendar, days: int) -> datetime | None:
    """The same, with what is the same for many plans."""
    return calendar.add_business_days(plan.asked_at, days) if plan.asked_at else None
