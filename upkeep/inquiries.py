"""A customer's question about an App, passed on to its maker by Segment's support (S23).

The maker's support address is shown to nobody but the maker and staff; the mail is all that goes there. The
customer's own address goes along only where they said that it may.
"""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App, Listing
from audit.recording import record
from upkeep import emails
from upkeep.models import Inquiry
from upkeep.rules import can_forward

# The mail carries the words; here they are only kept as long as somebody may ask what became of them.
KEPT = timedelta(days=90)
# The same words again within this time are a second click.
SAME_CLICK = timedelta(minutes=2)


def why_not(app: App) -> str:
    """Why nothing can be passed on about this App; "" when it can."""
    if app.deleted_at or app.erased_at:
        return "This App is gone."
    if not app.listing.support_email:
        return f"{app.name} has given no support address. Write to its makers in the App’s thread."
    return ""


@transaction.atomic
def forward(actor: User, app: App, *, subject: str, text: str, reason: str, customer_email: str = "") -> Inquiry:
    """Send the question to the App's support address. The same words again at once are one mail.

    `reason` is kept in the audit record: why it was passed on, without anybody's address. Raises PermissionDenied,
    and ValidationError where there is nobody to send it to.
    """
    if not can_forward(actor):
        raise PermissionDenied
    # Held, so that two clicks are one after the other.
    listing = Listing.objects.select_for_update().select_related("app").get(app=app)
    if problem := why_not(listing.app):
        raise ValidationError(problem)
    words = {"subject": subject, "text": text, "customer_email": customer_email}
    recently = Inquiry.objects.filter(app=app, forwarded_by=actor, forwarded_at__gt=timezone.now() - SAME_CLICK)
    if same := recently.filter(**words).first():
        return same
    inquiry = Inquiry.objects.create(app=app, forwarded_by=actor, **words)
    emails.inquiry_forwarded(inquiry, listing.support_email)
    record(actor, "inquiry.forwarded", app, chain=app.chain, inquiry=inquiry.pk, reason=reason)
    return inquiry


def purge(now: datetime) -> int:
    """Remove inquiries whose time is over; returns how many."""
    return Inquiry.objects.filter(forwarded_at__lt=now - KEPT).delete()[0]
