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


class RegulationKind(TextChoices):
    """What is asked for people (D34). "Internal" ends here; the others tell the destinations, too."""

    SUPPRESS_WITH_DELETE = "SUPPRESS_WITH_DELETE", "Suppress, and delete here and at the destinations"
    DELETE_ONLY = "DELETE_ONLY", "Delete here and at the destinations"
    SUPPRESS_WITH_DELETE_INTERNAL = "SUPPRESS_WITH_DELETE_INTERNAL", "Suppress, and delete here"
    DELETE_INTERNAL = "DELETE_INTERNAL", "Delete here"
    SUPPRESS_ONLY = "SUPPRESS_ONLY", "Suppress: take no more events"
    UNSUPPRESS = "UNSUPPRESS", "Take events again"


class RegulationState(TextChoices):
    INITIALIZED = "INITIALIZED", "waiting"
    INVALID = "INVALID", "invalid"
    NOT_SUPPORTED = "NOT_SUPPORTED", "not supported"
    RUNNING = "RUNNING", "running"
    PARTIAL_SUCCESS = "PARTIAL_SUCCESS", "partly done"
    FAILED = "FAILED", "failed"
    FINISHED = "FINISHED", "finished"


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
