"""A company's own Slack channel (S8): what its people get by mail about their Apps is posted there, too.

The channel is a row of `notifications`, and so are its posts: queued with their cause, held, retried and undone like
any mail. Here is who may connect one, and what that records.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.recording import record
from leases.doorbell import ring
from notifications import slack
from notifications.models import OutboxMessage, SlackChannel
from notifications.outbox import DELIVER_TO_SLACK, trial_post
from notifications.watch import Watch
from partners import rules
from partners.models import Company
from partners.states import Role

POSTS_SHOWN = 5


def channel_of(company: Company) -> SlackChannel | None:
    return SlackChannel.objects.filter(scope=company.chain).first()


def latest_posts(channel: SlackChannel | None) -> list[OutboxMessage]:
    """The newest first."""
    return list(channel.messages.order_by("-created_at")[:POSTS_SHOWN]) if channel else []


@transaction.atomic
def connect(company: Company, actor: User, address: str, kinds: Iterable[str]) -> SlackChannel:
    """Post these kinds to this address; an empty address keeps the one there is. What was parked goes out again.

    Raises ValidationError when there is no address at all.
    """
    _lock(company, actor)
    channel = channel_of(company)
    if not address and channel is None:
        raise ValidationError("Paste the address that Slack shows for the webhook.")
    is_new = channel is None
    channel = channel or SlackChannel(scope=company.chain, name=f"{company.slug[:50]} (company {company.pk})")
    if address:
        channel.address_sealed = slack.seal_address(address)
    channel.kinds = sorted(kinds)
    channel.parked_at, channel.parked_reason, channel.quiet_until = None, "", None
    channel.save()
    record(
        actor, "slack.connected" if is_new else "slack.changed", channel, chain=company.chain,
        new_address=bool(address), kinds=channel.kinds,
    )  # fmt: skip
    ring(DELIVER_TO_SLACK)
    return channel


@transaction.atomic
def disconnect(company: Company, actor: User) -> bool:
    """Forget address and posts, those that have not gone out included; False when nothing is connected."""
    _lock(company, actor)
    channel = channel_of(company)
    if channel is None:
        return False
    record(actor, "slack.disconnected", channel, chain=company.chain)
    forget(company)
    return True


@transaction.atomic
def send_trial(company: Company, actor: User) -> bool:
    """Queue a test message, at most one a minute; False when nothing is connected."""
    _lock(company, actor)
    channel = channel_of(company)
    if channel is None:
        return False
    trial_post(channel, key=f"slack:{channel.pk}:trial:{timezone.now():%Y%m%d%H%M}")
    record(actor, "slack.tested", channel, chain=company.chain)
    return True


def forget(company: Company) -> None:
    """The company is on its way out: so is everything that was to be posted."""
    OutboxMessage.objects.filter(channel__scope=company.chain).delete()
    SlackChannel.objects.filter(scope=company.chain).delete()


def data_of(company: Company) -> dict[str, Any] | None:
    """For the export; the address is a secret of whoever made it in Slack."""
    channel = channel_of(company)
    return {"kinds": channel.kinds, "is_on": channel.is_on} if channel else None


def watch(company_id: int) -> Watch:
    """Its owners, and the page on which they can enter a new address."""
    company = Company.objects.get(pk=company_id)
    owners = User.objects.filter(
        is_active=True, memberships__company=company, memberships__role=Role.OWNER
    ).order_by("pk")  # fmt: skip
    return Watch(owners, reverse("company-slack", args=[company.slug]))


def _lock(company: Company, actor: User) -> None:
    """Two owners wait for each other. Raises PermissionDenied."""
    locked = Company.objects.select_for_update().get(pk=company.pk)
    if not rules.can_connect(actor, locked):
        raise PermissionDenied
