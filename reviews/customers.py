"""Who was invited, who confirmed, and why somebody does not count (S33), for the partner's beta page.

Both lists come in pages; each costs the same however long it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from apps_catalog.models import App
from partners.models import Membership
from reviews.beta import is_restorable
from reviews.delivered import Delivered
from reviews.models import BetaInvite, Verification
from reviews.thresholds import counting_verifications, own_workspaces
from runtime.company_address import registrable_domain

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A customer's word. `reason` says why it does not count, "" when it does; `remark` is worth a second look.

    `delivered`: what had been delivered in the workspace when it was given.
    """

    who: str
    reason: str
    remark: str
    said: Verification
    delivered: Delivered

    @property
    def counts(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Invitation:
    """A personal link: what became of it, in a word, since (or until) when, and what can be done about it."""

    invite: BetaInvite
    tone: str
    word: str
    detail: str
    at: datetime | None

    @property
    def can_be_sent_again(self) -> bool:
        return self.invite.accepted_at is None and self.invite.replaced_by_id is None

    @property
    def can_be_revoked(self) -> bool:
        return self.invite.revoked_at is None and (self.invite.accepted_at is not None or self.invite.is_open)

    @property
    def can_be_restored(self) -> bool:
        return is_restorable(self.invite)


def confirmations_of(app: App, number: str | None = None) -> "Page[Confirmation]":
    """Page `number` (what the address says; the first one if it makes no sense) of those who confirmed."""
    said = app.verifications.select_related("user", "version").defer("version__manifest").order_by("-at", "-pk")

    def lines(rows: list[Verification]) -> list[Confirmation]:
        known = _known(app, rows)
        return [_confirmation(app, one, known) for one in rows]

    return _page(said, number, lines)


def invitations_of(app: App, number: str | None = None) -> "Page[Invitation]":
    """Page `number` of the personal links that were sent, the newest first."""
    sent = app.beta_invites.select_related("accepted_by").order_by("-created_at", "-pk")

    def lines(rows: list[BetaInvite]) -> list[Invitation]:
        people = [one.accepted_by_id for one in rows if one.accepted_by_id is not None]
        insiders = _insiders(app, people)
        confirmed = set(app.verifications.filter(user__in=people).values_list("user_id", flat=True))
        return [Invitation(one, *_became(one, insiders, confirmed)) for one in rows]

    return _page(sent, number, lines)


def _page(rows: QuerySet[Any], number: str | None, lines: Callable[[list[Any]], list[Any]]) -> Page:
    page = Paginator(rows, PAGE_SIZE).get_page(number)
    page.object_list = lines(list(page.object_list))
    return page


def _insiders(app: App, people: Iterable[int | None]) -> set[int]:
    """Those of the people who belong to the App's company by now."""
    ids = [one for one in people if one is not None]
    members = Membership.objects.filter(company_id=app.company_id, user_id__in=ids)
    return set(members.values_list("user_id", flat=True))


@dataclass(frozen=True, slots=True)
class _Known:
    """About the confirmations of a page: which count, and people and workspaces that are the partner's own by now."""

    counting: set[int]
    insiders: set[int]
    own_workspaces: set[int]


def _known(app: App, rows: list[Verification]) -> _Known:
    counting = counting_verifications(app).filter(pk__in=[one.pk for one in rows])
    own = own_workspaces(app).filter(workspace__in=[one.workspace_id for one in rows if one.workspace_id])
    return _Known(
        counting=set(counting.values_list("pk", flat=True)),
        insiders=_insiders(app, (one.user_id for one in rows)),
        own_workspaces=set(own),
    )


def _confirmation(app: App, said: Verification, known: _Known) -> Confirmation:
    who = said.user.display_name if said.user else "a customer who has left"
    reason = "" if said.pk in known.counting else _why_not(said, known)
    remark = "" if reason or not shares_domain(app, said) else "Has an address of your own domain: we may ask you."
    return Confirmation(who, reason, remark, said, Delivered.from_json(said.evidence))


def _why_not(said: Verification, known: _Known) -> str:
    """The rule that takes a confirmation out (thresholds.counting_verifications), in words."""
    if said.user_id is None:
        return "The account is deleted: does not count any more."
    if said.user_id in known.insiders:
        return "Belongs to your company now: does not count."
    if said.user and said.user.is_staff:
        return "Belongs to Segment now: does not count."
    if said.workspace_id is None:
        return "The workspace is deleted: does not count any more."
    if said.workspace_id in known.own_workspaces:
        return "Somebody of your company is a member of the workspace now: does not count."
    return "A colleague confirmed it before in the same workspace, which counts once."


def shares_domain(app: App, said: Verification) -> bool:
    """Whether the customer's address lies in the domain of the company's website. No rule, but worth a question."""
    host = said.user.email.rpartition("@")[2] if said.user else ""
    return bool(app.company.domain) and registrable_domain(host) == app.company.domain


def _became(invite: BetaInvite, insiders: set[int], confirmed: set[int]) -> tuple[str, str, str, datetime | None]:
    """(tone, word, detail, the moment that goes with it)."""
    if invite.replaced_by_id is not None:
        return "neutral", "Replaced", "A newer link was sent.", invite.revoked_at
    if invite.revoked_at is not None:
        return "neutral", "Taken back", "The link no longer works.", invite.revoked_at
    if invite.accepted_by_id in insiders:
        return "warning", "Accepted", "Belongs to your company: a confirmation would not count.", invite.accepted_at
    if invite.accepted_by_id in confirmed:
        return "success", "Confirmed", "Accepted, and confirmed that it works.", invite.accepted_at
    if invite.accepted_at is not None:
        return "progress", "Accepted", "Has not confirmed yet.", invite.accepted_at
    if invite.is_open:
        return "info", "Open", "Not accepted yet. The link works until", invite.expires_at
    return "warning", "Expired", "Nobody accepted it. It ended", invite.expires_at
