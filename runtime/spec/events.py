"""Sample events on which a plan is tried: the Test Suite's story, and what an online shop and an app add to it."""

from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any, Final

from runtime.events import Event, Persona
from runtime.samples import core_events, delete_event
from runtime.suite.making import MOBILE, PROJECT_ID, Maker, browser

# One moment and ids in order, so that a preview shows the same each time.
_AT: Final = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
_WHO: Final = Persona("0b9c1a4e-6f0d-4d43-9a55-7f5c2c7d1e10", "user-1042", "demo.visitor@example.com")
_PRODUCTS: Final = [
    {"product_id": "p-17", "sku": "MUG-BLUE", "name": "Blue mug", "category": "Kitchen", "price": 12.5, "quantity": 2},
    {"product_id": "p-42", "sku": "TEA-GREEN", "name": "Green tea", "category": "Food", "price": 7.0, "quantity": 1},
]
_ORDER: Final[dict[str, Any]] = {
    "order_id": "o-2026-118", "checkout_id": "c-9907", "affiliation": "Web shop", "total": 36.4, "revenue": 32.0,
    "shipping": 2.4, "tax": 2.0, "discount": 0, "coupon": "SPRING", "currency": "USD", "products": _PRODUCTS,
}  # fmt: skip


@cache
def samples() -> dict[str, Event]:
    """Sample events by a title that people can choose from. They are shared: change none."""
    maker = Maker(lambda: _AT, _ids(), PROJECT_ID, _WHO)
    story = [*core_events(lambda: _AT, _ids(), PROJECT_ID, _WHO)]
    found = {_title(case.event): case.event for case in story}
    shop = browser("/checkout")
    more = [
        maker.event("track", event="Product Added", channel="browser", context=shop, properties=_PRODUCTS[0]),
        maker.event("track", event="Order Completed", channel="browser", context=shop, properties=_ORDER),
        maker.event("track", event="Application Installed", channel="mobile", context=MOBILE,
                    properties={"version": "2.4.1", "build": "241"}),
        maker.event("alias", previousId=_WHO.anonymous_id),
        delete_event(lambda: _AT, _ids(), PROJECT_ID, _WHO).event,
    ]  # fmt: skip
    return found | {_title(event): event for event in more}


def _ids() -> Any:
    numbers = count(1)
    return lambda: f"00000000-0000-4000-8000-{next(numbers):012d}"


def _title(event: Event) -> str:
    """“track: Order Completed”, “page: Home”, “identify”."""
    name = event.get("event") or event.get("name")
    return f"{event['type']}: {name}" if name else str(event["type"])
