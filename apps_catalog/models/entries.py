"""The catalog's read model."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps_catalog.addresses import asset_path
from apps_catalog.models.apps import App, AppVersion
from apps_catalog.models.listings import Asset, Category


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
    # The last nightly check that passed, and since when it is at risk (upkeep).
    proven_at = models.DateTimeField(null=True, blank=True)
    at_risk_since = models.DateTimeField(null=True, blank=True)
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
