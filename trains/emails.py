"""What makers and team are told about the release train. Each function is called by one verb or the beat."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rules import REVIEWERS
from notifications.outbox import announce, drop, queue
from partners.queries import editors_of
from runtime.release_train import Boarding, Train
from trains.models import Passenger
from trains.words import day_in_words, why


def key_of(passenger: Passenger) -> str:
    """The prefix of every message about one passenger."""
    return f"train:{passenger.pk}:"


def drop_unsent(passenger: Passenger) -> None:
    """What was not told yet is not so any more."""
    drop(key_of(passenger))


def boarded(passenger: Passenger, boarding: Boarding) -> None:
    """On board: which train and why. Held as long as the approval can be undone."""
    left = passenger.approved_at + timedelta(seconds=settings.UNDO_SECONDS) - timezone.now()
    notice = f"{passenger.app.name} is on board of the release train."
    _tell(passenger, "train_boarded", notice, max(left, timedelta(0)), **_train(boarding))


def changed(passenger: Passenger, boarding: Boarding) -> None:
    """Another train than the one that was told, or that was about to be told."""
    if drop(f"{key_of(passenger)}train_boarded"):
        boarded(passenger, boarding)
        return
    drop(f"{key_of(passenger)}train_changed")
    notice = f"{passenger.app.name} leaves with another release train."
    _tell(passenger, "train_changed", notice, **_train(boarding))


def unheld(passenger: Passenger) -> None:
    """No longer held back, and still to be merged."""
    _tell(passenger, "train_unheld", f"The release of {passenger.app.name} is no longer held back.")


def held(passenger: Passenger) -> None:
    drop_unsent(passenger)
    notice = f"The release of {passenger.app.name} is held back."
    _tell(passenger, "train_held", notice, reason=passenger.reason)


def released(passenger: Passenger, *, opens_beta: bool) -> None:
    """It is live: for a first version with the special URL (S32)."""
    drop_unsent(passenger)
    app = passenger.app
    door = settings.SITE_URL.rstrip("/") + reverse("beta-door", args=[app.slug]) if opens_beta else ""
    _tell(passenger, "train_released", f"{app.name} is released.", page="app-beta", special_url=door)


def rolled_back(passenger: Passenger) -> None:
    drop_unsent(passenger)
    notice = f"The release of {passenger.app.name} was rolled back."
    _tell(passenger, "train_rolled_back", notice, reason=passenger.reason)


def _train(boarding: Boarding) -> dict[str, Any]:
    return {"train": day_in_words(boarding.train.day), "because": why(boarding)}


def _tell(
    passenger: Passenger, kind: str, notice: str, hold: timedelta = timedelta(0), page: str = "app-detail",
    **context: Any,
) -> None:  # fmt: skip
    """To those who act for the App, and to Slack. The verbs' compare-and-set sees to it that it happens once."""
    app = passenger.app
    context |= {"app": app, "passenger": passenger}
    url, case = reverse(page, args=[app.slug]), f"app:{app.pk}"
    key = f"{key_of(passenger)}{kind}:{int(timezone.now().timestamp() * 1000)}"
    for person in editors_of(app.company_id):
        queue(
            kind, person, kind, context, notice=notice, url=url, case=case,
            dedupe_key=f"{key}:user:{person.pk}", hold=hold, can_reply=True,
        )  # fmt: skip
    announce(kind, kind, context, url=url, case=case, dedupe_key=key, hold=hold, company=app.chain)


# --- To the team ------------------------------------------------------------------------------------


def digest(train: Train, on_board: Iterable[Passenger], left_behind: Iterable[Passenger]) -> None:
    """At the cut-off: who is on board, and who is not and why."""
    waiting = [f"{one} ({one.get_state_display()})" for one in left_behind]
    _tell_team(
        "train_digest", train.day, "The release train is full: this is on board.",
        on_board=_listed(map(str, on_board)), waiting=_listed(waiting),
    )  # fmt: skip


def reminder(train: Train, on_board: Iterable[Passenger]) -> None:
    """On the release day, as the office opens, while the train has not left."""
    _tell_team(
        "train_today", train.day, "Today is release day: a train waits for you.", on_board=_listed(map(str, on_board))
    )


def _tell_team(kind: str, day: date, notice: str, **context: Any) -> None:
    context["train"] = day_in_words(day)
    url, key = reverse("review-trains"), f"train-day:{day}:{kind}"
    for reviewer in User.objects.filter(is_active=True, is_staff=True, groups__name=REVIEWERS).order_by("pk"):
        who = f"{key}:user:{reviewer.pk}"
        queue(kind, reviewer, kind, context, notice=notice, url=url, case=f"train-day:{day}", dedupe_key=who)
    announce(kind, kind, context, url=url, case=f"train-day:{day}", dedupe_key=key)


def _listed(lines: Iterable[str]) -> str:
    return "; ".join(lines) or "nothing"
