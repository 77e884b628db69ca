"""What leaves, and what is done about it: departure, emergency lane, rollback, holding back (S31).

Staff and the `release_train` command call these verbs. Each locks the App first, as every verb on an App does, moves
the passenger by compare-and-set and writes the audit record, in one transaction: of two who do the same at once one
gets StaleState, and a process that dies half-way leaves every passenger either out or on board.
"""

from datetime import date, datetime

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App
from apps_catalog.publishing import publish, unpublish
from apps_catalog.states import Stage
from audit.recording import System, record
from leases.transitions import StaleState, move
from runtime.release_train import WEEK, Train
from trains import emails
from trains.boarding import heal, ready_since, take_off, tell_train
from trains.carrying import with_changes
from trains.models import Departure, Passenger
from trains.obstacles import cannot_leave, is_over, stays
from trains.refusals import Refused
from trains.rules import can_handle, can_run_trains
from trains.signals import departed, rolled_back
from trains.states import PASSENGER_MOVES, Lane, PassengerState
from trains.timetable import freeze_of, in_time, outlook
from trains.words import day_in_words, moment_in_words

log = structlog.get_logger(__name__)
CHAIN = "trains"
TEXT_LIMIT = 5_000

# --- The train of a day ---------------------------------------------------------------------------


def depart(day: date, actor: User | System, now: datetime | None = None) -> Departure:
    """Let the train of a release day leave with everything that was ready by its cut-off.

    Each passenger is a transaction of its own: one that cannot leave stays and holds up nobody, and a second call
    takes what the first one did not get to. Raises Refused, saying when one can, PermissionDenied.
    """
    if not can_run_trains(actor):
        raise PermissionDenied("Reviewers let the release train leave.")
    now = now or timezone.now()
    train = check(day, now)
    heal()
    departure = _begin(train.day, actor, now)
    for pk in list(in_time(train).order_by("ready_at", "pk").values_list("pk", flat=True)):
        _try(pk, departure, train, actor, now)
    return departure


def check(day: date, now: datetime) -> Train:
    """The train of `day`, if it may leave now. Raises Refused otherwise, saying why."""
    table = outlook(now).table
    train, today = table.train(day), now.astimezone(table.zone).date()
    if day.weekday() != table.weekday:
        raise Refused(f"{day_in_words(day)} is no release day.")
    if reason := table.closed(day):
        raise Refused(f"No train leaves on {day_in_words(day)}: {reason}. The emergency lane is open.")
    if today < day or now <= train.cutoff:
        raise Refused(f"This train leaves on {day_in_words(day)}, after its cut-off, {moment_in_words(train.cutoff)}.")
    if today >= day + WEEK:
        raise Refused(f"The train of {day_in_words(day)} is past. What it left behind is on board of the next one.")
    if freeze := freeze_of(today):
        raise Refused(f"Nothing leaves today: {freeze.reason}. The emergency lane is open.")
    return train


@transaction.atomic
def _begin(day: date, actor: User | System, now: datetime) -> Departure:
    """The one departure of that day, whoever began it."""
    by = actor if isinstance(actor, User) else None
    departure, is_new = Departure.objects.get_or_create(
        day=day, lane=Lane.REGULAR, defaults={"left_at": now, "released_by": by}
    )
    if is_new:
        record(actor, "train.left", departure, chain=CHAIN, day=str(day))
        log.info("train_left", departure=departure.pk, day=str(day))
    return departure


def _try(pk: int, departure: Departure, train: Train, actor: User | System, now: datetime) -> None:
    try:
        _depart(pk, departure, train, actor, now)
    except (StaleState, Refused) as error:
        log.warning("passenger_stayed", passenger=pk, departure=departure.pk, error=str(error))
    except Exception:  # the others still have to leave; this one is shown as left behind
        log.exception("passenger_failed", passenger=pk, departure=departure.pk)


@transaction.atomic
def _depart(pk: int, departure: Departure, train: Train, actor: User | System, now: datetime) -> None:
    passenger = _locked(pk)
    if passenger.state != PassengerState.READY or passenger.ready_at is None or not train.takes(passenger.ready_at):
        return
    if is_over(passenger.app):
        take_off(passenger.app, passenger.version, actor, cannot_leave(passenger.app))
        return
    _release(passenger, departure, actor, now)


def _release(
    passenger: Passenger, departure: Departure, actor: User | System, now: datetime, **also: object
) -> None:  # fmt: skip
    """Out: the version is live. A first version opens the private beta, an update replaces the live one.

    Raises Refused when something stands against it. What GitHub says waits for the App's lock, so it stays so.
    """
    app = passenger.app
    if reason := stays(passenger):
        raise Refused(reason)
    from_, to = PASSENGER_MOVES["depart"]
    opens_beta = app.stage == Stage.IN_REVIEW
    move(
        passenger, "state", from_=from_, to=to, departure=departure, departed_at=now, lane=departure.lane,
        replaced_version=app.live_version, **also,
    )  # fmt: skip
    if opens_beta:
        move_stage(app, "open_private_beta", actor)
    version = with_changes(app, passenger.version, passenger.version.created_at, actor)
    publish(app, version, listed=app.is_listed, actor=actor)
    _record(actor, "train.released", passenger, departure=departure.pk, lane=departure.lane)
    departed.send(Passenger, passenger=passenger, actor=actor)
    emails.released(passenger, opens_beta=opens_beta)


@transaction.atomic
def see_off(passenger: Passenger, actor: User | System) -> bool:
    """Take one off whose App was deleted or deprecated meanwhile; False when it goes on."""
    current = _for(passenger, actor)
    app = current.app
    return is_over(app) and take_off(app, current.version, actor, cannot_leave(app))


