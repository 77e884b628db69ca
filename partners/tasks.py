"""Celery tasks: thin; load, ask, keep the answer, log."""

import structlog
from celery import shared_task
from django.db import transaction
from django.utils import timezone

from partners.applying import locked
from partners.models import AccessRequest
from partners.states import OPEN, RequestState
from runtime.company_address import MxResolver, has_mail_server, mail_domain

log = structlog.get_logger(__name__)

# Each answer may take the DNS three seconds; the task has to end in time.
AT_ONCE = 20


@shared_task
def check_mail_servers() -> int:
    """Ask the DNS whether applicants' domains take mail; rung at submission and swept by the beat.

    The rows that wait for an answer are the truth, so a lost wake-up loses nothing; two workers at once
    ask twice and write the same.
    """
    waiting = AccessRequest.objects.filter(
        mail_checked_at=None, state__in=OPEN - {RequestState.DRAFT}, applicant__isnull=False
    )
    found = list(waiting.select_related("applicant").order_by("submitted_at", "pk")[:AT_ONCE])
    for access_request in found:
        ask_mail_server(access_request)
    return len(found)


def ask_mail_server(access_request: AccessRequest, resolve_mx: MxResolver | None = None) -> None:
    """The lookup happens outside any transaction; its answer is added to whatever the signals are by then."""
    signal = has_mail_server(mail_domain(access_request.applicant_address), resolve_mx)
    with transaction.atomic():
        now = locked(access_request)
        others = [found for found in now.signals if found["kind"] != "no_mail_server"]
        if signal is not None:
            others.append({"kind": signal.kind, "level": signal.level, "text": signal.text})
        now.signals, now.mail_checked_at = others, timezone.now()
        now.save(update_fields=["signals", "mail_checked_at"])
    log.info("mail_server_checked", access_request=access_request.pk, warned=signal is not None)
