"""Addresses of an App's own endpoints that are needed before a page exists (pictures and the echo), and of
its pages by the dozen.

`public_urls` routes by the same patterns, so a link and its route cannot drift apart.
"""

from functools import cache

from django.conf import settings
from django.urls import reverse

# Content-addressed: the same address always answers the same bytes.
ASSET_ROUTE = "assets/<str:sha256>.svg"
IMAGE_ROUTE = "assets/<str:sha256>.webp"
IMAGE_TYPE = "image/webp"
ECHO_ROUTE = "echo/<str:token>/"


def asset_path(sha256: str, content_type: str = "") -> str:
    """The path of a stored picture: a drawing, unless the type says that it is made of pixels."""
    route = IMAGE_ROUTE if content_type == IMAGE_TYPE else ASSET_ROUTE
    return f"/{route}".replace("<str:sha256>", sha256)


def echo_url(token: str) -> str:
    """The absolute URL of an echo inbox: what stands in the endpoint of a new webhook."""
    return f"{settings.SITE_URL.rstrip('/')}/{ECHO_ROUTE}".replace("<str:token>", token)


# Stands where a slug goes; no App can have it (D2: slugs begin and end with a letter or a digit).
_ANY = "-any-"


@cache
def _shape(route: str) -> str:
    return reverse(route, args=[_ANY])


def page_of(route: str, slug: str) -> str:
    """What `reverse(route, args=[slug])` says, for lists: the routes are searched once, not in every row."""
    return _shape(route).replace(_ANY, slug)
