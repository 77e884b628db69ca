"""Segment Apps: one editable draft, immutable numbered versions, and the public catalog's read model."""

import json
import secrets
from typing import Any, Self

from django.conf import settings as django_settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps_catalog.addresses import asset_path
from apps_catalog.states import LISTED, LIVE, Collects, ComponentKind, Processes, SettingType, Stage
from leases.models import LeasedQuerySet, LeasedRow
from partners.models import Company
from vault.sealing import seal, unseal


class Category(models.Model):
    """A category of the catalog (S24): data, edited in the admin."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    # Other spellings under which the same category is imported: ["Livechat"].
    aliases = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    # How many entries the catalog shows under it; only `publishing` writes it, so that no page has to count.
    listed_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


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
    processes = models.CharField(max_length=10, choices=Processes, blank=True)
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


class Component(models.Model):
    """One component of the draft. Which fields count depends on `kind`."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="components")
    kind = models.CharField(max_length=24, choices=ComponentKind)
    endpoint = models.CharField(max_length=500, blank=True)
    code = models.TextField(blank=True)
    mode = models.CharField(max_length=10, blank=True)
    pull_request = models.CharField(max_length=300, blank=True)
    # Values of the App's settings that tests use, sealed as one JSON object; never exported.
    test_settings_sealed = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["app", "kind"], name="app_one_component_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=ComponentKind.values), name="app_known_kind"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    def put_test_settings(self, values: dict[str, Any]) -> None:
        """Seal the test values by setting key; an empty mapping clears them. Does not save."""
        self.test_settings_sealed = seal(json.dumps(values), self._context()) if values else ""

    def open_test_settings(self) -> dict[str, Any]:
        """The test values by setting key, `apiKey` among them."""
        return json.loads(unseal(self.test_settings_sealed, self._context())) if self.test_settings_sealed else {}

    def _context(self) -> str:
        return f"component-test-settings:{self.pk}"


class Setting(models.Model):
    """One setting that a customer fills in (D8, D9). `key` is made once and never follows the label."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="settings")
    key = models.CharField(max_length=120)
    label = models.CharField(max_length=200)
    hint = models.TextField(blank=True)
    type = models.CharField(max_length=10, choices=SettingType, default=SettingType.STRING)
    required = models.BooleanField(default=False)
    sensitive = models.BooleanField(default=False)
    default = models.JSONField(null=True, blank=True)
    choices = models.JSONField(default=list, blank=True)
    pattern = models.CharField(max_length=300, blank=True)
    visible_if = models.JSONField(null=True, blank=True)
    # The kinds of component that use it; empty means all of them.
    components = models.JSONField(default=list, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["app", "key"], name="app_one_setting_per_key")]

    def __str__(self) -> str:
        return self.label


class Asset(models.Model):
    """A cleaned picture in storage, named by the hash of its bytes. Never changed, so cached for ever."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    file = models.FileField(upload_to="assets")
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def url(self) -> str:
        return asset_path(self.sha256)


