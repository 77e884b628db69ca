"""An App that fails its nightly checks: at risk, mended, given more time, or taken out of the catalog (S37).

`judge` is what a night's check leads to; `clear` and `extend` are what staff decide. The App's row is locked first
by each of them, so that two never act on one risk at once.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import structlog
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from apps_catalog.publishing import mark_at_risk, mark_proven
from audit.recording import SYSTEM, System, record
from leases.transitions import move
from partners.clock import office_zone
from reviews.launches import delist
from reviews.release_dates import office_day
from reviews.thresholds import policy_for
from upkeep import emails
from upkeep.models import NightlyCheck, Risk
from upkeep.rules import can_pardon
from upkeep.states import RISK_MOVES, Found, RiskState

log = structlog.get_logger(__name__)
# Nobody is given more time than this at once.
MOST_DAYS = 60
REASON_LIMIT = 1_000
WORKS_AGAIN = "A nightly check passed: everything answers again."
NOT_LISTED = "The App is no longer in the catalog."


@transaction.atomic
def judge(check: NightlyCheck, now: datetime) -> bool:
    """Act on one night's check, once: False when that was done, or when the App has left the catalog since."""
    app = App.objects.select_for_update(of=("self",)).select_related("company", "live_version").get(pk=check.app_id)
    if not NightlyCheck.objects.filter(pk=check.pk, judged_at__isnull=True).update(judged_at=now):
        return False
    if not app.is_listed or app.deleted_at is not None:
        return False
    risk = _open_of(app)
    if check.found == Found.PASSED:
        mark_proven(app, check.looked_at or now)
        if risk is not None:
            _end(risk, "clear", SYSTEM, now, why=WORKS_AGAIN)
    elif risk is not None:
        _go_on(risk, check, now)
    elif check.found == Found.FAILED:
        _open_if_enough(app, check, now)
    return True


def failed_in_a_row(app: App, night: date) -> int:
    """How many nights up to `night` it failed, one after the other; those that left a doubt are passed over.

    Counted anew after each risk, however that ended.
    """
    rows = NightlyCheck.objects.filter(app=app, night__lte=night).exclude(found=Found.UNSURE)
    last = Risk.objects.filter(app=app, ended_at__isnull=False).order_by("-ended_at").first()
    if last and last.ended_at:
        rows = rows.filter(night__gt=office_day(last.ended_at))
    return _leading_failures(rows.order_by("-night").values_list("found", flat=True)[:100])


def _leading_failures(found: Iterable[str]) -> int:
    count = 0
    for one in found:
        if one != Found.FAILED:
            break
        count += 1
    return count


def _open_of(app: App) -> Risk | None:
    risk = Risk.objects.filter(app=app, state=RiskState.OPEN).first()
    if risk is not None:
        risk.app = app
    return risk


def _open_if_enough(app: App, check: NightlyCheck, now: datetime) -> None:
    policy = policy_for(app)
    if failed_in_a_row(app, check.night) < policy.risk_nights:
        return
    until = now + timedelta(days=policy.risk_days)
    risk = Risk.objects.create(app=app, problems=check.problems, since=now, grace_until=until)
    mark_at_risk(app, now)
    _record(SYSTEM, "app.at_risk", risk, until=until.isoformat())
    emails.at_risk(risk)


def _go_on(risk: Risk, check: NightlyCheck, now: datetime) -> None:
    """Another night without a pass. Only one that surely failed takes an App out of the catalog."""
    mark_at_risk(risk.app, risk.since)  # its entry may have been written anew
    if check.found == Found.FAILED:
        risk.problems = check.problems
        risk.save(update_fields=["problems"])
        if office_day(now) >= office_day(risk.grace_until):
            _delist(risk, now)
            return
    if risk.reminded_at is None and now >= half_way(risk):
        Risk.objects.filter(pk=risk.pk).update(reminded_at=now)
        emails.reminder(risk)


def half_way(risk: Risk) -> datetime:
    """When its makers are reminded."""
    return risk.since + (risk.grace_until - risk.since) / 2


def _delist(risk: Risk, now: datetime) -> None:
    delist(risk.app, SYSTEM)
    _end(risk, "delist", SYSTEM, now)


def _end(risk: Risk, verb: str, actor: User | System, now: datetime, why: str = "", **data: str) -> None:
    from_, to = RISK_MOVES[verb]
    move(risk, "state", from_=from_, to=to, ended_at=now)
    mark_at_risk(risk.app, None)
    if verb == "delist":
        _record(actor, "app.delisted_for_risk", risk)
        emails.delisted(risk)
        return
    _record(actor, "app.risk_cleared", risk, **data)
    if risk.app.is_listed:
        emails.cleared(risk, why)


