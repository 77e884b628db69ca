"""“A week of Ada”: a persona who finds a plant shop, signs up, buys, installs its app and stays (S17, S19).

Calls as a Segment library makes them: every type, from browser, phone and server, in the words of the spec (D40).
The same seed and end give the same week, to the messageId: what is played twice is taken once (D29).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from runtime.events import timestamp
from runtime.suite.making import MOBILE, SERVER, SITE, browser, page_properties

Call = dict[str, Any]
WEEK = timedelta(days=7)
_SCREENS = ("Home", "My Plants", "Watering Calendar", "Order Status", "Profile")
_SHELF = (
    {"product_id": "plant-104", "name": "Monstera", "category": "Foliage", "price": 24.5},
    {"product_id": "plant-117", "name": "Fiddle Leaf Fig", "category": "Foliage", "price": 39.0},
    {"product_id": "plant-203", "name": "Echeveria", "category": "Succulents", "price": 7.9},
    {"product_id": "plant-221", "name": "Aloe Vera", "category": "Succulents", "price": 12.0},
    {"product_id": "pot-012", "name": "Terracotta Pot", "category": "Pots", "price": 9.5},
    {"product_id": "care-003", "name": "Brass Mister", "category": "Care", "price": 18.0},
)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week: `number` from 1, what happens in plain words, and the calls in their order."""

    number: int
    title: str
    text: str
    calls: tuple[Call, ...]


def week(seed: str, end: datetime) -> tuple[Day, ...]:
    """Seven days that lead up to `end` (aware). Each call is an item of a batch for the Tracking API."""
    ada = _Ada(seed, end - WEEK)
    return tuple(ada.day(number, *chapter) for number, chapter in enumerate(_CHAPTERS, start=1))


def calls_of(days: Sequence[Day]) -> list[Call]:
    """All calls of the week in their order."""
    return [call for day in days for call in day.calls]


class _Ada:
    """Her ids, her clock, and what she has in her basket. Writes calls one after the other."""

    def __init__(self, seed: str, start: datetime) -> None:
        self.chance = Random(seed)  # noqa: S311 - a story, not a secret
        self._seed, self._start, self._now = seed, start, start
        self._written = 0
        self.user_id = ""
        self.anonymous_id = f"anonymous-{seed}"
        self.email = f"ada.{seed}@example.com"
        self.basket: list[dict[str, Any]] = []

    def day(self, number: int, title: str, text: str, scenes: "Callable[[_Ada], Iterator[Call]]") -> Day:
        self._now = self._start + timedelta(days=number - 1, hours=self.chance.randint(1, 9))
        return Day(number, title, text, tuple(scenes(self)))

    def sign_up(self) -> None:
        self.user_id = f"ada-{self._seed}"

    def pick(self, number: int = 1) -> list[dict[str, Any]]:
        return self.chance.sample(_SHELF, number)

    def page(self, title: str, path: str) -> Call:
        return self._call("page", browser(path), name=title, properties=page_properties(title, path))

    def track(self, event: str, path: str = "/app", **properties: Any) -> Call:
        return self._call("track", browser(path), event=event, properties=properties)

    def on_phone(self, event: str, **properties: Any) -> Call:
        return self._call("track", MOBILE, event=event, properties=properties)

    def screen(self, name: str) -> Call:
        return self._call("screen", MOBILE, name=name, properties={"variation": self.chance.choice("AB")})

    def by_server(self, event: str, **properties: Any) -> Call:
        return self._call("track", SERVER, event=event, properties=properties)

    def identify(self, **traits: Any) -> Call:
        return self._call("identify", browser("/account"), traits={"email": self.email, **traits})

    def group(self, group_id: str, **traits: Any) -> Call:
        return self._call("group", browser("/club"), groupId=group_id, traits=traits)

    def alias(self) -> Call:
        return self._call("alias", browser("/signup"), previousId=self.anonymous_id)

    def _call(self, kind: str, context: dict[str, Any], **fields: Any) -> Call:
        self._written += 1
        self._now += timedelta(seconds=self.chance.randint(8, 400))
        who = {"anonymousId": self.anonymous_id} | ({"userId": self.user_id} if self.user_id else {})
        message_id = f"ada-{self._seed}-{self._written}"
        return {"type": kind, "messageId": message_id, **who, **fields, "context": context,
                "timestamp": timestamp(self._now)}  # fmt: skip


def _looking_around(ada: _Ada) -> Iterator[Call]:
    home = ada.page("Home", "/")
    campaign = {"source": "newsletter", "medium": "email", "name": "spring-green"}
    yield home | {"context": home["context"] | {"campaign": campaign}}
    yield ada.page("Plants", "/plants")
    yield ada.track("Products Searched", "/plants", query=ada.chance.choice(["easy plants", "shade", "pet safe"]))
    yield ada.track("Product List Viewed", "/plants", list_id="bestsellers", products=ada.pick(3))
    for product in ada.pick(ada.chance.randint(2, 4)):
        yield ada.page(product["name"], f"/plants/{product['product_id']}")
        yield ada.track("Product Viewed", f"/plants/{product['product_id']}", **product, currency="USD")


