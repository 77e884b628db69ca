"""The redirect URI of the built-in sample client. It is in no client's list: it works while a trial waits for consent.

`Client.redirect_uri_allowed` stays exact (SECURITY T16); the validator asks here besides.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from installs.models import Client, FlowTrial
from installs.states import TrialState

# How long a person may take to consent.
CONSENT_FOR = timedelta(minutes=15)


def callback_uri() -> str:
    """Where the browser comes back to with the code of a trial."""
    return settings.SITE_URL.rstrip("/") + reverse("oauth-try-callback")


def accepts(client: Client, redirect_uri: str) -> bool:
    """Whether it is ours and some trial of this client waits for a consent: what can be said before log-in."""
    return redirect_uri == callback_uri() and _waiting(client).exists()


def waiting_trial(client: Client, redirect_uri: str, user: Any) -> FlowTrial | None:
    """The trial that `user` started and now consents to; None where the redirect URI is the partner's own.

    Ours without such a trial is to be refused: somebody was sent here with the trial of another person.
    """
    if redirect_uri != callback_uri() or not user.is_authenticated:
        return None
    return _waiting(client).filter(started_by=user).first()


def _waiting(client: Client) -> Any:
    """Those that nobody was too late for, also when they are not closed yet."""
    since = timezone.now() - CONSENT_FOR
    return FlowTrial.objects.filter(client=client, state=TrialState.CONSENT, created_at__gt=since)
