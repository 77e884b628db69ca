"""One case of the Test Suite, and the groups that cases belong to (CONTRACT, Test Suite verdicts)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from runtime.events import Event, EventType

Group = Literal[
    "core", "deletion", "alias", "bad_key", "duplicate", "out_of_order", "missing_fields", "casing", "unicode",
    "large", "burst",
]  # fmt: skip


class Expects(StrEnum):
    """Which answer makes a case green."""

    ACCEPTED = "accepted"  # a 2xx
    UNAUTHORIZED = "unauthorized"  # 401 or 403: the case is sent with a wrong API key


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a suite run. `name` is the story step in plain words; `event` is what is sent.

    The id is stable: kept runs are compared by it, and it is the case's anchor in docs/test-suite.md.
    """

    id: str
    group: Group
    type: EventType
    name: str
    purpose: str
    expectation: str
    event: Event
    expects: Expects = Expects.ACCEPTED


@dataclass(frozen=True, slots=True)
class GroupInfo:
    """A group of cases. Required ones decide a run; the others never colour it and give `advice` when red."""

    name: Group
    title: str
    proves: str
    required: bool
    advice: str


_INFOS = (
    GroupInfo(
        "core",
        "Core events",
        "The original eight events: logged-out and logged-in calls of every common type.",
        True,
        "These eight are what every integration has to take. Mend what is red, then run the suite again.",
    ),
    GroupInfo(
        "deletion",
        "Deletion",
        "A delete request by user id is accepted.",
        True,
        "Customers must be able to erase a person. Accept delete events and erase what you hold about the userId.",
    ),
    GroupInfo(
        "alias",
        "Alias",
        "Two ids of one person can be joined.",
        False,
        "Join the two ids, or answer 501 if your product has no notion of it.",
    ),
    GroupInfo(
        "bad_key",
        "Wrong API key",
        "A wrong or missing API key is refused with 401 or 403.",
        False,
        "Check the key before anything else and answer 401, so that a customer who mistyped it learns so at once.",
    ),
    GroupInfo(
        "duplicate",
        "Duplicates",
        "An event that comes twice with the same messageId is accepted both times.",
        False,
        "Answer 2xx to a messageId that you have seen, and store it once: retries repeat events.",
    ),
    GroupInfo(
        "out_of_order",
        "Out of order",
        "Events are accepted in whatever order they come; their timestamp says when they happened.",
        False,
        "Delivery is not ordered. Go by the timestamp, and do not insist that one event comes before another.",
    ),
    GroupInfo(
        "missing_fields",
        "Missing optional fields",
        "Events with nothing but the fields that are always there are accepted.",
        False,
        "Treat context, traits, properties and names as optional, and use a default where one is missing.",
    ),
    GroupInfo(
        "casing",
        "Casing",
        "Property names in any casing, with spaces too, are accepted.",
        False,
        "Customers choose the names of properties. Match the ones that you need whatever their casing.",
    ),
    GroupInfo(
        "unicode",
        "Languages and symbols",
        "Emoji, right-to-left text, combining and control characters and long names are accepted.",
        False,
        "Read bodies as UTF-8, store text in a full Unicode column, and shorten long names rather than fail.",
    ),
    GroupInfo(
        "large",
        "Large event",
        "An event just under the limit of 32 KB is accepted.",
        False,
        "Raise the limit on request bodies in your framework and in the proxy before it to at least 32 KB.",
    ),
    GroupInfo(
        "burst",
        "Burst",
        "Ten events at the same moment are accepted.",
        False,
        "Take an event, answer 202 and process it afterwards. If you must limit, answer 429 with Retry-After.",
    ),
)
# In the order in which they are sent.
GROUPS: dict[str, GroupInfo] = {info.name: info for info in _INFOS}
