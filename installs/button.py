"""The button “Enable with Segment” as HTML for a partner's own pages. Its pictures are static files of this site."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from installs.models import Client

WIDTH, HEIGHT = 228, 44
LABEL = "Enable with Segment"


@dataclass(frozen=True, slots=True)
class Button:
    """`tone` is light, dark or auto; `html` is what a partner copies."""

    tone: str
    title: str
    text: str
    html: str

    @property
    def id(self) -> str:
        return f"button-{self.tone}"


def buttons(client: Client) -> list[Button]:
    """On white, on dark, and one that follows what the visitor has chosen."""
    href = _start_of(client)
    light, dark = _image(_picture("light")), _image(_picture("dark"))
    source = f'<source srcset="{_picture("dark")}" media="(prefers-color-scheme: dark)">'
    both = f"<picture>\n    {source}\n    {light}\n  </picture>"
    return [
        Button("light", "Light", "For white and light pages.", _link(href, light)),
        Button("dark", "Dark", "For dark pages.", _link(href, dark)),
        Button("auto", "Both", "Follows the visitor’s choice of light or dark.", _link(href, both)),
    ]


def _start_of(client: Client) -> str:
    """The partner's own address that begins the flow; a guess, because only their server knows `state`."""
    uri = next(iter(client.uris), "")
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}/auth/segment" if uri else "https://example.com/auth/segment"


def _picture(tone: str) -> str:
    """Under its plain name, not the one with a digest: it stands in pages that nobody updates."""
    return f"{settings.SITE_URL.rstrip('/')}{settings.STATIC_URL}img/enable-with-segment-{tone}.svg"


def _image(address: str) -> str:
    return f'<img src="{address}" alt="{LABEL}" width="{WIDTH}" height="{HEIGHT}">'


def _link(href: str, picture: str) -> str:
    return f'<a href="{href}">\n  {picture}\n</a>'
