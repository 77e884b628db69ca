"""What a value of a draft must look like. Each raises ValidationError with a sentence that says what to do."""

import re
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps_catalog.markdown import TooMuchMarkdown, check_source, visible_length
from apps_catalog.models import Category
from apps_catalog.setting_keys import KEY
from apps_catalog.states import SettingType
from partners.models import Policy
from runtime.egress import BadAddress, EgressPolicy, check_url

MAX_URL = 300
MAX_ENDPOINT = 500
MAX_LABEL = 100
MAX_HINT = 500
MAX_CHOICES = 100
MAX_NOTE = 2_000
# Room for links and formatting around the visible characters that the policy counts.
MAX_DESCRIPTION_SOURCE = 6_000


def egress_policy() -> EgressPolicy:
    """What the door out may reach, as the settings say now."""
    return EgressPolicy.from_setting(settings.EGRESS_ALLOW)


def clean_url(text: str, *, limit: int = MAX_URL) -> str:
    """An address to which a worker may send, as it was typed; "" stays ""."""
    url = text.strip()
    if len(url) > limit:
        raise ValidationError(f"The address is {len(url):,} characters long. Use one of at most {limit}.")
    if not url:
        return ""
    try:
        check_url(url, egress_policy())
    except BadAddress as problem:
        raise ValidationError(str(problem)) from None
    return url


def clean_link(text: str) -> str:
    """An address that people open in a browser: as `clean_url`, and a fragment (#setup) is kept."""
    link = text.strip()
    address, _, fragment = link.partition("#")
    if len(link) > MAX_URL:
        raise ValidationError(f"The address is {len(link):,} characters long. Use one of at most {MAX_URL}.")
    if " " in fragment or "\\" in fragment or not fragment.isprintable():
        raise ValidationError("The part after the # sign contains a space, a backslash or an invisible character.")
    if fragment and not address:
        raise ValidationError("Start the address with https://, as in https://example.com/docs#setup.")
    clean_url(address)
    return link


def clean_description(text: str, policy: Policy) -> str:
    """Markdown within the caps and within the policy's number of visible characters (PRODUCT, Description)."""
    clean_description_source(text)
    seen = visible_length(text)
    if seen > policy.description_limit:
        over = seen - policy.description_limit
        raise ValidationError(
            f"The description shows {seen:,} characters; {policy.description_limit:,} are allowed. "
            f"Shorten it by {over:,}."
        )
    return text


def clean_description_source(text: str) -> str:
    """Markdown within the caps, of any number of visible characters: what an import takes."""
    try:
        check_source(text, MAX_DESCRIPTION_SOURCE)
    except TooMuchMarkdown as problem:
        raise ValidationError(str(problem)) from None
    return text


def clean_markdown(text: str) -> str:
    """A longer Markdown text within the caps."""
    try:
        check_source(text)
    except TooMuchMarkdown as problem:
        raise ValidationError(str(problem)) from None
    return text


def clean_day(text: str) -> str:
    """A day as 2026-12-31; "" is none."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise ValidationError("Write the day as year, month, day: 2026-12-31.") from None


def clean_email(text: str) -> str:
    text = text.strip()
    if text:
        validate_email(text)
    return text


def clean_key(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValidationError(f"“{key[:60]}” is not a key. Use a letter first, then letters, digits, _ or -.")
    return key


def clean_pattern(pattern: str) -> str:
    """A regular expression that at least can be read."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        raise ValidationError("This is not a regular expression. Check brackets and backslashes.") from None
    return pattern


def clean_choices(choices: list[str]) -> list[str]:
    """The options of a select: some, not too many, each once."""
    if not choices:
        raise ValidationError("Enter at least one option, one per line.")
    if len(choices) > MAX_CHOICES:
        raise ValidationError(f"Enter at most {MAX_CHOICES} options.")
    twice = next((choice for choice in choices if choices.count(choice) > 1), None)
    if twice is not None:
        raise ValidationError(f"The option “{twice[:60]}” is there twice.")
    return choices


def clean_default(value: Any, kind: str, choices: list[Any]) -> Any:
    """A default that fits its type; None and "" mean that there is none."""
    if value in (None, ""):
        return value
    if kind == SettingType.PASSWORD:
        raise ValidationError("A secret has no default: every customer has one of their own.")
    if kind == SettingType.BOOLEAN:
        return _clean_boolean(value)
    if kind == SettingType.NUMBER:
        return clean_number(value)
    if kind == SettingType.SELECT and value not in choice_values(choices):
        raise ValidationError("The default is not one of the options.")
    return value


def choice_values(choices: list[Any]) -> list[Any]:
    """The values of options that are plain texts or {"value", "label"} objects."""
    return [choice.get("value") if isinstance(choice, dict) else choice for choice in choices]


def _clean_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise ValidationError("The default of a yes-or-no setting is true or false.")


def clean_number(value: Any) -> int | float:
    """A finite number from a number or a text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if number != number or number in (float("inf"), float("-inf")):
        raise ValidationError("Enter a number, such as 10 or 2.5.")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def find_category(text: str) -> Category | None:
    """The category with this name, slug or other spelling (S24)."""
    wanted = text.strip().casefold()
    for category in Category.objects.all():
        spellings = [category.name, category.slug, *category.aliases]
        if wanted in (spelling.casefold() for spelling in spellings):
            return category
    return None


_LIBRARY_NAME = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)


def clean_library_name(text: str) -> str:
    """The global name under which a destination script leaves itself, as in `acmeDestination`; "" stays ""."""
    text = text.strip()
    if text and not _LIBRARY_NAME.fullmatch(text):
        raise ValidationError("A name as JavaScript knows it: letters, digits, _ and $, such as acmeDestination.")
    return text
