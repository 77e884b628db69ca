"""Lists in pages (D46): `page_size`, `page_token`, `next_page_token`.

A token is signed and good for the same list and install only. Rows come in the order in which they were made, so
that nothing is shown twice or left out while others come and go.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet

from installs.config_api import errors
from installs.config_api.gate import Call

DEFAULT_SIZE, MOST = 50, 100
_SALT = "installs.config_api.pages"
_MOST_CHARACTERS = 500
Row = TypeVar("Row", bound=Model)


def page_of(
    call: Call, name: str, rows: QuerySet[Row], show: Callable[[list[Row]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """One page of `rows` under `name`, and the token of the next one, "" at the end.

    `show` gets all rows of the page at once, so that it can load what they need together.
    """
    size = _size(call.request.GET.get("page_size", ""))
    after = _after(call, call.request.GET.get("page_token", ""))
    found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
    page, is_last = found[:size], len(found) <= size
    return {name: show(page), "next_page_token": "" if is_last else _token(call, page[-1].pk)}


def _size(text: str) -> int:
    """More than the most is the most; nothing, or 0, is ours to choose."""
    if not text:
        return DEFAULT_SIZE
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise errors.invalid("“page_size” must be a whole number from 1 to 100")
    return min(int(text), MOST) or DEFAULT_SIZE


def _token(call: Call, last: int) -> str:
    return signing.dumps([call.install.pk, call.request.path, last], salt=_SALT)


def _after(call: Call, token: str) -> int:
    if not token:
        return 0
    try:
        install, path, last = signing.loads(token[:_MOST_CHARACTERS], salt=_SALT)
    except signing.BadSignature:
        install, path, last = 0, "", 0
    if (install, path) != (call.install.pk, call.request.path):
        raise errors.invalid("“page_token” is none that this list gave, leave it out to begin anew")
    return int(last)