def _signing_up(ada: _Ada) -> Iterator[Call]:
    yield ada.page("Home", "/")
    yield ada.page("Sign up", "/signup")
    ada.sign_up()
    yield ada.identify(first_name="Ada", last_name="Example", created_at=timestamp(ada._now), orders=0)
    yield ada.alias()
    yield ada.track("Signed Up", "/signup", method="email", referrer=f"{SITE}/plants")
    yield ada.group("green-thumbs", name="Green Thumbs Club", plan="free", members=ada.chance.randint(40, 900))
    yield ada.by_server("Email Delivered", email_subject="Welcome to the shop")


def _first_order(ada: _Ada) -> Iterator[Call]:
    yield ada.page("Plants", "/plants")
    for product in ada.pick(ada.chance.randint(1, 3)):
        yield ada.track("Product Viewed", "/plants", **product, currency="USD")
        ada.basket.append(product | {"quantity": ada.chance.randint(1, 3)})
        yield ada.track("Product Added", "/plants", **ada.basket[-1], currency="USD")
    yield from _checkout(ada, "order-1", coupon=ada.chance.choice(["", "WELCOME10"]))


def _on_the_phone(ada: _Ada) -> Iterator[Call]:
    yield ada.on_phone("Application Installed", version="2.4.1", build="241")
    yield ada.on_phone("Application Opened", from_background=False, version="2.4.1")
    for name in ada.chance.sample(_SCREENS, ada.chance.randint(3, 5)):
        yield ada.screen(name)
    yield ada.on_phone("Push Notification Received", campaign_id="watering", action="Water me")
    yield ada.on_phone("Push Notification Tapped", campaign_id="watering", action="Water me")


def _parcel(ada: _Ada) -> Iterator[Call]:
    yield ada.by_server("Order Shipped", order_id=f"{ada.user_id}-order-1", carrier="Example Post")
    yield ada.by_server("Email Delivered", email_subject="Your plants are on their way")
    yield ada.by_server("Email Opened", email_subject="Your plants are on their way")
    yield ada.track("Email Link Clicked", "/orders", link_url=f"{SITE}/orders")
    yield ada.page("Orders", "/orders")


def _quiet_day(ada: _Ada) -> Iterator[Call]:
    for _ in range(ada.chance.randint(1, 3)):
        yield ada.on_phone("Application Opened", from_background=True, version="2.4.1")
        yield ada.screen(ada.chance.choice(_SCREENS))
    product = ada.pick()[0]
    yield ada.on_phone("Product Added to Wishlist", **product, wishlist_name="Balcony")
    yield ada.on_phone("Product Shared", **product, share_via="message")


def _staying(ada: _Ada) -> Iterator[Call]:
    yield ada.page("Plants", "/plants")
    rating = ada.chance.randint(3, 5)
    yield ada.track("Product Reviewed", "/orders", **_SHELF[0], rating=rating, review_body="It thrives 🌱")
    for product in ada.pick(2):
        ada.basket.append(product | {"quantity": 1})
        yield ada.track("Product Added", "/plants", **ada.basket[-1], currency="USD")
    yield from _checkout(ada, "order-2")
    yield ada.group("green-thumbs", name="Green Thumbs Club", plan="gold")
    yield ada.identify(first_name="Ada", last_name="Example", orders=2, plan="gold")


def _checkout(ada: _Ada, order: str, coupon: str = "") -> Iterator[Call]:
    """From the basket to the order; the basket is empty afterwards."""
    order_id, products = f"{ada.user_id}-{order}", list(ada.basket)
    ada.basket.clear()
    value = round(sum(each["price"] * each["quantity"] for each in products), 2)
    paid = {"order_id": order_id, "value": value, "currency": "USD", "products": products}
    yield ada.track("Cart Viewed", "/cart", products=products)
    yield ada.track("Checkout Started", "/checkout", **paid)
    if coupon:
        yield ada.track("Coupon Applied", "/checkout", order_id=order_id, coupon_id=coupon, discount=10)
    yield ada.track("Payment Info Entered", "/checkout", order_id=order_id, payment_method="card")
    yield ada.by_server("Order Completed", **paid, revenue=value, shipping=4.9, tax=round(value * 0.08, 2))


_CHAPTERS: tuple[tuple[str, str, Callable[[_Ada], Iterator[Call]]], ...] = (
    ("Ada looks around", "A newsletter leads her to the shop. Nobody knows who she is yet.", _looking_around),
    ("She signs up", "She comes back, gets an account, and joins the club.", _signing_up),
    ("The first order", "Plants go into the basket, and the server reports the order.", _first_order),
    ("On her phone", "She installs the app; from now on there are screens, too.", _on_the_phone),
    ("The parcel", "Most of what happens today is told by the server.", _parcel),
    ("A quiet day", "She opens the app now and then, and shares a find.", _quiet_day),
    ("She stays", "A review, a second order, and a better plan.", _staying),
)
