"""What only the partner can see: said by a member, kept with who and when, taken back at will."""

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App, Component, Listing
from audit.recording import record
from reviews.models import Attestation
from reviews.refusals import Refused
from reviews.rules import can_attest
from reviews.states import Attested
from reviews.workspace_tests import closes_itself
from testbench import fingerprint

log = structlog.get_logger(__name__)
NOTE_LIMIT = 300
# Items that are about the listing as it looked at that moment: a changed listing opens them again.
ABOUT_LISTING = frozenset({Attested.ENTRY_LOOKED_AT})
# Items that are about data that went through the components: a changed component opens them again.
ABOUT_COMPONENTS = frozenset(Attested) - ABOUT_LISTING


@transaction.atomic
def attest(app: App, actor: User, item: Attested, note: str = "") -> Attestation:
    """Say that `item` is so. Said again, it is renewed only where what it is about has changed since.

    Raises PermissionDenied for those who do not edit the App, Refused for what closes by itself.
    """
    _require(actor, app)
    if closes_itself(item, app.components.all()):
        raise Refused("Nobody has to confirm this: it closes by itself once an event is delivered in your workspace.")
    seen: dict[str, object] = {"listing_revision": _listing_revision(app, item), "components": _components(app, item)}
    said: dict[str, object] = {"note": note.strip()[:NOTE_LIMIT], "by": actor, "at": timezone.now(), **seen}
    found, is_new = Attestation.objects.get_or_create(app=app, item=item, defaults=said)
    if is_new or _renew(found, seen, said):
        record(actor, "checklist.attested", app, chain=app.chain, item=str(item))
        log.info("checklist_attested", app=app.pk, item=str(item), actor=actor.pk)
    return found


@transaction.atomic
def retract(app: App, actor: User, item: Attested) -> bool:
    """Take it back; False when it was not said (any more)."""
    _require(actor, app)
    gone, _ = Attestation.objects.filter(app=app, item=item).delete()
    if gone:
        record(actor, "checklist.retracted", app, chain=app.chain, item=str(item))
    return bool(gone)


def _require(actor: User, app: App) -> None:
    if not can_attest(actor, app):
        raise PermissionDenied("Owners and developers of the company confirm its items.")


def _listing_revision(app: App, item: Attested) -> int | None:
    if item not in ABOUT_LISTING:
        return None
    return Listing.objects.only("revision", "images_revision").get(app=app).shown_revision


def _components(app: App, item: Attested) -> str:
    """The fingerprint of the components as the database has them; blank for what is not about them."""
    if item not in ABOUT_COMPONENTS:
        return ""
    return fingerprint.of_all(Component.objects.filter(app=app).prefetch_related("app__settings"))


def _renew(found: Attestation, seen: dict[str, object], said: dict[str, object]) -> bool:
    """Compare-and-set on what was seen, so that the same confirmation twice is one."""
    before = {name: getattr(found, name) for name in seen}
    if before == seen:
        return False
    return Attestation.objects.filter(pk=found.pk, **before).update(**said) == 1
