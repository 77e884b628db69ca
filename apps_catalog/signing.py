"""The verbs of signing secrets: made with the component, revealed on the record, rotated with an overlap.

While a rotation lasts, the old and the new secret sign together, so that a server may change over at any
moment in between. There are never more than two: another rotation waits until the old one has ended.
"""

import time
from datetime import timedelta
from uuid import UUID

import structlog
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog import rules
from apps_catalog.models import Component, SigningSecret
from audit.recording import record
from runtime.signing import Signing
from vault.sealing import CannotOpen

log = structlog.get_logger(__name__)

# How long an old secret goes on signing beside the new one.
OVERLAP = timedelta(hours=24)
# Ended secrets are kept so long to explain a request that was signed with one.
EXPLAINED_FOR = timedelta(days=30)


def active_secrets(component: Component) -> list[SigningSecret]:
    """Those that sign now, the current one first. A component that came without one gets its first."""
    found = list(component.signing_secrets.active())
    if found:
        return found
    try:
        with transaction.atomic():
            SigningSecret.make(component).save(force_insert=True)
    except IntegrityError:
        log.info("signing_secret_made_elsewhere", component=component.pk)
    return list(component.signing_secrets.active())


def opened_secrets(component: Component) -> list[str]:
    """The active secrets in the clear, for signing; one that cannot be opened is left out."""
    return [value for row in active_secrets(component) if (value := open_or_none(row)) is not None]


def open_or_none(row: SigningSecret) -> str | None:
    try:
        return row.open()
    except CannotOpen:
        log.warning("signing_secret_sealed_shut", secret=str(row.pk))
        return None


def signing_for(component: Component, message_id: str) -> Signing:
    """How a message to this component is signed now."""
    return Signing(opened_secrets(component), message_id, int(time.time()))


@transaction.atomic
def reveal(actor: User, secret: SigningSecret) -> str:
    """The secret in the clear for an owner or developer, on the record. Raises CannotOpen."""
    app = secret.component.app
    if not rules.can_edit_app(actor, app):
        raise PermissionDenied
    record(actor, "signing.revealed", app, chain=app.chain, secret=str(secret.pk))
    return secret.open()


@transaction.atomic
def rotate(actor: User, component: Component, current: UUID) -> SigningSecret | None:
    """A new secret; the one that was current goes on signing for the overlap.

    None when `current` is no longer the current one: a second click does nothing. Raises ValidationError
    while an earlier rotation lasts.
    """
    app = component.app
    if not rules.can_edit_app(actor, app):
        raise PermissionDenied
    now = timezone.now()
    active = component.signing_secrets.select_for_update().active(now)
    if not any(row.pk == current and row.ends_at is None for row in active):
        return None
    if len(active) > 1:
        raise ValidationError("Two secrets sign already. End the old one first, then make another.")
    component.signing_secrets.filter(pk=current).update(ends_at=now + OVERLAP)
    component.signing_secrets.filter(ends_at__lt=now - EXPLAINED_FOR).delete()
    row = SigningSecret.make(component)
    row.save(force_insert=True)
    record(actor, "signing.rotated", app, chain=app.chain, secret=str(row.pk))
    return row


@transaction.atomic
def end_now(actor: User, secret: SigningSecret) -> bool:
    """End an old secret before its time. False when it has ended, or is the current one."""
    app = secret.component.app
    if not rules.can_edit_app(actor, app):
        raise PermissionDenied
    now = timezone.now()
    if not SigningSecret.objects.filter(pk=secret.pk, ends_at__gt=now).update(ends_at=now):
        return False
    record(actor, "signing.ended", app, chain=app.chain, secret=str(secret.pk))
    return True
