"""What a workspace is made of, in words (S17 to S19, D39)."""

from django.db.models import TextChoices


class Region(TextChoices):
    US = "us", "United States"
    EU = "eu", "Europe"


class WorkspaceRole(TextChoices):
    """Owners may do everything; members may change and send (D33: write access); viewers look."""

    OWNER = "owner", "owner"
    MEMBER = "member", "member"
    VIEWER = "viewer", "viewer"


class Library(TextChoices):
    """Where a source's events come from; it chooses the sample code on its page."""

    JAVASCRIPT = "javascript", "JavaScript in a website"
    PYTHON = "python", "Python"
    NODE = "node", "Node.js"
    HTTP = "http", "HTTP API"


class ConnectionMode(TextChoices):
    """How events get to a destination (S14, D45): from our servers, or from the visitor's browser by a web plugin."""

    UNSPECIFIED = "UNSPECIFIED", "Whatever the App offers"
    CLOUD = "CLOUD", "From our servers only"
    DEVICE = "DEVICE", "From the browser only"


WRITERS = frozenset({WorkspaceRole.OWNER, WorkspaceRole.MEMBER})
