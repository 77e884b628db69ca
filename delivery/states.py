"""What becomes of an event (D30 to D32)."""

from django.db.models import TextChoices


class Origin(TextChoices):
    API = "api", "Tracking API"
    TESTER = "tester", "Event Tester"
    STORY = "story", "a week of Ada"
    REGULATION = "regulation", "deletion request"


class Fault(TextChoices):
    """Why an event was refused although the answer was 200 (D38); the debugger shows it."""

    NO_USER = "no_user_anon_id", "Neither userId nor anonymousId"
    NO_EVENT = "no_event", "A track call without event"
    NO_GROUP = "no_group_id", "A group call without groupId"
    NO_PREVIOUS = "no_previous_id", "An alias call without previousId"
    BAD_TYPE = "bad_type", "An unknown type of call"
    NOT_OBJECT = "not_an_object", "Not a JSON object"
    TOO_LARGE = "too_large", "Over 32 KB"
    BAD_ID = "bad_message_id", "A messageId of 100 characters or more"
    REUSED_ID = "reused_message_id", "The messageId of another event"
    TOO_MANY = "too_many", "Beyond the first 2,500 of its batch"
    SUPPRESSED = "suppressed", "A user who asked not to be tracked"


class DeliveryKind(TextChoices):
    LIVE = "live", "live"
    TEST = "test", "Event Tester"
    REPLAY = "replay", "replay"


class DeliveryState(TextChoices):
    WAITING = "waiting", "waiting"
    RETRYING = "retrying", "waiting for a retry"
    DELIVERED = "delivered", "delivered"
    FAILED = "failed", "not delivered"
    FILTERED = "filtered", "filtered"
    CANCELLED = "cancelled", "cancelled"


class Stage(TextChoices):
    """What is counted (D32); the first two are about a source, the others about a destination."""

    RECEIVED = "received", "Received"
    REFUSED = "refused", "Failed on ingest"
    DUPLICATE = "duplicate", "Duplicates"
    FILTERED = "filtered", "Filtered"
    RETRIED = "retried", "Retries"
    FAILED = "failed", "Not delivered"
    DELIVERED = "delivered", "Delivered"


OPEN = frozenset({DeliveryState.WAITING, DeliveryState.RETRYING})
SETTLED = frozenset(DeliveryState) - OPEN
