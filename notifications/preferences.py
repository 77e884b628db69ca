"""What a person wants by mail: one switch for each kind that is not locked. The notices come anyway."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.recording import account_event
from notifications.kinds import Kind, by_group, can_mute
from notifications.models import Preference


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the page."""

    kind: Kind
    by_mail: bool


def choices(user: User) -> list[tuple[str, list[Choice]]]:
    """All kinds that `user` may get, by group. One query."""
    off = _switched_off(user)
    return [
        (group.value, [Choice(kind, kind.name not in off) for kind in kinds])
        for group, kinds in by_group(is_staff=user.is_staff)
    ]


def _switched_off(user: User) -> set[str]:
    kinds = Preference.objects.filter(user=user, by_mail=False).values_list("kind", flat=True)
    return {kind for kind in kinds if can_mute(kind)}


@transaction.atomic
def save(user: User, wanted: set[str]) -> int:
    """Mail for these kinds of those on the page, and for no others; returns how many have changed.

    Locked kinds stay on whatever is asked; kinds that are not on this person's page stay as they are.
    """
    User.objects.select_for_update().get(pk=user.pk)
    off = _switched_off(user)
    shown = {kind.name for _, kinds in by_group(is_staff=user.is_staff) for kind in kinds if can_mute(kind.name)}
    changed = {name for name in shown if (name in off) == (name in wanted)}
    for name in changed:
        Preference.objects.update_or_create(user=user, kind=name, defaults={"by_mail": name in wanted})
    if changed:
        account_event(user, "mail_preferences.changed")
    return len(changed)


def export(user: User) -> dict[str, Any]:
    """What the export of an account says."""
    return dict.fromkeys(sorted(_switched_off(user)), False)
