"""Getting on and off the release train: what the decisions of a review and GitHub's merges do to a passenger."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App, AppVersion
from audit.recording import Machine, System, record
from leases.transitions import StaleState, move
from pulls.models import PullRequest
from runtime.release_train import NoTrain
from trains import emails
from trains.models import Passenger
from trains.states import PASSENGER_MOVES, PassengerState
from trains.timetable import Outlook, outlook

log = structlog.get_logger(__name__)
GITHUB = Machine("github")


@transaction.atomic
def board(app: App, version: AppVersion, pull: PullRequest, actor: User) -> Passenger:
    """An approved version gets on: `ready` when it is merged already. The caller holds the App's lock.

    What still travels of the App gives its seat up: customers get the newest approval only.
    """
    now = timezone.now()
    for before in Passenger.objects.travelling().filter(app=app).select_related("version"):
        _leave(before, actor, f"Version {version.number} was approved in its place.")
    passenger = Passenger.objects.create(
        app=app, version=version, pull=pull, head_sha=pull.head_sha, approved_at=now, approved_by=actor,
    )  # fmt: skip
    _record(actor, "train.approved", passenger)
    if pull.merged_at is not None:
        _make_ready(passenger, ready_since(passenger, pull.merged_at), actor)
    return passenger


@transaction.atomic
def take_off(app: App, version: AppVersion, actor: User | System, reason: str) -> bool:
    """The approval was taken back before the release; False when nothing of this version travels.

    The caller holds the App's lock. What was not told yet is not told any more; telling why is up to the caller.
    """
    travelling = Passenger.objects.travelling().filter(app=app, version=version)
    passenger = travelling.select_related("version").first()
    return passenger is not None and _leave(passenger, actor, reason)


@transaction.atomic
def merged(pull: PullRequest) -> bool:
    """The pull request was merged: its passenger is ready. Whether anything changed.

    Ready is the later of approval and merge, by GitHub's clock: a word that comes late costs nobody the train. What
    was merged is what was approved, or it is not ready: then the approval no longer holds. Nor is anybody whose App
    the pull request does not belong to any more.
    """
    if pull.merged_at is None:
        return False
    mine = Passenger.objects.travelling().filter(pull=pull, app=F("pull__app"))
    waiting = mine.filter(head_sha=pull.head_sha, ready_at__isnull=True)
    return sum(_merge(one, pull.merged_at) for one in waiting.select_related("app", "version")) > 0


def on_pull_changed(sender: object, pull: PullRequest, **kwargs: object) -> None:
    """Receives `pulls.signals.pull_changed`."""
    merged(pull)


def heal() -> int:
    """Make ready what was merged while its approval was being written: neither saw the other. How many."""
    missed = Passenger.objects.filter(
        state__in=[PassengerState.APPROVED, PassengerState.HELD], ready_at__isnull=True,
        pull__merged_at__isnull=False, pull__head_sha=F("head_sha"), pull__app=F("app"),
    )  # fmt: skip
    return sum(merged(passenger.pull) for passenger in missed.select_related("pull"))


def ready_since(passenger: Passenger, merged_at: datetime) -> datetime:
    return max(passenger.approved_at, merged_at)


def _merge(passenger: Passenger, merged_at: datetime) -> bool:
    if passenger.state == PassengerState.HELD:
        ready_at = ready_since(passenger, merged_at)
        held = Passenger.objects.filter(pk=passenger.pk, state=PassengerState.HELD, ready_at__isnull=True)
        return bool(held.update(ready_at=ready_at))
    try:
        _make_ready(passenger, ready_since(passenger, merged_at), GITHUB)
    except StaleState:
        return False
    return True


def _make_ready(passenger: Passenger, ready_at: datetime, actor: User | System) -> None:
    """On board, and told by which train it leaves."""
    from_, to = PASSENGER_MOVES["make_ready"]
    move(passenger, "state", from_=from_, to=to, ready_at=ready_at)
    _record(actor, "train.boarded", passenger)
    tell_train(passenger)


def tell_train(passenger: Passenger, trains: Outlook | None = None) -> bool:
    """Tell the makers which train takes it, if they were told another one or none; without one, the beat will.

    Whether there was something to tell.
    """
    try:
        boarding = (trains or outlook()).of(passenger)
    except NoTrain:
        return False
    day, told = boarding.train.day, passenger.told_day
    untold = Passenger.objects.filter(pk=passenger.pk, state=PassengerState.READY, told_day=told)
    if told == day or not untold.update(told_day=day):
        return False
    passenger.told_day = day
    (emails.changed if told else emails.boarded)(passenger, boarding)
    return True


def _leave(passenger: Passenger, actor: User | System, reason: str) -> bool:
    from_, to = PASSENGER_MOVES["take_off"]
    try:
        move(passenger, "state", from_=from_, to=to, reason=reason)
    except StaleState:
        return False
    emails.drop_unsent(passenger)
    _record(actor, "train.taken_off", passenger)
    return True


def _record(actor: User | System, action: str, passenger: Passenger) -> None:
    app = passenger.app
    data = {"passenger": passenger.pk, "version": passenger.version.number, "head": passenger.head_sha}
    record(actor, action, app, chain=app.chain, **data)
    log.info(action.replace(".", "_"), passenger=passenger.pk, app=app.pk)
