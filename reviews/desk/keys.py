"""The keys of the desk, and each person's switch for them (WCAG 2.1.4)."""

from functools import cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import User
from leases.prepared import Prepared, Slot
from reviews.models import DeskChoice

# Key → what it does, as the page lists them. static/js/desk-keys.js knows the same keys.
KEYS = {
    "j": "Next rule",
    "k": "Previous rule",
    "p": "It passes",
    "f": "It fails",
    "w": "Write what you saw",
    "c": "Next canned text",
    "d": "What has changed",
    "?": "This list",
}
# Works in a text as well, since it needs a second key; off with the others.
CHORDS = {"Ctrl + Enter": "To the decision; once more takes it"}

_turned_off = Prepared(lambda: DeskChoice.objects.filter(
    user_id=Slot("user", User._meta.pk), shortcuts=False).values_list("pk")[:1])  # fmt: skip


def keys_context(user: User) -> dict[str, Any]:
    return {"key_list": _key_list(), "keys_are_on": keys_are_on(user)}


@cache
def _key_list() -> SafeString:
    """The same on every page."""
    return render_to_string("admin/review/_key_list.html", {"keys": KEYS | CHORDS})


def keys_are_on(user: User) -> bool:
    """On, unless this person has turned them off."""
    return not _turned_off.ask(user=user.pk)


def turn_keys(user: User, *, on: bool) -> None:
    DeskChoice.objects.update_or_create(user=user, defaults={"shortcuts": on})
