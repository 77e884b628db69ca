"""What the tests of the consent share: a request for one, and how its answers are read."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.http import HttpResponse

from apps_catalog.models import App
from apps_catalog.versions import freeze
from audit.recording import SYSTEM
from installs.models import Client
from installs.tests.flowing import query_of
from tests.cast import LOCAL_REDIRECT_URI, REDIRECT_URI


def address(client: Client, **changes: Any) -> str:
    return f"/oauth2/auth?{query_of(client, **changes)}"


def live(app: App, **fields: Any) -> App:
    """The App with its draft as the approved version."""
    App.objects.filter(pk=app.pk).update(live_version=freeze(app, SYSTEM), **({"stage": "public"} | fields))
    return App.objects.get(pk=app.pk)


def answer_of(response: HttpResponse) -> dict[str, str]:
    """What the client is told; the address before it is checked on the way."""
    assert response.status_code == 303, response.content.decode()[:2000]
    location = urlsplit(response["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" in (REDIRECT_URI, LOCAL_REDIRECT_URI)
    return dict(parse_qsl(location.query))


def text_of(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))
