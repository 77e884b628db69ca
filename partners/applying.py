"""The applicant's verbs: write, send, amend and withdraw a request for access, and try again (S1 to S7)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.recording import record
from leases.doorbell import ring
from leases.transitions import StaleState, move
from partners import emails, rules
from partners.clock import due_after
from partners.models import (
    ANSWERS,
    Acceptance,
    AccessRequest,
    AgreementVersion,
    Intake,
    Policy,
    domain_key,
    name_key,
)
from partners.promises import FRESH, told
from partners.queries import open_request
from partners.states import MOVES, RETRIABLE, TYPING, RequestState
from runtime.company_address import assess

CHECK_MAIL = "partners.tasks.check_mail_servers"
# Without these nobody can be vetted; the other answers only speed it up (S2).
NEEDED = ("company_name", "company_website")


class StaleRevision(Exception):
    """The answers were changed elsewhere since they were read. `row` is the request as it is now."""

    def __init__(self, row: AccessRequest) -> None:
        self.row = row
        super().__init__("The answers were changed elsewhere in the meantime.")


def locked(access_request: AccessRequest) -> AccessRequest:
    """The request as it is now, held until the end of the transaction."""
    return AccessRequest.objects.select_for_update().get(pk=access_request.pk)


@transaction.atomic
def start(actor: User, answers: Mapping[str, str] | None = None) -> AccessRequest:
    """A new draft, or the open request there already is: two tabs make one draft."""
    try:
        with transaction.atomic():
            access_request = AccessRequest.objects.create(applicant=actor, **_with_keys(answers or {}))
    except IntegrityError:
        found = open_request(actor)
        if found is None:
            raise
        return found
    record(actor, "access.started", access_request, chain=access_request.chain)
    return access_request


@transaction.atomic
def save_answers(access_request: AccessRequest, actor: User, answers: Mapping[str, str], revision: int) -> None:
    """Keep what is typed so far; nothing has to be complete.

    Raises StaleRevision when `revision` is not the one that is stored, and StaleState when the request
    is no longer being written.
    """
    if not rules.can_save_answers(actor, access_request):
        _refuse(access_request, actor)
    _write_answers(access_request, answers, revision, states=TYPING)


@transaction.atomic
def submit(access_request: AccessRequest, actor: User, agreed: Iterable[AgreementVersion] = ()) -> None:
    """Send the request, or the answer to what was asked. While intake is closed it joins the waitlist (S7).

    `agreed` are the documents accepted now (S4). Raises ValidationError when something needed is missing.
    """
    if not rules.can_amend(actor, access_request):
        raise PermissionDenied
    _check_needed(access_request)
    _accept(access_request, actor, agreed)
    is_new = access_request.state == RequestState.DRAFT
    verb = "join_waitlist" if is_new and not Intake.current().accepting else "submit"
    _send(access_request, actor, verb)


@transaction.atomic
def amend(access_request: AccessRequest, actor: User, answers: Mapping[str, str], revision: int) -> None:
    """Correct a request that has been sent; it keeps its place and its due date. A second click changes nothing."""
    if not rules.can_amend(actor, access_request):
        _refuse(access_request, actor)
    if not _write_answers(access_request, answers, revision, states=[access_request.state]):
        return
    _check_needed(access_request)
    _assess(access_request, actor)
    record(actor, "access.amended", access_request, chain=access_request.chain, revision=access_request.revision)


@transaction.atomic
def withdraw(access_request: AccessRequest, actor: User) -> None:
    """Take the request back. What has not been mailed yet about it is not mailed any more."""
    if not rules.can_withdraw(actor, access_request):
        _refuse(access_request, actor)
    from_, to = MOVES["withdraw"]
    move(access_request, "state", from_=from_, to=to, decided_at=timezone.now(), due_at=None, former_state="")
    record(actor, "access.withdraw", access_request, chain=access_request.chain)
    emails.drop_unsent(access_request)


@transaction.atomic
def apply_again(access_request: AccessRequest, actor: User) -> AccessRequest:
    """A new draft: with the old answers after a decline or a withdrawal, empty after leaving the company."""
    found = open_request(actor)
    if found is not None:
        return found
    if not rules.can_apply_again(actor, access_request):
        raise PermissionDenied
    is_retry = access_request.state in RETRIABLE
    return start(actor, access_request.answers if is_retry else None)


def _refuse(access_request: AccessRequest, actor: User) -> None:
    """A stranger may not; the applicant was merely too late."""
    if not rules.is_applicant(actor, access_request):
        raise PermissionDenied
    raise StaleState(access_request, "state")


def _with_keys(answers: Mapping[str, str]) -> dict[str, str]:
    """The known answers, with what is derived from them."""
    known: dict[str, str] = {field: answers[field] for field in ANSWERS if field in answers}
    if "company_name" in known:
        known["name_key"] = name_key(known["company_name"])
    if "company_website" in known:
        known["domain"] = domain_key(known["company_website"])
    return known


def _write_answers(
    access_request: AccessRequest, answers: Mapping[str, str], revision: int, *, states: Iterable[str]
) -> bool:
    """Write the answers; False when a second click found them there already. Raises StaleRevision, StaleState."""
    values: dict[str, Any] = _with_keys(answers) | {"updated_at": timezone.now()}
    mine = AccessRequest.objects.filter(pk=access_request.pk, revision=revision, state__in=list(states))
    written = mine.update(revision=F("revision") + 1, **values)
    access_request.refresh_from_db()
    if not written and not _is_repeat(access_request, answers):
        is_stale = access_request.revision != revision
        raise StaleRevision(access_request) if is_stale else StaleState(access_request, "state")
    return bool(written)


def _is_repeat(access_request: AccessRequest, answers: Mapping[str, str]) -> bool:
    """A second click on the same button: what it would write is already there."""
    return all(getattr(access_request, field) == value for field, value in _with_keys(answers).items())


def _check_needed(access_request: AccessRequest) -> None:
    missing = {field: "This answer is needed." for field in NEEDED if not getattr(access_request, field).strip()}
    if missing:
        raise ValidationError(missing)


def _accept(access_request: AccessRequest, actor: User, agreed: Iterable[AgreementVersion]) -> None:
    """Record who accepted which version when, and insist on both documents in force (S4)."""
    in_force = AgreementVersion.objects.in_force()
    already = set(access_request.acceptances.values_list("agreement_id", flat=True))
    for agreement in {agreement.pk: agreement for agreement in agreed}.values():
        if agreement.pk not in already:
            Acceptance.objects.create(user=actor, request=access_request, agreement=agreement)
            already.add(agreement.pk)
    missing = [str(agreement) for agreement in in_force if agreement.pk not in already]
    if missing:
        raise ValidationError(f"Please read and accept: {', '.join(missing)}.", code="agreements")


def _send(access_request: AccessRequest, actor: User, verb: str) -> None:
    from_, to = MOVES[verb]
    now = timezone.now()
    due_at = due_after(Policy.current().access_days, now) if verb == "submit" else None
    move(
        access_request, "state", from_=from_, to=to, submitted_at=now, due_at=due_at,
        decided_at=None, decided_by=None, message="", former_state="", **FRESH,
    )  # fmt: skip
    access_request.refresh_from_db()
    _assess(access_request, actor)
    record(actor, f"access.{verb}", access_request, chain=access_request.chain, to=to, **told(due_at))
    emails.tell_held(access_request)
    if verb == "submit":
        emails.access_received(access_request)
    else:
        emails.access_waitlisted(access_request, by_reviewer=False)


def _assess(access_request: AccessRequest, applicant: User) -> None:
    """What the address says about the company (S2); whether it takes mail is asked by a task."""
    found = assess(applicant.email, access_request.company_website)
    signals = [{"kind": signal.kind, "level": signal.level, "text": signal.text} for signal in found]
    AccessRequest.objects.filter(pk=access_request.pk).update(signals=signals, mail_checked_at=None)
    access_request.signals, access_request.mail_checked_at = signals, None
    ring(CHECK_MAIL)
