"""What binds a manifest: D9's rules for an App made here; for an imported one of the house, only what can be stored.

CONTRACT, `import_catalog`: D9's rules bind Apps made here, not imported ones; a select without choices takes
free text; odd slugs, addresses and defaults are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from apps_catalog import validators
from apps_catalog.setting_drafts import MAX_SETTINGS
from partners.models import Company
from runtime.names import check_name, is_slug


@dataclass(frozen=True, slots=True)
class Rules:
    """How the parts of a manifest are read: each check returns the value to keep, or raises ValidationError."""

    name: Callable[[str], str]
    slug: Callable[[str], str]
    key: Callable[[str], str]
    link: Callable[[str], str]
    # The value, the type and the choices of a setting.
    default: Callable[[Any, str, list[Any]], Any]
    # Whether a category may be there twice, and two keys may differ in their case only.
    may_repeat: bool
    # Whether settings may decide about each other in a circle: then nobody would ever see them.
    may_circle: bool
    max_settings: int
    # How many secondary categories a manifest can bring; how many a listing may have is the policy's to say.
    max_secondary: int


def rules_for(company: Company) -> Rules:
    """The rules for Apps of this company."""
    return HOUSE if company.is_house else PARTNER


def _clean_name(name: str) -> str:
    if problems := check_name(name):
        raise ValidationError(problems[0])
    return name


def _clean_slug(slug: str) -> str:
    if not is_slug(slug):
        raise ValidationError("A slug has lower-case letters, digits and single hyphens.")
    return slug


def _storable_slug(slug: str) -> str:
    validate_slug(slug)  # what an address of ours can hold
    return slug


def _storable_key(key: str) -> str:
    if not 0 < len(key) <= 120:
        raise ValidationError("A key has 1 to 120 characters.")
    return key


def _storable_link(url: str) -> str:
    if len(url) > validators.MAX_URL:
        raise ValidationError(f"The address is {len(url):,} characters long; at most {validators.MAX_URL} are kept.")
    return url


def _as_it_came(value: Any, kind: str, choices: list[Any]) -> Any:
    return value


PARTNER = Rules(
    name=_clean_name, slug=_clean_slug, key=validators.clean_key, link=validators.clean_link,
    default=validators.clean_default, may_repeat=False, may_circle=False, max_settings=MAX_SETTINGS,
    max_secondary=9,
)  # fmt: skip
HOUSE = Rules(
    name=str, slug=_storable_slug, key=_storable_key, link=_storable_link,
    default=_as_it_came, may_repeat=True, may_circle=True, max_settings=500, max_secondary=50,
)  # fmt: skip
