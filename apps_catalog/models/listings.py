"""The draft of the catalog entry, and what belongs to it."""

from django.db import models

from apps_catalog.addresses import asset_path
from apps_catalog.models.apps import App
from leases.models import LeasedQuerySet, LeasedRow
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


class LaunchKind(models.TextChoices):
    """What a partner may publish for the launch (S21, S36)."""

    BLOG_POST = "blog_post", "Blog post"
    RECIPE = "recipe", "Recipe"
    CO_MARKETING = "co_marketing", "Co-marketing with Segment"
    EMAIL = "email", "Email announcement"


class Asset(models.Model):
    """A cleaned picture in storage, named by the hash of its bytes. Never changed, so cached for ever."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    file = models.FileField(upload_to="assets")
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    # Pixels of a pixel picture; a drawing has none.
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def url(self) -> str:
        return asset_path(self.sha256, self.content_type)


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
    # The marketing plan (S21, S36): what is planned, and for when if there is no link yet.
    launch_kind = models.CharField(max_length=20, choices=LaunchKind, blank=True)
    launch_on = models.DateField(null=True, blank=True)
    launch_note = models.TextField(blank=True)
    # Up to two pictures in order (S23): {"sha256", "width", "height", "alt", "caption"}, or whatever a manifest
    # brought instead, as it came: an address of somebody else's is kept and never shown.
    images = models.JSONField(default=list, blank=True)
    # The pictures removed last, newest first, so that they can be put back: {"image", "position"}.
    removed_images = models.JSONField(default=list, blank=True)
    # What was left out of the uploaded logo and mark: {"logo": {…}}, as `picture_reports` writes it.
    picture_reports = models.JSONField(default=dict, blank=True)
    # Result of the last check of the links: {url: {"ok", "status", "message", "at"}}.
    link_checks = models.JSONField(default=dict, blank=True)
    # Each of the forms that edit this row counts its own changes: one never conflicts with the other.
    revision = models.PositiveIntegerField(default=0)
    docs_revision = models.PositiveIntegerField(default=0)
    images_revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"listing of {self.app}"

    @property
    def docs_urls(self) -> list[str]:
        """The documentation links that are filled in (S20, S21)."""
        return [url for url in (self.docs_partner_url, self.docs_segment_url, self.launch_url) if url]

    @property
    def checked_urls(self) -> list[str]:
        """Every address that is looked at: the documentation links, which have to answer, and the website."""
        return list(dict.fromkeys([*self.docs_urls, *([self.website] if self.website else [])]))

    @property
    def shown_revision(self) -> int:
        """Grows whenever what the catalog shows of the draft changes."""
        return self.revision + self.images_revision

    @property
    def has_launch_plan(self) -> bool:
        """Something to show, or something planned for a day (S21)."""
        return bool(self.launch_url or (self.launch_kind and self.launch_on))


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
