"""Seats in the partners' Slack workspace (S8, 003): asked for by a member, given by a link or by staff.

With the setting PARTNER_SLACK_URL a link lets people in, and asking is all there is. Without it staff invite by hand
in Slack and say so in the admin; the person is told either way.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.recording import record
from partners.models import Company
from partners.rules import role_of
from planning import seat_emails
from planning.models import SlackSeat
from planning.rules import can_ask_for_seat


def seat_of(company: Company, user: User) -> SlackSeat | None:
    return SlackSeat.objects.filter(company=company, user=user).first()


@transaction.atomic
def ask(actor: User, company: Company) -> SlackSeat:
    """Ask for a seat; asking twice is asking once. With a link the seat is there at once."""
    if not can_ask_for_seat(actor, company):
        raise PermissionDenied
    seat, is_new = SlackSeat.objects.get_or_create(company=company, user=actor)
    if is_new:
        record(actor, "slack.seat_asked", company, chain=company.chain)
    if settings.PARTNER_SLACK_URL:
        _invite(seat, None)
    return seat


@transaction.atomic
def take_back(actor: User, company: Company) -> bool:
    """Ask no more. False when there was nothing to take back, or the seat is given already."""
    gone = SlackSeat.objects.filter(company=company, user=actor, invited_at=None).delete()[0]
    if gone:
        record(actor, "slack.seat_withdrawn", company, chain=company.chain)
    return bool(gone)


@transaction.atomic
def give(actor: User, seat: SlackSeat) -> bool:
    """Staff have invited the person in Slack, who is told. False when that was done already, or they have left."""
    if not actor.is_staff:
        raise PermissionDenied
    if role_of(seat.user, seat.company) is None or not _invite(seat, actor):
        return False
    record(actor, "slack.seat_given", seat.company, chain=seat.company.chain, user=seat.user_id)
    return True


def data_of(user: User) -> list[dict[str, Any]]:
    """This person's seats, for the export of an account."""
    seats = SlackSeat.objects.filter(user=user).select_related("company").order_by("pk")
    return [
        {
            "company": seat.company.name,
            "asked_at": seat.asked_at.isoformat(),
            "invited_at": seat.invited_at.isoformat() if seat.invited_at else None,
        }
        for seat in seats
    ]


def _invite(seat: SlackSeat, by: User | None) -> bool:
    waiting = SlackSeat.objects.filter(pk=seat.pk, invited_at=None)
    if not waiting.update(invited_at=timezone.now(), invited_by=by):
        return False
    seat.refresh_from_db()
    seat_emails.invited(seat)
    return True
