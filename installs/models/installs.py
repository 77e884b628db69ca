"""What a customer consented to: one App in one workspace."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.recording import Machine
from installs.models.clients import Client, scope_text
from installs.states import WIDE, EndReason, InstallState, ScopeKind
from workspaces.models import Source, Workspace


class InstallQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(state=InstallState.ACTIVE)

    def real(self) -> Self:
        """Without the trials of the built-in sample client."""
        return self.filter(is_trial=False)

    def lost(self) -> Self:
        """With a wide scope that staff took back since: `Install.has_lost_its_scope`."""
        return self.filter(scope_kind__in=WIDE, scope_era__lt=F("client__scope_era"))


class Install(models.Model):
    """A consent of a workspace owner. Tokens belong to it, not to a person (D43).

    Only `installs.lifecycle` moves its state. One App is active at most once in a workspace.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="installs")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="installs")
    # Set for the destination scope, None for a whole workspace.
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.CASCADE, related_name="installs")
    scope_kind = models.CharField(max_length=20, choices=ScopeKind)
    # That of the client when it was consented to.
    scope_era = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=InstallState, default=InstallState.PENDING)
    is_trial = models.BooleanField(default=False)
    consented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    consented_at = models.DateTimeField(auto_now_add=True)
    # The first exchange of its code, the first and the last call with one of its tokens.
    activated_at = models.DateTimeField(null=True, blank=True)
    first_used_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    end_reason = models.CharField(max_length=10, choices=EndReason, blank=True)

    objects = InstallQuerySet.as_manager()

    class Meta:
        ordering = ["-consented_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "workspace"],
                condition=Q(state=InstallState.ACTIVE, is_trial=False),
                name="install_one_active",
            ),
            models.CheckConstraint(condition=Q(state__in=InstallState.values), name="install_known_state"),
            models.CheckConstraint(
                condition=~Q(scope_kind=ScopeKind.DESTINATION) | Q(source__isnull=False),
                name="install_destination_has_source",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its resource name: “installs/7”."""
        return f"installs/{self.pk}"

    @property
    def scope(self) -> str:
        """What was consented to, as it is written in a token's answer (D44)."""
        return scope_text(self.scope_kind, self.client.app)

    @property
    def has_lost_its_scope(self) -> bool:
        """Staff took it back: no token works from that moment on, though the row may end a little later (D44)."""
        return self.scope_kind in WIDE and self.scope_era < self.client.scope_era

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or will as soon as somebody looks: its source is gone, or its scope."""
        is_gone = self.source is not None and self.source.removed_at is not None
        return self.state == InstallState.ENDED or is_gone or self.has_lost_its_scope

    @property
    def is_usable(self) -> bool:
        """Whether its tokens work: it is active, and neither its source nor its scope nor its App is gone."""
        return self.state == InstallState.ACTIVE and not self.is_over and self.client.is_usable(None)

    @property
    def machine(self) -> Machine:
        """The actor of what is done with its tokens."""
        return Machine(f"install:{self.pk}")