# --- One App ----------------------------------------------------------------------------------------


@transaction.atomic
def emergency(passenger: Passenger, actor: User | System, reason: str) -> Departure:
    """Release one App at once, whatever day it is, with a reason that is kept (S31).

    It has to be approved and merged like any other. Raises Refused when it is not, StaleState when it left or was
    taken off meanwhile.
    """
    current, why = _begin_on(passenger, actor, reason)
    if current.state == PassengerState.APPROVED:
        raise Refused("Its pull request is not merged yet: there is nothing to release.")
    if current.state == PassengerState.HELD:
        raise Refused("It is held back. Lift the hold first.")
    now = timezone.now()
    departure = Departure.objects.create(
        day=outlook(now).today, lane=Lane.EMERGENCY, left_at=now, reason=why,
        released_by=actor if isinstance(actor, User) else None,
    )  # fmt: skip
    _record(actor, "train.emergency", current, departure=departure.pk, reason=why)
    _release(current, departure, actor, now, reason=why)
    return departure


@transaction.atomic
def roll_back(passenger: Passenger, actor: User | System, reason: str) -> None:
    """Put the version before live again; without one, the App is back in review and its special URL is closed.

    What the partner changed by themselves since the release stays. Raises Refused when a newer release is out or the
    App has gone on, StaleState when it was rolled back already.
    """
    current, why = _begin_on(passenger, actor, reason)
    app, former = current.app, current.replaced_version
    from_, to = PASSENGER_MOVES["roll_back"]
    if current.state in from_ and (refused := _cannot_roll_back(current)):
        raise Refused(refused)
    move(current, "state", from_=from_, to=to, reason=why)
    if former is not None and current.departed_at is not None:
        publish(app, with_changes(app, former, current.departed_at, actor), listed=app.is_listed, actor=actor)
    else:
        unpublish(app, actor=actor)
        move_stage(app, "reopen_review", actor, live_version=None)
    _record(actor, "train.rolled_back", current, former=former.number if former else None, reason=why)
    rolled_back.send(Passenger, passenger=current, actor=actor, reason=why)
    emails.rolled_back(current)


def _cannot_roll_back(passenger: Passenger) -> str:
    app = passenger.app
    out = Passenger.objects.filter(app=app, state=PassengerState.DEPARTED, departed_at__gt=passenger.departed_at)
    if out.exists():
        return "A newer release of this App is out: roll that one back first."
    if next_one := _next_of(passenger):
        return f"Version {next_one.version.number} of this App is on its way out. Hold it back first, then roll back."
    if app.deleted_at is not None or not app.is_live:
        return "The App is not live any more: there is nothing to roll back."
    if app.is_listed and passenger.replaced_version_id is None:
        return "No version came before this one, and the App is in the catalog. Correct it by the emergency lane."
    return ""


def _next_of(passenger: Passenger) -> Passenger | None:
    """What of the App would leave after it: built on what is rolled back. What is held back waits for a person."""
    rows = Passenger.objects.travelling().filter(app=passenger.app).exclude(state=PassengerState.HELD)
    return rows.select_related("version").first()


@transaction.atomic
def hold(passenger: Passenger, actor: User | System, reason: str) -> None:
    """Held back: no train takes it until the hold is lifted. Its makers read the reason."""
    current, why = _begin_on(passenger, actor, reason)
    from_, to = PASSENGER_MOVES["hold"]
    move(current, "state", from_=from_, to=to, reason=why, told_day=None)
    _record(actor, "train.held", current, reason=why)
    emails.held(current)


@transaction.atomic
def unhold(passenger: Passenger, actor: User | System) -> None:
    """Lift the hold: the next train takes it, if it is merged."""
    current = _for(passenger, actor)
    merged_at = current.pull.merged_at if current.pull.head_sha == current.head_sha else None
    ready_at = current.ready_at or (ready_since(current, merged_at) if merged_at else None)
    from_, to = PASSENGER_MOVES["unhold_ready" if ready_at else "unhold_approved"]
    move(current, "state", from_=from_, to=to, reason="", ready_at=ready_at)
    _record(actor, "train.unheld", current)
    if ready_at:
        tell_train(current)
    else:
        emails.unheld(current)


# --- Parts of the verbs -----------------------------------------------------------------------------


def _begin_on(passenger: Passenger, actor: User | System, reason: str) -> tuple[Passenger, str]:
    """The passenger under the App's lock, and the reason as it is kept."""
    current, why = _for(passenger, actor), reason.strip()[:TEXT_LIMIT]
    if not why:
        raise Refused("Give the reason: it is kept, and the makers of the App read it.")
    return current, why


def _for(passenger: Passenger, actor: User | System) -> Passenger:
    if not can_handle(actor, passenger.app):
        raise PermissionDenied("Reviewers run the release train, and never for an App of their own company.")
    return _locked(passenger.pk)


def _locked(pk: int) -> Passenger:
    """A passenger as it is now, its App locked until the transaction ends."""
    rows = App.objects.select_for_update(of=("self",)).select_related("company", "live_version")
    app = rows.get(passengers=pk)
    passenger = Passenger.objects.select_related("version", "pull__repository", "replaced_version").get(pk=pk)
    passenger.app = app
    return passenger


def _record(actor: User | System, action: str, passenger: Passenger, **data: object) -> None:
    app = passenger.app
    record(actor, action, app, chain=app.chain, passenger=passenger.pk, version=passenger.version.number, **data)
    log.info(action.replace(".", "_"), passenger=passenger.pk, app=app.pk, actor=str(getattr(actor, "pk", actor)))
