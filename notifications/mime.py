"""From a row of the outbox to the message on the wire."""

import re
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.models import OutboxMessage


def build(row: OutboxMessage) -> EmailMultiAlternatives:
    """The mail of `row`, the same however often it is built. Raises ValueError for what cannot be a mail."""
    mail = EmailMultiAlternatives(
        subject=row.subject, body=row.text, from_email=settings.DEFAULT_FROM_EMAIL, to=[row.recipient],
        reply_to=[row.reply_to] if row.reply_to else None, headers=_headers(row),
    )  # fmt: skip
    if row.html:
        mail.attach_alternative(row.html, "text/html")
    return mail


def _headers(row: OutboxMessage) -> dict[str, str]:
    headers = {
        "Message-ID": row.message_id,
        "Date": format_datetime(row.created_at),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if row.case:
        # Nobody ever sent the root: it only gives all mails of a case the same parent.
        headers["References"] = headers["In-Reply-To"] = case_root(row.case)
    return headers


def case_root(case: str) -> str:
    return f"<case-{re.sub(r'[^A-Za-z0-9]+', '.', case)}@{settings.SITE_HOST or 'localhost'}>"
