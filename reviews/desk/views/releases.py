"""The page of one App that asks to go public (S33, S34): what is known, release, undo."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.visitor import person
from installs import proof
from leases.transitions import StaleState
from partners import claims
from reviews import emails, releases
from reviews.decisions import who_was_first
from reviews.delivered import Delivered
from reviews.desk.claiming import claim_context
from reviews.desk.pages import desk_page, see, show
from reviews.desk.records import history_of
from reviews.models import Release, Verification
from reviews.refusals import Refused
from reviews.rules import can_review, is_member
from reviews.states import SubmissionState
from reviews.thresholds import configured_customers, counting_verifications, missing_for_public, terms_of

SHOWN = 50


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def review_release(request: HttpRequest, pk: int) -> HttpResponse:
    release = load(pk)
    if request.method != "POST":
        return page(request, release)
    if not can_review(person(request), release.app):
        raise PermissionDenied("Reviewers release, and never an App of their own company.")
    if release.released_at is None:  # as with a submission: whoever begins on a free one has it
        claims.touch(release, person(request))
    act = request.POST.get("act", "")
    if act not in ACTS:
        return page(request, release, status=422, refused="Choose one of the buttons at the bottom of the page.")
    return ACTS[act](request, release)


@reauthentication_required
def _release(request: HttpRequest, asked: Release) -> HttpResponse:
    """Behind a fresh log-in, like an approval (T23)."""
    when = "comes into the catalog on the day of its launch" if _waits_for_day(asked) else "is in the catalog"
    done = f"Released: the App {when}. The partner is told when the undo interval is over."
    return _carry_out(request, asked, lambda: releases.release(asked, person(request)), done)


def _waits_for_day(asked: Release) -> bool:
    """Whether the partner picked a day that is still to come."""
    return asked.launch_at is not None and asked.launch_at > timezone.now()


def _undo(request: HttpRequest, asked: Release) -> HttpResponse:
    done = "The release is undone: the App is in private beta again, and nobody was told."
    return _carry_out(request, asked, lambda: releases.undo_release(asked, person(request)), done)


def _carry_out(request: HttpRequest, asked: Release, verb: Callable[[], None], done: str) -> HttpResponse:
    try:
        with transaction.atomic():
            verb()
    except StaleState:
        return _second(request, asked)
    except claims.Claimed as held:
        return page(request, load(asked.pk), status=409, too_late=str(held))
    except Refused as refusal:
        return page(request, load(asked.pk), status=422, refused=str(refusal))
    messages.success(request, done)
    return see(reverse("review-release", args=[asked.pk]))


def _second(request: HttpRequest, asked: Release) -> HttpResponse:
    """Somebody was first; one's own second click is no error."""
    now = load(asked.pk)
    if now.released_by_id in (None, person(request).pk):
        messages.info(request, f"It is {'released' if now.released_at else 'waiting'} already; nothing happened twice.")
        return see(reverse("review-release", args=[asked.pk]))
    return page(request, now, status=409, too_late=who_was_first(StaleState(now, "released_at")))


ACTS = {"release": _release, "undo": _undo}


def load(pk: int) -> Release:
    rows = Release.objects.filter(app__deleted_at__isnull=True)
    rows = rows.select_related("app__company", "app__live_version", "requested_by", "released_by", "claimed_by")
    return get_object_or_404(rows, pk=pk)


def page(
    request: HttpRequest, asked: Release, *,
    status: int = 200, refused: str = "", too_late: str = "", claim_error: str = "",
) -> HttpResponse:  # fmt: skip
    context = _context(request, asked, claim_error) | {"refused": refused, "too_late": too_late}
    return show(request, "release.html", context, status=status)


def _context(request: HttpRequest, asked: Release, claim_error: str) -> dict[str, Any]:
    app, actor = asked.app, person(request)
    may_judge = can_review(actor, app)
    policy, numbers = terms_of(app)
    undo_until = asked.released_at + emails.undo_interval() if asked.released_at else None
    approvals = app.submissions.filter(state=SubmissionState.APPROVED).select_related("version", "decided_by")
    return {
        "title": app.name,
        "release": asked,
        "shown_app": app,
        "policy": policy,
        "numbers": numbers,
        "configured": configured_customers(app) if numbers.configured else 0,
        "oauth": proof.evidence(app),
        "missing": missing_for_public(app, policy, numbers),
        "customers": _customers(asked),
        "approval": approvals.defer("evidence", "version__manifest").order_by("-decided_at").first(),
        "may_judge": may_judge,
        "is_member": is_member(actor, app),
        "undo_until": undo_until,
        "can_undo": undo_until is not None and timezone.now() < undo_until,
        "waits_for_day": _waits_for_day(asked),
        "is_overdue": asked.released_at is None and asked.due_at < timezone.now(),
        "history": history_of(app),
        **claim_context(
            asked, actor, route="review-release-claim", may_claim=may_judge and asked.released_at is None,
            error=claim_error, reason=request.POST.get("claim_reason", ""),
        ),
    }  # fmt: skip


def _customers(asked: Release) -> list[dict[str, Any]]:
    """Who confirmed, from where, and whether it counts today (S33)."""
    said = Verification.objects.filter(app=asked.app_id).select_related("user", "version", "invite")
    counting = set(counting_verifications(asked.app).values_list("pk", flat=True)[:SHOWN])
    return [_customer(one, counts=one.pk in counting) for one in said.defer("version__manifest")[:SHOWN]]


def _customer(said: Verification, *, counts: bool) -> dict[str, Any]:
    domain = said.user.email.rpartition("@")[2] if said.user else ""
    how = "a personal invitation" if said.invite_id else "the special URL"
    return {
        "said": said, "domain": domain, "how": how, "counts": counts,
        "delivered": Delivered.from_json(said.evidence).in_words,
    }  # fmt: skip
