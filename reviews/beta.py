"""The private beta: who may open the special URL, whom the partner invites, and what customers say (S32, S33)."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.undo import can_be_undone
from apps_catalog.models import App
from audit.recording import record
from notifications.outbox import drop, is_queued_or_sent
from reviews import emails
from reviews.delivered import delivered_to
from reviews.models import BetaInvite, Problem, Verification
from reviews.refusals import Refused
from reviews.rules import can_run_beta, can_see_door, can_verify
from reviews.thresholds import policy_for
from reviews.trials import trials_of, what_is_missing, workable
from workspaces.models import Workspace

log = structlog.get_logger(__name__)
# 192 random bits (T21 asks for 128).
TOKEN_BYTES = 24
# An App sends at most this many invitations in 24 hours, and a person this many reports (T27).
INVITES_A_DAY = 25
PROBLEMS_A_DAY = 10
TEXT_LIMIT = 2_000


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- What the partner does -----------------------------------------------------------------------


@transaction.atomic
def invite(app: App, actor: User, email: str) -> BetaInvite:
    """Mail a personal link to a customer. While one is open for the same address, nothing is sent again.

    It works for the days that the policy gives it; one that expired makes room for it.
    Raises Refused outside a beta or over the day's budget, PermissionDenied. `email` is one clean address.
    """
    app = _locked(app, actor)
    address = email.strip().lower()
    found = app.beta_invites.filter(email=address, accepted_at__isnull=True, revoked_at__isnull=True).first()
    if found and found.is_open:
        return found
    _check_room(app)
    return _replace(found, actor) if found else _send(app, actor, address)


@transaction.atomic
def resend(invitation: BetaInvite, actor: User) -> BetaInvite:
    """Mail a new personal link; the old one stops working at once. Twice is once: the second answer is the same link.

    Raises Refused when it was accepted, outside a beta or over the day's budget, PermissionDenied.
    """
    app = _locked(invitation.app, actor)
    invitation.refresh_from_db()
    if invitation.replaced_by is not None:
        return invitation.replaced_by
    if invitation.accepted_at is not None:
        raise Refused("This invitation was accepted: the link has done its work.")
    if invitation.revoked_at is not None:
        made = invite(app, actor, invitation.email)
        BetaInvite.objects.filter(pk=invitation.pk).update(replaced_by=made)
        return made
    _check_room(app)
    return _replace(invitation, actor)


def send_dropped(app: App, actor: User) -> None:
    """Send anew the open invitations whose mail was dropped before it went out: the end of the App was undone."""
    for invitation in app.beta_invites.filter(accepted_at__isnull=True, revoked_at__isnull=True):
        if invitation.is_open and not is_queued_or_sent(emails.invitation_key(invitation)):
            _replace(invitation, actor)


def _check_room(app: App) -> None:
    if not app.is_live:
        raise Refused("Customers can be invited once the private beta is approved.")
    if app.beta_invites.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() >= INVITES_A_DAY:
        raise Refused(f"An App can send {INVITES_A_DAY} invitations a day. Go on tomorrow, or share the special URL.")


def _send(app: App, actor: User, address: str, action: str = "beta.invited") -> BetaInvite:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = timezone.now() + timedelta(days=policy_for(app).invite_days)
    made = BetaInvite.objects.create(
        app=app, email=address, token_hash=hash_of(token), created_by=actor, expires_at=expires_at
    )
    record(actor, action, app, chain=app.chain, invite=made.pk)
    emails.beta_invitation(made, token)
    return made


def _replace(former: BetaInvite, actor: User) -> BetaInvite:
    """A new link for the same address. The former one is closed first: an address has one open link at most."""
    rows = BetaInvite.objects.filter(pk=former.pk)
    rows.update(revoked_at=timezone.now())
    drop(emails.invitation_key(former))
    made = _send(former.app, actor, former.email, "beta.invite_resent")
    rows.update(replaced_by=made)
    return made


@transaction.atomic
def revoke(invitation: BetaInvite, actor: User) -> bool:
    """Take an invitation back, also one that was accepted; False when that has happened already."""
    app = _locked(invitation.app, actor)
    if not BetaInvite.objects.filter(pk=invitation.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        return False
    drop(emails.invitation_key(invitation))
    record(actor, "beta.invite_revoked", app, chain=app.chain, invite=invitation.pk)
    return True


@transaction.atomic
def restore(invitation: BetaInvite, actor: User) -> BetaInvite:
    """Make an invitation hold again that was taken back within the last day. Twice is once.

    When its mail never went out, a fresh one does. Raises Refused when it is too late.
    """
    app = _locked(invitation.app, actor)
    invitation.refresh_from_db()
    if invitation.revoked_at is None:
        return invitation
    if not is_restorable(invitation) or app.beta_invites.filter(email=invitation.email, revoked_at=None).exists():
        raise Refused("This invitation can no longer be brought back. Send a new one.")
    if invitation.accepted_at is None and not is_queued_or_sent(emails.invitation_key(invitation)):
        _check_room(app)
        return _replace(invitation, actor)
    BetaInvite.objects.filter(pk=invitation.pk).update(revoked_at=None)
    record(actor, "beta.invite_restored", app, chain=app.chain, invite=invitation.pk)
    return invitation


def is_restorable(invitation: BetaInvite) -> bool:
    """Whether it was taken back so lately that the taking back can be undone."""
    is_over = invitation.accepted_at is None and invitation.expires_at <= timezone.now()
    return can_be_undone(invitation.revoked_at) and not is_over and invitation.replaced_by_id is None


@transaction.atomic
def set_invited_only(app: App, actor: User, invited_only: bool) -> bool:
    """Close the special URL to strangers, or open it again; False when it was so already."""
    app = _locked(app, actor)
    changed = App.objects.filter(pk=app.pk, invited_only=not invited_only).update(invited_only=invited_only)
    if changed:
        record(actor, "beta.invited_only_set", app, chain=app.chain, invited_only=invited_only)
    return bool(changed)


# --- What a customer does ------------------------------------------------------------------------


def open_invite(token: str, user: User) -> BetaInvite | None:
    """The invitation behind `token`, if it still holds and nobody else has taken it."""
    rows = BetaInvite.objects.select_related("app__company", "app__entry").filter(
        token_hash=hash_of(token), revoked_at__isnull=True, app__deleted_at__isnull=True
    )
    found = rows.first()
    if found is None or not found.app.is_live:
        return None
    if found.accepted_at is not None:
        return found if found.accepted_by_id == user.pk else None
    return found if found.is_open else None


@transaction.atomic
def accept(invitation: BetaInvite, user: User) -> bool:
    """Take the invitation; False when it is `user`'s already. Raises Refused when it no longer holds."""
    now = timezone.now()
    unanswered = BetaInvite.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
    )
    if unanswered.update(accepted_at=now, accepted_by=user):
        record(user, "beta.invite_accepted", invitation.app, chain=invitation.app.chain, invite=invitation.pk)
        return True
    invitation.refresh_from_db()
    if invitation.accepted_by_id != user.pk or invitation.revoked_at is not None:
        raise Refused("This invitation is no longer open.")
    return False


