"""The fields that Segment's spec gives a meaning and a type: of every event, of traits, of properties (D28)."""

from enum import StrEnum
from typing import Final

from runtime.spec.names import snake_case
from runtime.spec.paths import Path


class Kind(StrEnum):
    """What a value is, in words."""

    TEXT = "a text"
    NUMBER = "a number"
    INTEGER = "a whole number"
    BOOLEAN = "true or false"
    DATETIME = "a date and time"
    OBJECT = "an object"
    LIST = "a list"


def _table(**names: str) -> dict[str, Kind]:
    return {name: Kind[kind] for kind, line in names.items() for name in line.split()}


# Fields of every event (D28).
COMMON: Final = _table(
    TEXT="anonymousId userId messageId type channel event name groupId previousId projectId",
    DATETIME="timestamp originalTimestamp sentAt receivedAt",
    OBJECT="context integrations traits properties",
    INTEGER="version",
)
# Traits of people. In the spec these are in camelCase, other than properties.
USER_TRAITS: Final = _table(
    TEXT="avatar description email firstName gender id lastName name phone title username website",
    NUMBER="age",
    DATETIME="birthday createdAt",
    OBJECT="address company",
)
GROUP_TRAITS: Final = _table(
    TEXT="avatar description email employees id industry name phone website plan",
    DATETIME="createdAt",
    OBJECT="address",
)
PROPERTIES: Final = _table(
    TEXT="currency order_id checkout_id product_id sku category brand variant coupon affiliation name url image_url "
    "title path referrer search cart_id list_id query promotion_id creative payment_method shipping_method share_via "
    "share_message reason version build from_background referring_application email_id email_subject campaign_id "
    "conversation_id session_id asset_id",
    NUMBER="revenue value total subtotal shipping tax discount price",
    INTEGER="quantity position step total_length",
    OBJECT="campaign",
    LIST="products keywords filters sorts asset_ids content_asset_ids",
)
# In the spec, this one is no text though its name is in the line of texts for mobile apps.
PROPERTIES["from_background"] = Kind.BOOLEAN
CONTEXT: Final = {
    "active": Kind.BOOLEAN, "app": Kind.OBJECT, "campaign": Kind.OBJECT, "device": Kind.OBJECT, "ip": Kind.TEXT,
    "library": Kind.OBJECT, "locale": Kind.TEXT, "network": Kind.OBJECT, "os": Kind.OBJECT, "page": Kind.OBJECT,
    "referrer": Kind.OBJECT, "screen": Kind.OBJECT, "timezone": Kind.TEXT, "groupId": Kind.TEXT, "traits": Kind.OBJECT,
    "userAgent": Kind.TEXT, "channel": Kind.TEXT,
}  # fmt: skip
# Of these, deeper steps have a meaning too.
_DEEPER: Final = {
    ("context", "page"): dict.fromkeys(("path", "referrer", "search", "title", "url"), Kind.TEXT),
    ("context", "app"): dict.fromkeys(("name", "version", "build", "namespace"), Kind.TEXT),
    ("context", "device"): dict.fromkeys(("id", "advertisingId", "manufacturer", "model", "name", "type"), Kind.TEXT),
    ("context", "os"): dict.fromkeys(("name", "version"), Kind.TEXT),
    ("context", "campaign"): dict.fromkeys(("name", "source", "medium", "term", "content"), Kind.TEXT),
    ("context", "library"): dict.fromkeys(("name", "version"), Kind.TEXT),
}
_TRAITS: Final = GROUP_TRAITS | USER_TRAITS


def kind_of(path: Path) -> Kind | None:
    """The type that the spec gives what is at this path; None where it gives none."""
    steps = path.steps
    if len(steps) == 1:
        return COMMON.get(path.root)
    if len(steps) == 2:
        tables = {"traits": _TRAITS, "properties": PROPERTIES, "context": CONTEXT}
        return tables.get(path.root, {}).get(str(steps[1]))
    if steps[:2] == ("context", "traits") and len(steps) == 3:
        return USER_TRAITS.get(str(steps[2]))
    return _DEEPER.get((str(steps[0]), str(steps[1])), {}).get(str(steps[2])) if len(steps) == 3 else None


def usual_trait(name: str) -> str:
    """The reserved trait that a name means: “first_name” is “firstName”. "" when it is one already, or none."""
    if name in _TRAITS:
        return ""
    return next((trait for trait in _TRAITS if snake_case(trait) == snake_case(name)), "")


def usual_property(name: str) -> str:
    """The reserved property that a name means: “orderId” is “order_id”. "" when it is one already, or none."""
    written = snake_case(name)
    return written if written != name and written in PROPERTIES else ""
