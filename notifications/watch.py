"""Who looks after a Slack channel that is not the team's own: told by the package that knows whose it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from notifications.models import SlackChannel


@dataclass(frozen=True, slots=True)
class Watch:
    """The people who can give a channel a new address, and the path of the page where they do."""

    people: Iterable[User]
    url: str


_finders: dict[str, Callable[[int], Watch]] = {}


def register(kind: str, find: Callable[[int], Watch]) -> None:
    """`find` tells who looks after the channel of one `kind` of owner (“company”), by the owner's id."""
    _finders[kind] = find


def watch_of(channel: SlackChannel) -> Watch:
    """The team's own channels are looked after by the administrators."""
    kind, _, number = channel.scope.partition(":")
    if kind in _finders:
        return _finders[kind](int(number))
    admins = User.objects.filter(is_active=True, is_superuser=True).order_by("pk")
    return Watch(admins, reverse("admin:notifications_slackchannel_change", args=[channel.pk]))