@transaction.atomic
def verify(app: App, user: User, note: str, workspace: Workspace | None = None) -> tuple[Verification, bool]:
    """Keep a customer's word that the beta works: who, in which workspace, what was seen, of which version, and
    what had been delivered there by then.

    Said twice, it is kept once. Without a `workspace`, it is the one of the user's where an event was delivered
    last. Returns the verification and whether it is new. Raises PermissionDenied for the partner's people and for
    staff, Refused when there is nothing live to verify, or no workspace outside the partner's company in which
    the App is switched on and has taken an event.
    """
    if not (can_verify(user, app) and can_see_door(user, app)):
        raise PermissionDenied("Only customers outside the partner's company can confirm that an App works.")
    if not app.is_live or app.live_version_id is None:
        raise Refused("There is no live version to confirm.")
    if said := Verification.objects.filter(app=app, user=user).first():
        return said, False
    verification, is_new = Verification.objects.get_or_create(
        app=app, user=user, defaults=_word(app, user, note, workspace)
    )
    if is_new:
        record(user, "beta.verified", app, chain=app.chain, verification=verification.pk)
        log.info("beta_verified", app=app.pk, user=user.pk)
        emails.customer_verified(verification)
    return verification, is_new


def _word(app: App, user: User, note: str, workspace: Workspace | None) -> dict[str, Any]:
    """The parts of a new verification. Raises Refused when nothing was delivered where it could be confirmed from."""
    trials = trials_of(user, app)
    trial = workable(trials, workspace)
    if trial is None:
        raise Refused(what_is_missing(app, trials, workspace))
    return {
        "version_id": app.live_version_id,
        "note": note.strip()[:TEXT_LIMIT],
        "workspace": trial.workspace,
        "workspace_name": trial.workspace.name,
        "evidence": delivered_to(app, trial.workspace).as_json(),
        "invite": app.beta_invites.filter(accepted_by=user, revoked_at__isnull=True).first(),
    }


@transaction.atomic
def report_problem(app: App, user: User, text: str) -> tuple[Problem, bool]:
    """Tell the partner and Segment what is wrong. The same report twice is one.

    Returns the report and whether it is new. Raises Refused over the day's budget.
    """
    if not can_see_door(user, app):
        raise PermissionDenied("This App is not open to you.")
    told = text.strip()[:TEXT_LIMIT]
    today = app.problems.filter(user=user, at__gt=timezone.now() - timedelta(days=1))
    digest = hash_of(told)
    if not today.filter(digest=digest).exists() and today.count() >= PROBLEMS_A_DAY:
        raise Refused("You have reported a lot today. We are on it; go on tomorrow, please.")
    about = {"text": told, "version_id": app.live_version_id}
    problem, is_new = Problem.objects.get_or_create(app=app, user=user, digest=digest, defaults=about)
    if is_new:
        record(user, "beta.problem_reported", app, chain=app.chain, problem=problem.pk)
        emails.problem_reported(problem)
    return problem, is_new


def _locked(app: App, actor: User) -> App:
    if not can_run_beta(actor, app):
        raise PermissionDenied("Owners and developers of the company run its betas.")
    return App.objects.select_for_update().get(pk=app.pk)
