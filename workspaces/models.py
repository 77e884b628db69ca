"""Workspaces, their sources and the Apps that are configured on them (S17 to S19)."""

import json
import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.offers import Offer
from apps_catalog.models import App
from vault.sealing import seal, unseal
from workspaces.states import ConnectionMode, Library, Region, WorkspaceRole

KEY_CHARACTERS = 32


def new_write_key() -> str:
    """A fresh write key: letters and digits, so that it survives every header, URL and form."""
    key = ""
    while len(key) < KEY_CHARACTERS:
        key += "".join(char for char in secrets.token_urlsafe(KEY_CHARACTERS) if char.isalnum())
    return key[:KEY_CHARACTERS]


class WorkspaceQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Workspaces that exist for `user`: those they are a member of. Staff have no business in others'."""
        return self.filter(memberships__user=user) if user.is_authenticated else self.none()


class Workspace(models.Model):
    """A place where events arrive and Apps are installed. Its people are apart from any company."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    # Never changes (D39): a write key of the other region is refused.
    region = models.CharField(max_length=2, choices=Region, default=Region.US)
    # Whose own sandbox it is; one for each account, made when it is first needed.
    personal_of = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="personal_workspace"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="WorkspaceMember", related_name="workspaces")

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.CheckConstraint(condition=Q(region__in=Region.values), name="workspace_known_region")]

    def __str__(self) -> str:
        return self.name

    @property
    def chain(self) -> str:
        """The audit chain of everything that is done in this workspace."""
        return f"workspace:{self.pk}"


class WorkspaceMember(models.Model):
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="workspace_memberships")
    role = models.CharField(max_length=10, choices=WorkspaceRole, default=WorkspaceRole.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="workspace_one_membership"),
            models.CheckConstraint(condition=Q(role__in=WorkspaceRole.values), name="workspace_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def dialog_id(self) -> str:
        """The id of the question before removing this member."""
        return f"remove-member-{self.pk}"


class WorkspaceInvitation(Offer):
    """An offer to join a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=WorkspaceRole, default=WorkspaceRole.MEMBER)

    class Meta(Offer.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="workspace_one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.workspace}"


class Standing(models.Manager):
    """What was not removed; removed rows are only in `every`, until the purge."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(removed_at__isnull=True)


class Source(models.Model):
    """Where events come in. A disabled one takes none.

    A removed one keeps its row for as long as its events are kept, because these would be too many to delete at once.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80)
    library = models.CharField(max_length=12, choices=Library, default=Library.JAVASCRIPT)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Off, without a usable key and without its slug from then on.
    removed_at = models.DateTimeField(null=True, blank=True)

    # The first one is also what `workspace.sources` uses.
    objects = Standing()
    every = models.Manager()  # noqa: DJ012  a manager, though its name does not end like one

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["workspace", "slug"], name="source_one_slug")]

    def __str__(self) -> str:
        return self.name

    @property
    def project_id(self) -> str:
        """`projectId` of the events (D28)."""
        return f"source{self.pk}"


class WriteKey(models.Model):
    """A key that a library sends with its events (S19). It is public by nature: websites carry it.

    After a rotation the older key works until `expires_at`, so that nobody is cut off.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="write_keys")
    key = models.CharField(max_length=64, unique=True, default=new_write_key)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"write key of {self.source}"

    @property
    def anchor(self) -> str:
        """Its id on the page of the source."""
        return f"key-{self.pk}"

    @property
    def dialog_id(self) -> str:
        """The id of the question before it is disabled."""
        return f"disable-key-{self.pk}"

    @property
    def is_usable(self) -> bool:
        return self.disabled_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class Destination(models.Model):
    """An App configured on a source. Its settings are sealed; only `workspaces.lifecycle` writes it."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="destinations")
    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="destinations")
    is_enabled = models.BooleanField(default=False)
    # An App with a web plugin and another component can be told to use only one of the two ways.
    connection_mode = models.CharField(max_length=11, choices=ConnectionMode, default=ConnectionMode.UNSPECIFIED)
    # The values of the App's settings by key, `apiKey` among them.
    settings_sealed = models.TextField(blank=True)
    # Counts saved changes of the settings.
    revision = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # The engine stopped sending after days of failures; its owner has to switch it on again.
    paused_at = models.DateTimeField(null=True, blank=True)
    # Off and without its settings from then on. Installing the App on this source again brings the row back.
    removed_at = models.DateTimeField(null=True, blank=True)

    # The first one is also what `source.destinations` uses.
    objects = Standing()
    every = models.Manager()  # noqa: DJ012  a manager, though its name does not end like one

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "app"], name="destination_one_per_source"),
            models.CheckConstraint(
                condition=Q(connection_mode__in=ConnectionMode.values), name="destination_known_mode"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.app} on {self.source}"

    @property
    def takes_events(self) -> bool:
        return self.is_enabled and self.paused_at is None

    def put_values(self, values: dict[str, Any]) -> None:
        """Seal the values of the settings by key. Does not save; the row needs its id."""
        self.settings_sealed = seal(json.dumps(values), f"destination:{self.pk}") if values else ""

    def open_values(self) -> dict[str, Any]:
        """The values of the settings by key. Raises vault.sealing.CannotOpen."""
        return json.loads(unseal(self.settings_sealed, f"destination:{self.pk}")) if self.settings_sealed else {}
