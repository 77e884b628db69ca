"""The reviewer's verbs on an access request: judge the four criteria, and decide (S5 to S7).

Each decision holds the row, makes sure that the reviewer saw what is stored now, moves the state by
compare-and-set, records it and queues its mail, all in one transaction. Of two reviewers one wins; the
other gets StaleState with the row as it is.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from audit.recording import System, record
from leases.transitions import StaleState, move
from partners import claims, emails, rules
from partners.applying import StaleRevision, locked
from partners.clock import due_after
from partners.membership import held
from partners.models import AccessRequest, Company, CriterionVerdict, Membership, Policy
from partners.promises import FRESH, told
from partners.states import MOVES, UNDOABLE, Criterion, CriterionOutcome, RequestState, Role

SLUG_TRIES = 50
# Where verdicts may still change.
JUDGED_IN = frozenset({RequestState.SUBMITTED, RequestState.MORE_ASKED, RequestState.WAITLISTED})


class StaleVerdicts(Exception):
    """Another reviewer saved verdicts since these were read."""


@transaction.atomic
def judge(access_request: AccessRequest, actor: User, verdicts: Mapping[str, tuple[str, str]], revision: int) -> None:
    """Save what was found: criterion → (outcome, evidence). `revision` is the `judged_revision` that was read.

    Raises StaleVerdicts, StaleState when it is no longer being judged, and ValidationError when an
    outcome comes without evidence. Nothing happens when nothing changed.
    """
    if not rules.can_review_access(actor, access_request):
        raise PermissionDenied
    known = {v.criterion: (v.outcome, v.evidence) for v in access_request.verdicts.all()}
    changed = {criterion: found for criterion, found in verdicts.items() if known.get(criterion) != found}
    if not changed:
        return
    _check_evidence(changed)
    mine = AccessRequest.objects.filter(pk=access_request.pk, judged_revision=revision, state__in=JUDGED_IN)
    if not mine.update(judged_revision=F("judged_revision") + 1):
        access_request.refresh_from_db()
        raise StaleVerdicts if access_request.state in JUDGED_IN else StaleState(access_request, "state")
    for criterion, (outcome, evidence) in changed.items():
        CriterionVerdict.objects.update_or_create(
            request=access_request,
            criterion=criterion,
            defaults={"outcome": outcome, "evidence": evidence, "by": actor},
        )
    access_request.judged_revision = revision + 1
    outcomes = {criterion: outcome for criterion, (outcome, _) in changed.items()}
    record(actor, "access.judged", access_request, chain=access_request.chain, outcomes=outcomes)


@transaction.atomic
def approve(access_request: AccessRequest, actor: User) -> Company:
    """Make the company, with the applicant as its owner, and send the Welcome mail (S8).

    Raises ValidationError while one of the four criteria is not met (S6).
    """
    applicant = _hold(access_request, actor)
    if open_criteria := criteria_not_met(access_request):
        names = "; ".join(str(Criterion(criterion).label) for criterion in open_criteria)
        raise ValidationError(f"Approval needs all four criteria met. Not yet: {names}.", code="criteria")
    company = _make_company(access_request)
    Membership.objects.create(company=company, user=applicant, role=Role.OWNER)
    _decide(access_request, actor, "approve", company=company)
    emails.access_approved(access_request)
    return company


@transaction.atomic
def decline(access_request: AccessRequest, actor: User, reason: str) -> None:
    """Say no; the applicant reads `reason` and may apply again."""
    _hold(access_request, actor)
    _decide(access_request, actor, "decline", message=_needs_text(reason, "Write the reason: the applicant reads it."))
    emails.access_declined(access_request)


@transaction.atomic
def ask_more(access_request: AccessRequest, actor: User, question: str) -> None:
    """Ask the applicant; the clock stops until they answer by amending."""
    _hold(access_request, actor)
    text = _needs_text(question, "Write what you need to know: the applicant reads it.")
    _decide(access_request, actor, "ask_more", message=text, due_at=None)
    emails.access_more_asked(access_request)


@transaction.atomic
def waitlist(access_request: AccessRequest, actor: User) -> None:
    _hold(access_request, actor)
    _decide(access_request, actor, "waitlist", due_at=None)
    emails.access_waitlisted(access_request, by_reviewer=True)


@transaction.atomic
def admit(access_request: AccessRequest, actor: User | System) -> None:
    """Off the waitlist: the clock starts now (S7)."""
    _hold(access_request, actor)
    _decide(access_request, actor, "admit", due_at=due_after(Policy.current().access_days), **FRESH)
    emails.tell_held(access_request)
    emails.access_admitted(access_request)


def undo_until(access_request: AccessRequest) -> datetime | None:
    """The end of the undo interval, or None when there is nothing to take back (any more)."""
    if access_request.state not in UNDOABLE or not access_request.former_state or not access_request.decided_at:
        return None
    ends = access_request.decided_at + timedelta(seconds=settings.UNDO_SECONDS)
    return ends if timezone.now() < ends else None


@transaction.atomic
def undo(access_request: AccessRequest, actor: User) -> None:
    """Take the last decision back before its mail goes out (PRODUCT, Decisions and undo).

    Raises ValidationError when it is too late, when the company made by an approval is already in use, or
    when the applicant went on to a new request.
    """
    applicant = _hold(access_request, actor)
    if undo_until(access_request) is None:
        raise ValidationError("It is too late to undo this: the message has gone out.", code="too_late")
    undone, former, company = access_request.state, access_request.former_state, access_request.company
    decided_at = access_request.decided_at
    chain = access_request.chain
    due_at = _due_again(access_request) if former == RequestState.SUBMITTED else None
    try:
        with transaction.atomic():
            move(
                access_request, "state", from_=[undone], to=former, former_state="", message="",
                decided_at=None, decided_by=None, company=None, due_at=due_at,
            )  # fmt: skip
    except IntegrityError:  # one open request for each applicant
        raise ValidationError("The applicant has applied again, so the decision stays.", code="applied_again") from None
    if company is not None:
        _unmake_company(company, applicant)
    record(actor, "access.undo", access_request, chain=chain, from_=undone, to=former)
    if decided_at is not None:
        emails.drop_decision(access_request, decided_at)


def criteria_not_met(access_request: AccessRequest) -> list[str]:
    """The criteria that nobody has found met, in the order of S6."""
    met = set(access_request.verdicts.filter(outcome=CriterionOutcome.MET).values_list("criterion", flat=True))
    return [criterion for criterion in Criterion.values if criterion not in met]


def _hold(access_request: AccessRequest, actor: User | System) -> User:
    """Lock the row; refuse who may not decide, and whoever looked at something older. Returns the applicant."""
    if not rules.can_admit(actor, access_request):
        raise PermissionDenied
    now = locked(access_request)
    if now.state != access_request.state:
        raise StaleState(now, "state")
    if now.revision != access_request.revision:
        raise StaleRevision(now)
    if now.applicant is None:
        raise ValidationError("The applicant’s account is deleted, so there is nothing to decide.", code="gone")
    return now.applicant


def _decide(access_request: AccessRequest, actor: User | System, verb: str, **also: Any) -> None:
    from_, to = MOVES[verb]
    former = access_request.state
    decider = actor if isinstance(actor, User) else None
    values: dict[str, Any] = {"message": "", "decided_at": timezone.now(), "decided_by": decider} | also
    move(access_request, "state", from_=from_, to=to, former_state=former, **values)
    if decider:
        claims.take(access_request, decider)
    promised = told(values.get("due_at"))
    record(actor, f"access.{verb}", access_request, chain=access_request.chain, from_=former, to=to, **promised)


def _needs_text(text: str, advice: str) -> str:
    if not text.strip():
        raise ValidationError(advice, code="reason")
    return text.strip()


def _check_evidence(verdicts: Mapping[str, tuple[str, str]]) -> None:
    bare = {criterion: "Say what this verdict rests on." for criterion, (_, why) in verdicts.items() if not why.strip()}
    if bare:
        raise ValidationError(bare)


def _due_again(access_request: AccessRequest) -> datetime:
    """What was promised: by the policy in force when the request was sent."""
    if access_request.due_at is not None:  # approving and declining leave it
        return access_request.due_at
    sent_at = access_request.submitted_at or timezone.now()
    return due_after(Policy.in_force(sent_at).access_days, sent_at)


def _make_company(access_request: AccessRequest) -> Company:
    """A company under the first free slug: acme, acme-2, …"""
    base = slugify(access_request.company_name)[:70].strip("-") or "company"
    for number in range(1, SLUG_TRIES):
        slug = base if number == 1 else f"{base}-{number}"
        try:
            with transaction.atomic():
                return Company.objects.create(
                    name=access_request.company_name, slug=slug, website=access_request.company_website
                )
        except IntegrityError:
            continue
    raise ValidationError("There are too many companies of this name.", code="slug")


def _unmake_company(company: Company, founder: User) -> None:
    """Delete a company that has nothing but its founder. Raises ValidationError otherwise.

    The row is held before the look, so that nothing can be added to the company in between.
    """
    company = held(company)
    is_used = company.memberships.exclude(user=founder).exists() or any(
        getattr(company, relation.get_accessor_name() or "").exists()
        for relation in company._meta.related_objects
        if relation.one_to_many and relation.related_model is not Membership
    )
    if is_used:
        raise ValidationError("The company already uses its access, so the approval stays.", code="in_use")
    company.delete()
