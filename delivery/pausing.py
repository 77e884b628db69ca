"""A destination that takes nothing for days is paused by the product; only a person resumes it."""

from datetime import datetime

import structlog
from django.utils import timezone

from audit.recording import SYSTEM, record
from delivery import emails
from workspaces.models import Destination

log = structlog.get_logger(__name__)


def pause(destination_id: int, *, since: datetime, code: str) -> bool:
    """Send nothing there any more, and tell its owners; False when it is paused or removed already.

    `since` is when the failures began, `code` what the last try ended with (D31). Call it within a transaction.
    """
    rows = Destination.objects.filter(pk=destination_id, paused_at=None)
    if not rows.update(paused_at=timezone.now(), updated_at=timezone.now()):
        return False
    destination = Destination.objects.select_related("app", "source__workspace").get(pk=destination_id)
    chain = destination.source.workspace.chain
    record(SYSTEM, "destination.paused", destination, chain=chain, since=since.isoformat(), code=code)
    emails.tell_paused(destination, since, code)
    log.warning("destination_paused", destination=destination_id, code=code)
    return True
