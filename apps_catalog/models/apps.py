"""An App and its immutable, numbered versions."""

from typing import Any, Self

from django.conf import settings as django_settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps_catalog.addresses import asset_path
from apps_catalog.states import LISTED, LIVE, Collects, Processes, Stage
from partners.models import Company


class AppQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Apps whose console exists for `user`: those of their companies; for staff, all."""
        alive = self.filter(deleted_at__isnull=True)
        if not user.is_authenticated:
            return self.none()
        return alive if user.is_staff else alive.filter(company__memberships__user=user)

    def recently_deleted(self, user: Any) -> Self:
        """Deleted Apps of the user's companies that can still be brought back."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(deleted_at__isnull=False, erased_at__isnull=True, company__memberships__user=user)


class App(models.Model):
    """One catalog tile (D1). `stage` says what the world sees; only `lifecycle.move_stage` writes it."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="apps")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    # How confusingly similar slugs look alike: two Apps never share it (T31).
    skeleton = models.CharField(max_length=120, unique=True, editable=False)
    stage = models.CharField(max_length=14, choices=Stage, default=Stage.BUILDING)
    collects = models.CharField(max_length=14, choices=Collects, blank=True)
    processes = models.CharField(max_length=16, choices=Processes, blank=True)
    # The last approved version: what the catalog and everyone else's installs use.
    live_version = models.ForeignKey("AppVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The special URL of S32 normally opens for whoever has it.
    invited_only = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    stage_since = models.DateTimeField(auto_now_add=True)
    # Deleted Apps come back on request until the purge; one that was ever submitted then keeps its row,
    # emptied, so that nobody else gets its slug (T31).
    deleted_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    # Counts saved changes of the name, the choices and the settings.
    revision = models.PositiveIntegerField(default=0)

    objects = AppQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["company", "name"], name="app_by_company"),
            models.Index(fields=["name", "id"], name="app_by_name"),
        ]
        constraints = [models.CheckConstraint(condition=Q(stage__in=Stage.values), name="app_known_stage")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("app-detail", args=[self.slug])

    @property
    def chain(self) -> str:
        return f"company:{self.company_id}"

    @property
    def mark_url(self) -> str:
        """Where the mark of the draft is served, or ""."""
        listing = getattr(self, "listing", None)
        return asset_path(listing.mark_id) if listing and listing.mark_id else ""

    @property
    def is_live(self) -> bool:
        return self.stage in LIVE

    @property
    def is_listed(self) -> bool:
        return self.stage in LISTED


class AppVersion(models.Model):
    """An immutable snapshot of a draft, made by submitting (or by an import). Never edited."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    # The App as `export_app` writes it (CONTRACT); imports add "catalog" with the record of D7.
    manifest = models.JSONField()
    # SHA-256 of the manifest in canonical JSON.
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["app", "number"], name="app_one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.app} v{self.number}"
