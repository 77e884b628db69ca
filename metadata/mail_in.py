"""A filled-in template that came by mail: read like a pasted one, and answered with what was found.

Who sent it was settled before (`reviews.replies`): the address is the person's own, and so is the sender's.
"""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from apps_catalog.models import App
from metadata import emails
from metadata.lifecycle import take_in
from metadata.models import TemplateDraft
from metadata.pictures import File
from metadata.states import Way
from notifications.inbound import Attachment
from notifications.reply import address_for

CASE = "catalog"


def address(app: App, user: User) -> str:
    """Where this person sends templates for this App; "" where no mail is taken in."""
    return address_for(f"{CASE}:{app.pk}", user)


@transaction.atomic
def take(app: App, user: User, text: str, attachments: Iterable[Attachment] = ()) -> TemplateDraft:
    """Keep the template for somebody to look at, and answer. Raises PermissionDenied, ValidationError."""
    files = [File(one.name, one.data) for one in attachments]
    draft = take_in(user, app, Way.MAILED, text, {}, files)
    emails.template_read(draft, user)
    return draft
