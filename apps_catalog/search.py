"""Finding entries of the catalog: one function, the database's own full text where it has one."""

import re
from collections.abc import Iterable

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Case, IntegerField, QuerySet, Value, When

from apps_catalog.models import CatalogEntry, Category, EntryCategory

MAX_QUERY = 100
MAX_WORDS = 8
# How many categories a card names.
ON_A_CARD = 2


def search(query: str = "", category: str = "") -> QuerySet[CatalogEntry]:
    """Listed entries that have every word of `query` (or a word that begins with it), by name.

    Entries whose name matches come first. `category` is a slug; an unknown one matches nothing.
    """
    words = re.findall(r"\w+", query[:MAX_QUERY].lower())[:MAX_WORDS]
    entries: QuerySet[CatalogEntry] = CatalogEntry.objects.listed()
    if category:
        entries = entries.filter(entry_categories__category__slug=category)
    if words:
        entries = _with_words(entries, words).order_by(_names_first(" ".join(words)), "name", "pk")
    return entries


def on_cards(entries: QuerySet[CatalogEntry]) -> QuerySet[CatalogEntry]:
    """Only what a card shows; `give_categories` adds the rest."""
    return entries.only("name", "slug", "summary", "is_beta", "mark_id")


def give_categories(entries: Iterable[CatalogEntry]) -> None:
    """Put the names of the first categories on each entry as `category_names`, in one query for all."""
    names: dict[int, list[str]] = {entry.pk: [] for entry in entries}
    links = EntryCategory.objects.filter(entry__in=names, position__lt=ON_A_CARD)
    for entry_id, name in links.values_list("entry_id", "category__name"):
        names[entry_id].append(name)
    for entry in entries:
        entry.category_names = names[entry.pk]  # type: ignore[attr-defined]


def filled_categories() -> QuerySet[Category]:
    """Categories that have listed entries; `listed_count` says how many."""
    return Category.objects.filter(listed_count__gt=0).only("name", "slug", "listed_count")


def _with_words(entries: QuerySet[CatalogEntry], words: list[str]) -> QuerySet[CatalogEntry]:
    if connection.vendor == "postgresql":
        # The expression of the index in migration 0003; anything else would scan the table.
        wanted = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
        return entries.annotate(words=SearchVector("search_text", config="simple")).filter(words=wanted)
    for word in words:
        entries = entries.filter(search_text__icontains=word)
    return entries


def _names_first(text: str) -> Case:
    starts, contains = When(name__istartswith=text, then=Value(0)), When(name__icontains=text, then=Value(1))
    return Case(starts, contains, default=Value(2), output_field=IntegerField())
