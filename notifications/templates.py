"""Verbs on the words of templates: change them, go back to the original. Both are on the audit record."""

from django.db import transaction

from accounts.models import User
from audit.recording import record
from notifications.control import AUDIT_CHAIN
from notifications.models import TemplateOverride

TEXT_LIMIT = 10_000


class Outdated(Exception):
    """Somebody else saved since `revision` was read; the current number is `revision`."""

    def __init__(self, revision: int) -> None:
        super().__init__("Somebody else changed this template meanwhile. Save again to replace their words with yours.")
        self.revision = revision


@transaction.atomic
def change(template: str, subject: str, text: str, revision: int, actor: User) -> TemplateOverride:
    """Keep checked words for a template. `revision` is 0 for one that is still the original. The same words again
    change nothing. Raises Outdated.
    """
    current = TemplateOverride.objects.select_for_update().filter(template=template).first()
    if current and (current.subject, current.text) == (subject, text):
        return current
    if (current.revision if current else 0) != revision:
        raise Outdated(current.revision if current else 0)
    fields = {"subject": subject, "text": text, "revision": revision + 1, "changed_by": actor}
    kept, _ = TemplateOverride.objects.update_or_create(template=template, defaults=fields)
    record(actor, "template.changed", kept, chain=AUDIT_CHAIN, template=template, revision=kept.revision)
    return kept


@transaction.atomic
def restore(template: str, actor: User) -> bool:
    """Back to the original; False when it is that already."""
    current = TemplateOverride.objects.select_for_update().filter(template=template).first()
    if current is None:
        return False
    record(actor, "template.restored", current, chain=AUDIT_CHAIN, template=template)
    current.delete()
    return True
