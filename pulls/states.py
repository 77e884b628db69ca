"""What became of a delivery, and where the newest word about a pull request stands."""

from django.db import models


class Outcome(models.TextChoices):
    """What a signed delivery of GitHub's changed here."""

    APPLIED = "applied", "Applied"
    OLD = "old", "Older than what was known"
    NOTHING = "nothing", "Says nothing here"
    UNKNOWN = "unknown", "About a repository that is not watched"
    BROKEN = "broken", "Lacks what such an event always has"
