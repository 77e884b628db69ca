"""The stage of an App (what the world sees), and the kinds of component (S10, D6, D8)."""

from django.db.models import TextChoices


class Stage(TextChoices):
    BUILDING = "building", "building"
    IN_REVIEW = "in_review", "in review"
    PRIVATE_BETA = "private_beta", "private beta"
    PUBLIC_BETA = "public_beta", "public beta"
    PUBLIC = "public", "public"
    DEPRECATED = "deprecated", "deprecated"


# Stages that other people may see, by link or in the catalog.
LISTED = frozenset({Stage.PUBLIC_BETA, Stage.PUBLIC})
LIVE = LISTED | {Stage.PRIVATE_BETA}

# verb → (from, to). `apps_catalog.lifecycle.move_stage` is the only writer of App.stage.
STAGE_MOVES: dict[str, tuple[frozenset[str], str]] = {
    "submit": (frozenset({Stage.BUILDING}), Stage.IN_REVIEW),
    "return_to_building": (frozenset({Stage.IN_REVIEW}), Stage.BUILDING),
    "open_private_beta": (frozenset({Stage.IN_REVIEW}), Stage.PRIVATE_BETA),
    "open_public_beta": (frozenset({Stage.PRIVATE_BETA}), Stage.PUBLIC_BETA),
    "make_public": (frozenset({Stage.PUBLIC_BETA}), Stage.PUBLIC),
    "deprecate": (frozenset({Stage.PRIVATE_BETA, Stage.PUBLIC_BETA, Stage.PUBLIC}), Stage.DEPRECATED),
    # Undoing a decision (PRODUCT, Decisions and undo).
    "reopen_review": (frozenset({Stage.PRIVATE_BETA, Stage.BUILDING}), Stage.IN_REVIEW),
    "take_back_release": (frozenset({Stage.PUBLIC_BETA, Stage.PUBLIC}), Stage.PRIVATE_BETA),
    # Its nightly checks failed for longer than the policy allows: out of the catalog, its customers keep it (S37).
    "delist": (LISTED, Stage.PRIVATE_BETA),
    # Undoing an end: back to what the App was.
    "revive_private_beta": (frozenset({Stage.DEPRECATED}), Stage.PRIVATE_BETA),
    "revive_public_beta": (frozenset({Stage.DEPRECATED}), Stage.PUBLIC_BETA),
    "revive_public": (frozenset({Stage.DEPRECATED}), Stage.PUBLIC),
}

# The names of the original's public API (D6).
PUBLIC_API_STATUS: dict[str, str] = {
    Stage.BUILDING: "PRIVATE_BUILDING",
    Stage.IN_REVIEW: "PRIVATE_SUBMITTED",
    Stage.PRIVATE_BETA: "PRIVATE_BETA",
    Stage.PUBLIC_BETA: "PUBLIC_BETA",
    Stage.PUBLIC: "PUBLIC",
    Stage.DEPRECATED: "DEPRECATED",
}


class ComponentKind(TextChoices):
    SUBSCRIPTION_WEBHOOK = "subscription_webhook", "Subscription webhook"
    SUBSCRIPTION_FUNCTION = "subscription_function", "Subscription function"
    WEB_PLUGIN = "web_plugin", "Web plugin"
    ACTIONS_DESTINATION = "actions_destination", "Destination by pull request"


# Kinds whose code is kept here, as a draft and its versions (D21).
CODE_KINDS = frozenset({ComponentKind.SUBSCRIPTION_FUNCTION, ComponentKind.WEB_PLUGIN})
# Kinds that can be built today. The others are shown with the reason why they cannot.
AVAILABLE_KINDS = frozenset(ComponentKind)
# Kinds that the Test Suite can run; a destination by pull request is tested on its maker’s machine (S16).
TESTABLE_KINDS = CODE_KINDS | {ComponentKind.SUBSCRIPTION_WEBHOOK}


class PluginShape(TextChoices):
    """How a web plugin hands itself over: by `analytics.register` (D23), or as `remotePlugins` wants (D24)."""

    OBJECT = "plugin", "analytics.js plugin object"
    DESTINATION = "remote_plugin", "Device-mode destination script"


class Collects(TextChoices):
    """How data is collected (S11)."""

    SUBSCRIPTION = "subscription", "From every source, through a subscription"
    WEB_PLUGIN = "web_plugin", "In the browser, through a web plugin"


class Processes(TextChoices):
    """How data is processed (S11)."""

    WEBHOOK = "webhook", "In a web service of our own"
    FUNCTION = "function", "In a JavaScript function that Segment runs"
    PULL_REQUEST = "pull_request", "In a destination written in TypeScript, handed in as a pull request"


class SettingType(TextChoices):
    """The ten types of D8."""

    STRING = "string", "Text"
    BOOLEAN = "boolean", "Yes or no"
    SELECT = "select", "Choice"
    PASSWORD = "password", "Secret"
    ARRAY = "array", "List"
    TEXT_MAP = "text-map", "Text map"
    NUMBER = "number", "Number"
    MIXED = "mixed", "Mixed"
    MAP = "map", "Map"
    COLOR = "color", "Colour"


class EchoScript(TextChoices):
    """How the built-in endpoint answers; apps_catalog.echo_scripts makes the answers."""

    OK = "ok", "200: everything is taken"
    ACCEPTED = "accepted", "202: taken, processed later"
    BAD_REQUEST = "bad_request", "400 with a message for customers"
    UNAUTHORIZED = "unauthorized", "401: the API key is refused"
    TOO_MANY = "too_many", "429 with Retry-After"
    ERROR = "error", "500: an error of the server"
    UNSUPPORTED = "unsupported", "501: this kind of event is not supported"
    UNAVAILABLE = "unavailable", "503: down for a moment"
    SLOW = "slow", "200 after a pause"
    BROKEN_JSON = "broken_json", "400 with JSON that breaks off"
    REDIRECT = "redirect", "302 to another address"


class SignatureState(TextChoices):
    """What the signature of a received request was found to be."""

    NONE = "none", "No signature"
    VALID = "valid", "Signature valid"
    OLD = "old", "Too old"
    INVALID = "invalid", "Signature wrong"