def close_left(now: datetime) -> int:
    """End the risks of Apps that left the catalog by another way; how many."""
    left = Risk.objects.filter(state=RiskState.OPEN).select_related("app").order_by("pk")
    gone = [risk for risk in left if not risk.app.is_listed or risk.app.deleted_at is not None]
    for risk in gone:
        with transaction.atomic():
            App.objects.select_for_update().get(pk=risk.app_id)
            risk.refresh_from_db(fields=["state"])
            if risk.state == RiskState.OPEN:
                _end(risk, "clear", SYSTEM, now, why=NOT_LISTED)
    return len(gone)


# --- What staff decide ---------------------------------------------------------------------------


@transaction.atomic
def clear(actor: User, risk: Risk, reason: str) -> None:
    """No longer at risk, though no check has passed yet; counting begins anew.

    Raises PermissionDenied, ValidationError without a reason, StaleState when it ended meanwhile.
    """
    _require(actor, risk, reason)
    _lock(risk)
    _end(risk, "clear", actor, timezone.now(), why=reason.strip(), reason=reason.strip())


@transaction.atomic
def extend(actor: User, risk: Risk, until: date, reason: str) -> bool:
    """Give its makers until the end of the office's day `until`; False when that is what they have already.

    Raises PermissionDenied, ValidationError without a reason and for a day that cannot be given, StaleState.
    """
    _require(actor, risk, reason)
    now = timezone.now()
    first, last = office_day(now) + timedelta(days=1), office_day(now) + timedelta(days=MOST_DAYS)
    if not first <= until <= last:
        raise ValidationError({"until": f"Pick a day from {first:%-d %B} to {last:%-d %B %Y}."})
    _lock(risk)
    moment = datetime.combine(until, time(23, 59), office_zone())
    if risk.state == RiskState.OPEN and risk.grace_until == moment:
        return False
    move(risk, "state", from_={RiskState.OPEN}, to=RiskState.OPEN, grace_until=moment)
    if half_way(risk) > now:
        Risk.objects.filter(pk=risk.pk).update(reminded_at=None)
    _record(actor, "app.risk_extended", risk, until=moment.isoformat(), reason=reason.strip())
    emails.extended(risk, reason.strip())
    return True


@transaction.atomic
def count_as_failed(actor: User, check: NightlyCheck, reason: str) -> None:
    """A night in doubt was the App's own fault, as a reviewer found: it counts like any that failed.

    Only the App's newest night, and only until it was counted. Raises PermissionDenied, ValidationError.
    """
    why = reason.strip()[:REASON_LIMIT]
    if not can_pardon(actor, check.app):
        raise PermissionDenied("Reviewers judge a night, and never for an App of their own company.")
    if not why:
        raise ValidationError("Say why: it is kept in the record, and its makers read it.")
    App.objects.select_for_update().get(pk=check.app_id)
    newest = NightlyCheck.objects.filter(app=check.app_id).order_by("-night").first()
    if newest != check or newest.found != Found.UNSURE or newest.looked_at is None:
        raise ValidationError("Only an App’s newest night counts as failed, and only while it is in doubt.")
    newest.found, newest.judged_at = Found.FAILED, None
    newest.problems = [f"Segment’s team looked: {why}", *newest.problems]
    newest.save(update_fields=["found", "judged_at", "problems"])
    record(actor, "app.night_failed", check.app, chain=check.app.chain, night=str(check.night), reason=why)
    judge(newest, timezone.now())


def _require(actor: User, risk: Risk, reason: str) -> None:
    if not can_pardon(actor, risk.app):
        raise PermissionDenied("Reviewers decide about a risk, and never for an App of their own company.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why: it is kept in the record, and its makers read it."})


def _lock(risk: Risk) -> None:
    risk.app = App.objects.select_for_update(of=("self",)).select_related("company").get(pk=risk.app_id)
    risk.refresh_from_db(fields=["state", "grace_until", "since", "reminded_at", "problems"])


def _record(actor: User | System, action: str, risk: Risk, **data: str) -> None:
    record(actor, action, risk.app, chain=risk.app.chain, risk=risk.pk, **data)
    log.info(action.replace(".", "_"), app=risk.app_id, risk=risk.pk)
