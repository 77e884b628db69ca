"""Advice on what events look like: too little in them, odd names, odd letters, much in them, many at once."""

import json
from collections.abc import Iterator
from typing import Any

from runtime.events import Event
from runtime.suite.case import Case, Group
from runtime.suite.making import Maker

_TAKE = "Answer with a 2xx status, or with 501 if you do not support this kind of event."
# An event may have so many bytes of JSON (D37); ours stays just below.
MAX_EVENT_BYTES = 32 * 1024
_LARGE_BYTES = MAX_EVENT_BYTES - 32
BURST = 10
# What a library may leave out altogether.
_OPTIONAL = ("context", "integrations", "channel")


def missing_fields(make: Maker) -> Iterator[Case]:
    """Events with as little in them as the protocol allows."""
    bare = {
        "missing-fields-1-track": (
            "A track event has a userId and nothing else",
            "No properties, no context, no anonymousId.",
            make.event("track", event="Ping", anonymousId=None),
        ),
        "missing-fields-2-identify": (
            "An identify call has only an anonymousId",
            "No userId and no traits: the visitor is still unknown.",
            make.event("identify", userId=None),
        ),
        "missing-fields-3-page": (
            "A page view has neither name nor properties",
            "Libraries on servers know neither the title nor the address of a page.",
            make.event("page", userId=None),
        ),
        "missing-fields-4-group": (
            "A group call has no traits",
            "Only the groupId says which group it is.",
            make.event("group", groupId="myUsers", anonymousId=None),
        ),
    }
    for id_, (name, purpose, event) in bare.items():
        kept = {key: value for key, value in event.items() if key not in _OPTIONAL}
        yield Case(id_, "missing_fields", event["type"], name, purpose, _TAKE, kept)


def casing(make: Maker) -> Iterator[Case]:
    """The same properties in the ways in which customers write them (D11)."""
    styles: dict[str, tuple[str, dict[str, Any]]] = {
        "camel": ("camelCase", {"firstName": "Demo", "planName": "Pro", "totalBilled": 830}),
        "snake": ("snake_case", {"first_name": "Demo", "plan_name": "Pro", "total_billed": 830}),
        "title": ("Title Case with spaces", {"First Name": "Demo", "Plan Name": "Pro", "Total Billed": 830}),
    }
    for number, (slug, (style, properties)) in enumerate(styles.items(), start=1):
        yield _track(
            make, f"casing-{number}-{slug}", "casing", f"Properties are written in {style}",
            "Each customer has a casing of their own, and it reaches you unchanged.",
            event="Plan Chosen", properties=properties,
        )  # fmt: skip


def unicode(make: Maker) -> Iterator[Case]:
    """Text as people write it; everything but U+0000, which many databases cannot store."""
    yield _track(
        make, "unicode-1-emoji", "unicode", "An event has emoji in its name and values",
        "Emoji lie beyond the first 65,536 characters; some databases cut text off there.",
        event="Reaction 🎉 Added", properties={"reaction": "👩🏽‍🚀", "flag": "🇯🇵", "名前": "絵文字 🙂"},
    )  # fmt: skip
    yield _track(
        make, "unicode-2-right-to-left", "unicode", "An event is written from right to left",
        "Arabic and Hebrew, mixed with Latin letters and digits.",
        event="تم الشراء", properties={"עיר": "תל אביב", "المنتج": "كتاب 42 (PDF)"},
    )  # fmt: skip
    yield _track(
        make, "unicode-3-combining", "unicode", "Letters are composed of several characters",
        "The same letter as one character and as two, marks that pile up, and characters of no width.",
        event="Cafe\u0301 Visited",
        properties={"composed": "caf\u00e9", "piled": "Z\u0351\u0343\u0310", "joined": "a\u200db"},
    )  # fmt: skip
    yield _track(
        make, "unicode-4-control", "unicode", "A value has control characters, and a name is very long",
        "Text that was pasted from elsewhere: a bell, an escape, odd line ends, and a name of 500 characters.",
        event="Pasted " + "long name " * 49 + "end",
        properties={"note": "bell\u0007 escape\u001b line\u2028end\u0085\r\n\ttab"},
    )  # fmt: skip


def large(make: Maker) -> Iterator[Case]:
    """An order with so many products that the event is just under the limit (D37)."""
    event = make.event("track", event="Order Completed", properties={"order_id": "order-2002", "products": []})
    yield Case(
        "large-1-near-limit",
        "large",
        "track",
        "An order has a great many products",
        "An event may have up to 32 KB of JSON. Frameworks and proxies often allow less unless told otherwise.",
        _TAKE,
        _filled(event),
    )


def burst(make: Maker) -> Iterator[Case]:
    """One case that stands for BURST events; `burst_events` makes them."""
    yield _track(
        make, "burst-1-ten-at-once", "burst", "Ten events come at the same moment",
        "Campaigns and replays bring many events at once. The case shows the worst of the ten answers.",
        event="Message Opened", properties={"campaign": "spring"},
    )  # fmt: skip


def burst_events(event: Event) -> list[Event]:
    """The events of a burst: alike but for messageId, the same ones whenever they are made."""
    return [event | {"messageId": f"{event['messageId']}-{number}"} for number in range(1, BURST + 1)]


def _track(make: Maker, id_: str, group: Group, name: str, purpose: str, **fields: Any) -> Case:
    return Case(id_, group, "track", name, purpose, _TAKE, make.event("track", **fields))


def _filled(event: Event) -> Event:
    """The event with products, and a note that takes up what is left."""
    products = event["properties"]["products"]
    size = _size(event) + len(',"note":""')
    for number in range(1, 1_000):
        product = {"product_id": f"product-{number}", "name": f"Article number {number}", "price": 9.99, "quantity": 1}
        more = _size(product) + 1
        if size + more > _LARGE_BYTES:
            break
        products.append(product)
        size += more
    event["properties"]["note"] = "x" * (_LARGE_BYTES - size)
    return event


def _size(value: dict[str, Any]) -> int:
    """Bytes as the webhook is sent."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
