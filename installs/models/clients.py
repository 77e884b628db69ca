"""The OAuth party of an App: its client, the client's secrets, and what it asked to be allowed."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import AbstractApplication

from apps_catalog.models import App
from installs.states import WIDE, ScopeKind, ScopeRequestState

MOST_REDIRECT_URIS = 5
# Two, so that a new one can be put in place before the old one is retired.
MOST_SECRETS = 2


def new_client_id() -> str:
    return str(uuid.uuid4())


class Client(AbstractApplication):
    """What an App is towards the authorization server. Only `installs.clients` writes it.

    Columns of the toolkit that this product has another answer for are dropped: secrets are rows of their own, the
    name is the App's, nobody is let in without a consent.
    """

    user = None
    name = ""
    client_secret = ""
    hash_client_secret = False
    post_logout_redirect_uris = ""
    skip_authorization = False
    allowed_origins = ""
    algorithm = AbstractApplication.NO_ALGORITHM
    cimd_expires_at = None
    registration_source = AbstractApplication.RegistrationSource.MANUAL

    client_id = models.CharField(max_length=100, unique=True, default=new_client_id)
    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="client")
    client_type = models.CharField(max_length=32, default=AbstractApplication.CLIENT_CONFIDENTIAL, editable=False)
    authorization_grant_type = models.CharField(
        max_length=44, default=AbstractApplication.GRANT_AUTHORIZATION_CODE, editable=False
    )
    scope_kind = models.CharField(max_length=20, choices=ScopeKind, default=ScopeKind.DESTINATION)
    # Works without PKCE, as clients did when Segment's own flow was built (D41).
    is_classic = models.BooleanField(default=False)
    # The first and the last call with a token of a real install. Here, because installs go with their places (S13).
    first_worked_at = models.DateTimeField(null=True, blank=True)
    last_worked_at = models.DateTimeField(null=True, blank=True)
    # How often staff took a wide scope back. What was consented to in an earlier era of it gives nothing (D44).
    scope_era = models.PositiveIntegerField(default=0)
    # Counts saved changes of redirect URIs and the like.
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope_kind__in=ScopeKind.values), name="client_known_scope"),
        ]

    def __str__(self) -> str:
        return self.client_id

    @property
    def scope(self) -> str:
        """The one scope that it may ask for, as it is written in a request (D44)."""
        return scope_text(self.scope_kind, self.app)

    @property
    def uris(self) -> list[str]:
        """The registered redirect URIs, in the order in which they were given."""
        return self.redirect_uris.split()

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Exact match and nothing else (SECURITY T16)."""
        return uri in self.uris

    def get_allowed_schemes(self) -> Iterable[str]:
        """`http` only ever gets into the list towards loopback hosts: installs.redirects."""
        return ["https", "http"]

    def is_usable(self, request: Any) -> bool:
        """The client of a deleted App does not exist any more."""
        return self.app.deleted_at is None and self.app.erased_at is None


def scope_text(kind: str, app: App) -> str:
    """“destination/<slug>”, “workspace:read” or “workspace” (D44)."""
    return f"{kind}/{app.slug}" if kind == ScopeKind.DESTINATION else str(kind)


class ClientSecret(models.Model):
    """A secret of a client: shown once, kept as a digest. At most two work at the same time."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=60)
    # SHA-256: the value has 256 random bits, so there is nothing to guess that a slower digest would protect.
    digest = models.CharField(max_length=64, unique=True)
    # The last four characters, by which people tell two secrets apart.
    hint = models.CharField(max_length=4)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # To the minute: it is written at most once in one.
    last_used_at = models.DateTimeField(null=True, blank=True)
    # A trial's secret ends by itself and does not count among the two.
    expires_at = models.DateTimeField(null=True, blank=True)
    is_trial = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"

    @property
    def is_usable(self) -> bool:
        return self.retired_at is None and (self.expires_at is None or self.expires_at > timezone.now())

    @property
    def dialog_id(self) -> str:
        """The id of the question before it is retired."""
        return f"retire-secret-{self.pk}"


class ScopeRequest(models.Model):
    """A partner asks for a scope beyond its own destination; staff decide (D44)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="scope_requests")
    scope_kind = models.CharField(max_length=20, choices=[kind for kind in ScopeKind.choices if kind[0] in WIDE])
    reason = models.TextField(max_length=2000)
    state = models.CharField(max_length=10, choices=ScopeRequestState, default=ScopeRequestState.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # What staff say to the partner about it.
    answer = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client"], condition=Q(state=ScopeRequestState.WAITING), name="scope_one_open_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope_kind} for {self.client}"
