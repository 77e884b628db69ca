"""What happens at GitHub: its signed deliveries reach the running site."""

import itertools
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from devcenter.demo.github import Post, Telling
from tests.services.site import GITHUB_SECRET, Site

# Watched from the first migration on.
REPOSITORY = "segmentio/action-destinations"
_numbers = itertools.count(90_001)


def pull_request(site: Site, title: str, text: str) -> Telling:
    """A pull request that nobody told the site about yet; the clock at GitHub runs like everybody's."""
    began = datetime.now(UTC) - timedelta(minutes=10)
    return Telling(
        _door(site), GITHUB_SECRET, next(_numbers), title, text, began, REPOSITORY, step=timedelta(seconds=20)
    )


def _door(site: Site) -> Post:
    def post(path: str, headers: Mapping[str, str], body: bytes) -> int:
        request = urllib.request.Request(f"{site.base_url}{path}", body, dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    return post