class Listing(models.Model):
    """The draft of the catalog entry and the documentation links (S20 to S23)."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="listing")
    description = models.TextField(blank=True, help_text="Markdown, without HTML.")
    website = models.CharField(max_length=300, blank=True)
    primary_category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Slugs of categories, in order.
    secondary_categories = models.JSONField(default=list, blank=True)
    support_email = models.CharField(max_length=254, blank=True, help_text="Never shown to users.")
    logo = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    mark = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # S20: the partner's docs about Segment, Segment's docs about the integration, launch content (S21).
    docs_partner_url = models.CharField(max_length=300, blank=True)
    docs_segment_url = models.CharField(max_length=300, blank=True)
    docs_segment_text = models.TextField(blank=True)
    launch_url = models.CharField(max_length=300, blank=True)
    # Up to two pictures of the manifest, kept as they came until the listing has pictures of its own (S23).
    images = models.JSONField(default=list, blank=True)
    # Result of the last check of the links: {url: {"ok", "status", "message", "at"}}.
    link_checks = models.JSONField(default=dict, blank=True)
    # Each of the two forms that edit this row counts its own changes: one never conflicts with the other.
    revision = models.PositiveIntegerField(default=0)
    docs_revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"listing of {self.app}"

    @property
    def docs_urls(self) -> list[str]:
        """The documentation links that are filled in (S20, S21)."""
        return [url for url in (self.docs_partner_url, self.docs_segment_url, self.launch_url) if url]


class LinkCheck(LeasedRow):
    """The wish to have the documentation links of a listing looked at, by a worker."""

    listing = models.OneToOneField(Listing, on_delete=models.CASCADE, related_name="link_check")

    objects = LeasedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"link check of {self.listing}"


class ReviewerAccess(models.Model):
    """The test account in the partner's service (S25): sealed at rest, opened only by an audited act."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="reviewer_access")
    login_url = models.CharField(max_length=300, blank=True)
    username_sealed = models.TextField(blank=True)
    password_sealed = models.TextField(blank=True)
    api_key_sealed = models.TextField(blank=True, help_text="The key reviewers use to run the Test Suite.")
    notes = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    SEALED = ("username", "password", "api_key")

    class Meta:
        verbose_name_plural = "reviewer accesses"

    def __str__(self) -> str:
        return f"reviewer access of {self.app}"

    def put(self, name: str, plaintext: str) -> None:
        """Seal one of SEALED; an empty text clears it. Does not save."""
        setattr(self, f"{name}_sealed", seal(plaintext, self._context(name)) if plaintext else "")

    def open(self, name: str) -> str:
        """The plaintext of one of SEALED, or "". Callers record the act."""
        sealed = getattr(self, f"{name}_sealed")
        return unseal(sealed, self._context(name)) if sealed else ""

    def _context(self, name: str) -> str:
        return f"reviewer-access:{self.app_id}:{name}"


def new_echo_token() -> str:
    return secrets.token_urlsafe(16)


class EchoInbox(models.Model):
    """The built-in endpoint of an App: answers 200 and remembers what it was sent."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="echo")
    token = models.CharField(max_length=40, unique=True, default=new_echo_token)

    class Meta:
        verbose_name_plural = "echo inboxes"

    def __str__(self) -> str:
        return f"echo of {self.app}"


class EchoRequest(models.Model):
    """One request received by an echo inbox; the newest 100 are kept."""

    inbox = models.ForeignKey(EchoInbox, on_delete=models.CASCADE, related_name="requests")
    at = models.DateTimeField(auto_now_add=True)
    method = models.CharField(max_length=10)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]


class CatalogEntryQuerySet(models.QuerySet):
    def reachable(self) -> Self:
        """Entries whose page is public: listed ones, and hidden ones for whoever has the address."""
        return self.filter(listed_at__isnull=False)

    def listed(self) -> Self:
        """Entries that the catalog shows."""
        return self.reachable().filter(is_hidden=False)


class CatalogEntry(models.Model):
    """The read model of an App's live version: what catalog, beta page and New & Noteworthy show.

    Written only by `apps_catalog.publishing`; `listed_at` is null during the private beta.
    """

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="entry")
    version = models.ForeignKey(AppVersion, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    maker = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    description_html = models.TextField(blank=True)
    # The beginning of the description as plain text, for the card.
    summary = models.CharField(max_length=200, blank=True)
    website = models.CharField(max_length=300, blank=True)
    logo = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    mark = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Name, maker, description and categories as one plain text, for the search.
    search_text = models.TextField(blank=True)
    is_beta = models.BooleanField(default=False)
    listed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # Reachable by its address, but in no list (`hidden` of D7).
    is_hidden = models.BooleanField(default=False)
    # Only releases count as new; a bulk import does not.
    is_noteworthy = models.BooleanField(default=False)
    categories = models.ManyToManyField(Category, through="EntryCategory", related_name="entries")

    objects = CatalogEntryQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(
                fields=["name", "id"], name="entry_by_name", condition=Q(listed_at__isnull=False, is_hidden=False)
            ),
        ]
        verbose_name_plural = "catalog entries"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog-entry", args=[self.slug])

    @property
    def mark_url(self) -> str:
        """Where the mark is served, or ""."""
        return asset_path(self.mark_id) if self.mark_id else ""


class EntryCategory(models.Model):
    """A category of an entry; position 0 is the primary one."""

    entry = models.ForeignKey(CatalogEntry, on_delete=models.CASCADE, related_name="entry_categories")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="entry_categories")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["entry", "category"], name="entry_one_category")]
