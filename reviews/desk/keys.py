"""The keys of the desk, and each person's switch for them (WCAG 2.1.4)."""

from typing import Any

from accounts.models import User
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


def keys_context(user: User) -> dict[str, Any]:
    return {"keys": KEYS, "chords": CHORDS, "keys_are_on": keys_are_on(user)}


def keys_are_on(user: User) -> bool:
    """On, unless this person has turned them off."""
    return not DeskChoice.objects.filter(user=user, shortcuts=False).exists()


def turn_keys(user: User, *, on: bool) -> None:
    DeskChoice.objects.update_or_create(user=user, defaults={"shortcuts": on})
