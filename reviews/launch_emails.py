"""What the makers of an App are told of a launch that has a day."""

from django.urls import reverse
from django.utils import timezone

from notifications.outbox import drop
from reviews.emails import editors_of, release_key, stamp, tell, undo_left
from reviews.models import Release


def scheduled(asked: Release) -> None:
    """A reviewer released the App; held as long as that can be undone."""
    _scheduled(asked, "scheduled")


def moved(asked: Release) -> None:
    """Its makers picked another day; a mail with the day before that is still here is not sent any more."""
    drop(release_key(asked))
    _scheduled(asked, f"moved:{stamp(timezone.now())}")


def _scheduled(asked: Release, effect: str) -> None:
    app = asked.app
    tell(
        editors_of(app), "release_scheduled", app, {"release": asked},
        notice=f"{app.name} is released and goes live on the day you picked.",
        url=reverse("app-beta", args=[app.slug]), hold=undo_left(asked),
        key=f"{release_key(asked)}{stamp(asked.released_at)}:{effect}",
    )  # fmt: skip


def postponed(asked: Release, missing: list[str]) -> None:
    """The day came, and something that the policy asks for was no longer there."""
    app = asked.app
    tell(
        editors_of(app), "release_postponed", app, {"release": asked, "missing": " ".join(missing)},
        notice=f"{app.name} could not go live. The beta page says what is missing.",
        url=reverse("app-beta", args=[app.slug]),
        key=f"{release_key(asked)}postponed:{stamp(asked.launch_at)}",
    )  # fmt: skip
