"""Names of workspaces and sources, and the slugs made from them."""

import unicodedata

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from runtime.names import MAX_SLUG_LENGTH, is_slug, slugify_name

MAX_NAME = 60
# Addresses of ours beside those made from names.
_OURS = frozenset({"new", "join", "invitations"})
# Room for what makes a slug another one: “-2”, and the number of a removed source.
_LONGEST = MAX_SLUG_LENGTH - 8


def read_name(text: str) -> str:
    """What was typed as one clean line. Raises ValidationError with what to do."""
    name = " ".join(text.split())
    if not name:
        raise ValidationError("Enter a name.", code="required")
    if len(name) > MAX_NAME:
        raise ValidationError(f"Shorten the name to {MAX_NAME} characters at most.", code="long")
    if any(unicodedata.category(char).startswith("C") for char in name):
        raise ValidationError(
            "The name contains an invisible character. Type it again instead of pasting it.", code="invisible"
        )
    return name


def free_slug(name: str, rows: QuerySet, fallback: str) -> str:
    """A slug for `name` that none of `rows` has: “shop”, else “shop-2”, “shop-3” …

    A name without a Latin letter, or that would be an address of ours, gets `fallback`.
    """
    stem = slugify_name(name)
    stem = fallback if not stem or stem in _OURS else stem[:_LONGEST].rstrip("-")
    taken = set(rows.filter(slug__startswith=stem).values_list("slug", flat=True))
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def is_usable_slug(slug: str) -> bool:
    """Whether a slug that somebody chose can be one."""
    return is_slug(slug) and len(slug) <= _LONGEST and slug not in _OURS
