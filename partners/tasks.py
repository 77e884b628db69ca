"""Celery tasks: thin; load, ask, keep the answer, log."""

import structlog
from celery import shared_task
from django.db import transaction
from django.utils import timezone

from partners import websites
from partners.applying import locked
from partners.models import AccessRequest
from partners.states import OPEN, RequestState
from runtime.company_address import MxResolver, has_mail_server, mail_domain

log = structlog.get_logger(__name__)

# Each may take the DNS three seconds and the website eight; the task has to end in time.
AT_ONCE = 8
ASKED = ("no_mail_server", "website_answers", "no_website")


@shared_task
def check_mail_servers() -> int:
    """Ask whether applicants’ domains take mail and their websites answer; rung at submission, swept by the beat.

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
    """Both looks happen outside any transaction; what they say is added to whatever the signals are by then."""
    mail = has_mail_server(mail_domain(access_request.applicant_address), resolve_mx)
    website = websites.ask(access_request.company_website)
    found = [{"kind": each.kind, "level": each.level, "text": each.text} for each in (mail, website) if each]
    with transaction.atomic():
        now = locked(access_request)
        now.signals = [one for one in now.signals if one["kind"] not in ASKED] + found
        now.mail_checked_at = timezone.now()
        now.save(update_fields=["signals", "mail_checked_at"])
    log.info("applicant_checked", access_request=access_request.pk, found=[one["kind"] for one in found])
