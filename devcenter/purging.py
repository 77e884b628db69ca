"""What is removed when its time is over. A new kind of leftovers is one more line in PURGES."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.leaving import purge_accounts
from accounts.undo import UNDO_FOR
from apps_catalog.lifecycle import erase_deleted
from apps_catalog.models import Component, EchoRequest
from delivery import expiry
from delivery.models import Event
from installs import expiry as oauth_expiry
from installs.client_leaving import purge_clients
from installs.trials import purge as purge_trials
from metadata.lifecycle import purge as purge_templates
from notifications import arrivals
from notifications.models import InboundMail, Notice, OutboxMessage
from notifications.states import MessageState
from partners.leaving import purge_companies
from partners.models import RemovedMember
from planning.lifecycle import purge_removed
from pulls.leaving import purge as purge_pulls
from testbench.lifecycle import purge_runs
from upkeep.inquiries import purge as purge_inquiries
from upkeep.nights import purge as purge_nights
from workspaces.models import Destination, Source, Workspace

log = structlog.get_logger(__name__)

MAIL_KEPT = NOTICES_KEPT = timedelta(days=90)
ECHO_KEPT = timedelta(days=30)


def _deleted_apps(now: datetime) -> int:
    return erase_deleted(now - timedelta(days=settings.DELETION_GRACE_DAYS))


def _clients_of_deleted_apps(now: datetime) -> int:
    """Before the Apps, with which they would go without a word to their customers."""
    return purge_clients(now - timedelta(days=settings.DELETION_GRACE_DAYS))


def _removed_components(now: datetime) -> int:
    """One whose runs are still kept waits for them."""
    before = now - timedelta(days=settings.DELETION_GRACE_DAYS)
    gone = Component.every.filter(removed_at__lt=before, runs__isnull=True).delete()
    return gone[1].get(Component._meta.label, 0)


def _plans(now: datetime) -> int:
    """Removed actions, and the plans of deleted Apps: an App that was submitted keeps its row without them."""
    return purge_removed(now - timedelta(days=settings.DELETION_GRACE_DAYS))


def _removed_members(now: datetime) -> int:
    return RemovedMember.objects.filter(removed_at__lt=now - UNDO_FOR).delete()[0]


def _removed_places(now: datetime) -> int:
    """Removed destinations and sources whose events are gone by now, and workspaces that nobody is left in."""
    before = now - timedelta(days=settings.DELETION_GRACE_DAYS)
    gone = Destination.every.filter(removed_at__lt=before, deliveries__isnull=True).delete()[0]
    events = Event.objects.filter(source_id=OuterRef("pk"))
    gone += Source.every.filter(~Exists(events), removed_at__lt=before, destinations__isnull=True).delete()[0]
    return gone + Workspace.objects.filter(memberships__isnull=True, sources__isnull=True).delete()[0]


def _old_mail(now: datetime) -> int:
    over = OutboxMessage.objects.filter(state__in=[MessageState.SENT, MessageState.DROPPED, MessageState.MUTED])
    return over.filter(created_at__lt=now - MAIL_KEPT).delete()[1].get(OutboxMessage._meta.label, 0)


def _old_answers(now: datetime) -> int:
    """What became of mails that came in, and what nobody has decided about in all that time."""
    before = now - timedelta(days=settings.INBOUND_KEPT_DAYS)
    return InboundMail.objects.filter(at__lt=before).delete()[0] + arrivals.purge(before)


def _old_notices(now: datetime) -> int:
    return Notice.objects.filter(read_at__lt=now - NOTICES_KEPT).delete()[0]


def _old_echoes(now: datetime) -> int:
    return EchoRequest.objects.filter(at__lt=now - ECHO_KEPT).delete()[0]


def _old_sessions(now: datetime) -> int:
    return Session.objects.filter(expire_date__lt=now).delete()[0]


# In this order: a company's Apps and runs go before the company, the company before its people.
PURGES: dict[str, Callable[[datetime], int]] = {
    "events": expiry.purge_events,
    "message_ids": expiry.purge_message_ids,
    "tallies": expiry.purge_tallies,
    "stories": expiry.purge_stories,
    "regulations": expiry.forget_people,
    "oauth_codes": oauth_expiry.purge_codes,
    "oauth_tokens": oauth_expiry.purge_tokens,
    "installs": oauth_expiry.end_unfinished,
    "flow_trials": purge_trials,
    "inquiries": purge_inquiries,
    "templates": purge_templates,
    "runs": purge_runs,
    "components": _removed_components,
    "plans": _plans,
    "oauth_clients": _clients_of_deleted_apps,
    "pull_requests": purge_pulls,
    "apps": _deleted_apps,
    "removed_members": _removed_members,
    "removed_places": _removed_places,
    "companies": purge_companies,
    "accounts": purge_accounts,
    "echo_requests": _old_echoes,
    "nightly_checks": purge_nights,
    "mails": _old_mail,
    "answers": _old_answers,
    "notices": _old_notices,
    "sessions": _old_sessions,
}


def purge(now: datetime, *, dry_run: bool = False) -> tuple[dict[str, int], dict[str, str]]:
    """Run every purge; returns how many of each kind went, and which kinds failed with what.

    Each kind has a transaction of its own, so that one failure leaves the others done. A dry run does the
    same and takes it back, so its numbers are the real ones.
    """
    gone: dict[str, int] = {}
    failed: dict[str, str] = {}
    for name, purge_one in PURGES.items():
        try:
            with transaction.atomic():
                gone[name] = purge_one(now)
                transaction.set_rollback(dry_run)
        except Exception as error:  # the others still have to go
            log.exception("purge_failed", kind=name)
            failed[name] = f"{type(error).__name__}: {error}"
    return gone, failed
