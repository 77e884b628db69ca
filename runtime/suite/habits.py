"""Advice on how events come: ids that are joined, keys that are wrong, repeats, and disorder."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from runtime.suite.case import Case, Expects
from runtime.suite.making import Maker

_TAKE = "Answer with a 2xx status, or with 501 if you do not support this kind of event."
_REFUSE = "Answer with 401 (or 403), before you look at the event."

# What is sent instead of the customer's API key, by the id of the case.
WRONG_KEYS = {"bad-key-1-unknown": "this-key-does-not-exist", "bad-key-2-empty": ""}


def alias(make: Maker) -> Iterator[Case]:
    """Two ways in which ids are joined: a visitor becomes a user, and a user changes the id."""
    who = make.who
    yield Case(
        "alias-1-visitor-becomes-user",
        "alias",
        "alias",
        "An anonymous visitor's id is joined to the user",
        "Mobile and older libraries say with alias that what the anonymousId did was done by this user.",
        _TAKE,
        make.event("alias", anonymousId=None, previousId=who.anonymous_id),
    )
    yield Case(
        "alias-2-user-id-changes",
        "alias",
        "alias",
        "The user gets another userId",
        "Customers that move to another log-in system join old and new userIds with alias.",
        _TAKE,
        make.event("alias", anonymousId=None, previousId=who.user_id, userId=f"{who.user_id}-new"),
    )


def bad_key(make: Maker) -> Iterator[Case]:
    """The same harmless event with a key that you cannot know, and with none."""
    asked = {
        "bad-key-1-unknown": ("An event comes with an unknown API key", "A customer mistyped or revoked the key."),
        "bad-key-2-empty": ("An event comes with an empty API key", "A customer left the key empty."),
    }
    for id_, (name, why) in asked.items():
        purpose = f"{why} Only a 401 or 403 tells them so; a 2xx would lose their data without a word."
        event = make.event("identify", traits={"email": make.who.email})
        yield Case(id_, "bad_key", "identify", name, purpose, _REFUSE, event, Expects.UNAUTHORIZED)


def duplicate(make: Maker) -> Iterator[Case]:
    """One event twice, with the same messageId (D29)."""
    event = make.event("track", event="Subscription Renewed", properties={"plan": "enterprise", "total": 49.5})
    yield Case(
        "duplicate-1-first",
        "duplicate",
        "track",
        "A subscription is renewed",
        "The first of two deliveries of the same event.",
        _TAKE,
        event,
    )
    yield Case(
        "duplicate-2-again",
        "duplicate",
        "track",
        "The same event is delivered again",
        "When an answer is lost on the way, the event is sent again with the same messageId.",
        "Answer with a 2xx status again, and store the event once.",
        dict(event),
    )


def out_of_order(make: Maker) -> Iterator[Case]:
    """What happened last comes first, history comes late, and a delete comes at the end (D29, D35)."""
    yield _at(
        make, timedelta(0), "out-of-order-1-newest", "An order is completed",
        "The newest of three events comes first. Delivery is not ordered.", event="Order Completed",
        properties={"order_id": "order-1001", "total": 27.5, "currency": "USD"},
    )  # fmt: skip
    yield _at(
        make, timedelta(minutes=10), "out-of-order-2-earlier", "The order's start comes after its end",
        "Its timestamp lies ten minutes before that of the event before.", event="Checkout Started",
        properties={"order_id": "order-1001", "value": 27.5, "currency": "USD"},
    )  # fmt: skip
    yield _at(
        make, timedelta(days=30), "out-of-order-3-replayed", "An event of last month is replayed",
        "Customers replay history into a new tool. The timestamp says when it happened.", event="Product Viewed",
        properties={"product_id": "product-7", "price": 27.5},
    )  # fmt: skip
    yield Case(
        "out-of-order-4-delete",
        "out_of_order",
        "delete",
        "A delete comes although its time is earlier",
        "The user asked an hour ago to be deleted, but newer events overtook the request on the way.",
        "Answer with a 2xx status and erase what you hold, what came meanwhile included.",
        make.event("delete", ago=timedelta(hours=1), anonymousId=None, message_id=f"delete-{make.ids()}")
        | {"context": None, "integrations": None},
    )


def _at(make: Maker, ago: timedelta, id_: str, name: str, purpose: str, **fields: Any) -> Case:
    expectation = "Answer with a 2xx status and file the event under its timestamp."
    return Case(id_, "out_of_order", "track", name, purpose, expectation, make.event("track", ago=ago, **fields))
