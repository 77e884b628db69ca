"""Who was invited, who confirmed, and why the others do not count (S33), for the partner's beta page."""

from dataclasses import dataclass
from datetime import datetime

from apps_catalog.models import App
from partners.models import Membership
from reviews.beta import is_restorable
from reviews.models import BetaInvite, Verification

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Customer:
    """One line: an invitation, a confirmation, or both. `reason` says why it does not count."""

    who: str
    counts: bool
    reason: str
    note: str = ""
    at: datetime | None = None
    version: int | None = None
    invite: BetaInvite | None = None

    @property
    def can_be_restored(self) -> bool:
        return self.invite is not None and is_restorable(self.invite)

    @property
    def can_be_revoked(self) -> bool:
        return self.invite is not None and self.invite.revoked_at is None


def customers_of(app: App) -> list[Customer]:
    """Confirmations first, then invitations without one; at most `SHOWN` of each, in three queries."""
    said = app.verifications.select_related("user", "version", "invite").defer("version__manifest")[:SHOWN]
    verifications = list(said)
    confirmed = {one.user_id for one in verifications}
    invites = app.beta_invites.select_related("accepted_by")[:SHOWN]
    waiting = [one for one in invites if one.accepted_by_id is None or one.accepted_by_id not in confirmed]
    insiders = _insiders(app, confirmed | {one.accepted_by_id for one in waiting})
    return [_confirmed(one, insiders) for one in verifications] + [_invited(one, insiders) for one in waiting]


def _insiders(app: App, people: set[int | None]) -> set[int]:
    """Those of the people who belong to the App's company by now."""
    members = Membership.objects.filter(
        company_id=app.company_id, user_id__in=[one for one in people if one is not None]
    )
    return set(members.values_list("user_id", flat=True))


def _confirmed(said: Verification, insiders: set[int]) -> Customer:
    reason = _why_not(said, insiders)
    who = said.user.display_name if said.user else "a customer who has left"
    return Customer(
        who=who, counts=not reason, reason=reason, note=said.note, at=said.at,
        version=said.version.number, invite=said.invite,
    )  # fmt: skip


def _why_not(said: Verification, insiders: set[int]) -> str:
    if said.user_id is None:
        return "The account is deleted: does not count any more."
    if said.user_id in insiders:
        return "Belongs to your company now: does not count."
    if said.user and said.user.is_staff:
        return "Belongs to Segment now: does not count."
    return ""


def _invited(invite: BetaInvite, insiders: set[int]) -> Customer:
    reason = _why_silent(invite, insiders)
    return Customer(who=invite.email, counts=False, reason=reason, at=invite.created_at, invite=invite)


def _why_silent(invite: BetaInvite, insiders: set[int]) -> str:
    if invite.revoked_at is not None:
        return "You took this invitation back."
    if invite.accepted_by_id in insiders:
        return "Belongs to your company: a confirmation would not count."
    if invite.accepted_at is not None:
        return "Opened the invitation; has not confirmed yet."
    return "Has not opened the invitation yet." if invite.is_open else "The invitation expired."
