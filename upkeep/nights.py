"""The nightly check: every listed App is looked at once a night, and only then it is decided what follows.

A look is claimed by its row, so that any number of workers share a night; one that dies leaves a doubt, which never
counts as failed. Decisions wait until the whole night is in, because a night in which most Apps are silent is a fault
of ours, and of no App.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from apps_catalog.states import LISTED
from audit.recording import record
from leases.doorbell import ring
from partners.clock import in_office_zone
from reviews.refusals import Refused
from upkeep import emails
from upkeep.builds import failed_for_many
from upkeep.looking import Look, Seen, look_at_app, look_outside
from upkeep.models import NightlyCheck, Risk
from upkeep.risks import close_left, judge
from upkeep.rules import can_maintain
from upkeep.states import Found, RiskState

log = structlog.get_logger(__name__)
TASK = "upkeep.tasks.check_night"
# At the office, when it is quiet there and in much of the world.
FROM_HOUR = 2
# How long one call works, and after what time a look that has not ended is given up.
WORK_SECONDS = 60.0
GIVEN_UP = timedelta(minutes=10)
# From so many Apps on, a night in which more than half of them are silent says nothing about any of them.
ENOUGH_APPS = 3
OUR_FAULT = "Most Apps did not answer in this night, so the fault was on our side. It does not count."
DIED = "The check did not come to an end. It does not count."
# Between two looks that somebody asks for.
PAUSE = timedelta(minutes=5)
KEPT = timedelta(days=90)


def night_of(now: datetime) -> date | None:
    """The night that is checked at `now`: the office's day from FROM_HOUR on; None before."""
    local = in_office_zone(now)
    return local.date() if local.hour >= FROM_HOUR else None


def checked_apps() -> QuerySet[App]:
    """Who is looked at: whatever is listed, but not what was imported for the house company."""
    rows = App.objects.filter(stage__in=LISTED, deleted_at__isnull=True, company__is_house=False)
    return rows.filter(live_version__isnull=False).select_related("company", "live_version").order_by("pk")


def work(now: datetime | None = None, look: Look = look_outside, seconds: float = WORK_SECONDS) -> int:
    """Look at Apps of the night that nobody has looked at, for `seconds`; with the last one, decide. How many looks."""
    now = now or timezone.now()
    night, done, until = night_of(now), 0, monotonic() + seconds
    if night is None:
        return 0
    while monotonic() < until and (app := _waiting(night).first()) is not None:
        done += _look(app, night, now, look)
    if not _waiting(night).exists():
        decide(night, now)
    return done


def _waiting(night: date) -> QuerySet[App]:
    return checked_apps().filter(~Exists(NightlyCheck.objects.filter(app=OuterRef("pk"), night=night)))


def _look(app: App, night: date, now: datetime, look: Look) -> bool:
    """False when another worker has it."""
    made = {"found": Found.UNSURE, "problems": [DIED], "at": now}
    check, is_mine = NightlyCheck.objects.get_or_create(app=app, night=night, defaults=made)
    if is_mine:
        keep(check, look_at_app(app, night, now, look), now)
    return is_mine


def keep(check: NightlyCheck, seen: Seen, now: datetime) -> None:
    """Write down what was seen."""
    check.found, check.problems, check.is_silent, check.looked_at = seen.found, seen.problems, seen.is_silent, now
    check.save(update_fields=["found", "problems", "is_silent", "looked_at"])
    log.info("app_checked", app=check.app_id, found=str(seen.found), problems=len(seen.problems))


def decide(night: date, now: datetime) -> int:
    """Act on every look up to `night` that was not acted on, unless one is still under way; how many counted."""
    rows = NightlyCheck.objects.filter(judged_at__isnull=True, night__lte=night)
    if rows.filter(looked_at__isnull=True, at__gt=now - GIVEN_UP).exists():
        return 0
    if not rows.exists():
        return 0
    _take_blame(night)
    _tell_of_branches()
    close_left(now)
    return sum(judge(check, now) for check in rows.order_by("night", "pk"))


def _take_blame(night: date) -> None:
    """Our own network was down when most Apps were silent."""
    looked = NightlyCheck.objects.filter(night=night, looked_at__isnull=False)
    silent = looked.filter(is_silent=True)
    all_of_them, silent_ones = looked.count(), silent.count()
    if silent_ones >= ENOUGH_APPS and silent_ones * 2 > all_of_them:
        silent.filter(judged_at__isnull=True).update(found=Found.UNSURE, problems=[OUR_FAULT])
        log.error("nightly_check_silent", night=str(night), silent=silent_ones, apps=all_of_them)


def _tell_of_branches() -> None:
    """A failed branch that several Apps share counts against none: the team has to look whose it is."""
    for repository, apps in failed_for_many():
        log.error("shared_branch_failed", repository=repository.pk, sha=repository.branch_sha, apps=apps)
        emails.shared_branch_failed(repository, apps)


# --- Looks that somebody asks for ----------------------------------------------------------------


@transaction.atomic
def look_again(actor: User, app: App, now: datetime | None = None) -> None:
    """Have an App at risk looked at anew within a minute, as tonight's check.

    Raises PermissionDenied, and Refused when there is no risk, or when it was looked at a moment ago.
    """
    if not can_maintain(actor, app):
        raise PermissionDenied
    now = now or timezone.now()
    night = night_of(now)
    App.objects.select_for_update().get(pk=app.pk)
    if not Risk.objects.filter(app=app, state=RiskState.OPEN).exists():
        raise Refused("The App is not at risk: the nightly check is all it needs.")
    if night is None:
        raise Refused("The nightly check begins within two hours. It looks by itself.")
    if NightlyCheck.objects.filter(app=app, night=night, at__gt=now - PAUSE).exists():
        raise Refused("It was looked at a few minutes ago. Try again in five minutes.")
    NightlyCheck.objects.filter(app=app, night=night).delete()
    record(actor, "app.look_asked", app, chain=app.chain)
    ring(TASK)


@dataclass(frozen=True, slots=True)
class Looked:
    """One App of a run by hand. `error`: why it could not be looked at."""

    app: App
    seen: Seen | None
    error: str = ""


def run(apps: Sequence[App], now: datetime, *, dry_run: bool, look: Look = look_outside) -> list[Looked]:
    """Look at these Apps at once, whether or not it was done in this night, and decide; a dry run writes nothing."""
    night = night_of(now) or in_office_zone(now).date()
    looked = [_try(app, night, now, look) for app in apps]
    if dry_run:
        return looked
    for one in looked:
        if one.seen is not None:
            _replace(one.app, night, one.seen, now)
    decide(night, now)
    return looked


def _try(app: App, night: date, now: datetime, look: Look) -> Looked:
    """One App that cannot be looked at must not keep the others from it."""
    try:
        return Looked(app, look_at_app(app, night, now, look))
    except Exception as error:
        log.exception("nightly_check_failed", app=app.pk)
        return Looked(app, None, type(error).__name__)


@transaction.atomic
def _replace(app: App, night: date, seen: Seen, now: datetime) -> None:
    fresh = {"at": now, "judged_at": None, "looked_at": None}
    check, _ = NightlyCheck.objects.update_or_create(app=app, night=night, defaults=fresh)
    keep(check, seen, now)


def purge(now: datetime) -> int:
    """Nights of long ago."""
    return NightlyCheck.objects.filter(night__lt=(now - KEPT).date()).delete()[0]
