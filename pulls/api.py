"""GitHub's API, asked through the door out: bounded, with what it says about asking again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from runtime import egress
from runtime.egress import EgressPolicy, Exchange, KeptLine, Limits, Request, Response
from runtime.github.bodies import BadBody, read_json

# A list of pull requests is large: each entry describes two repositories.
MAX_BYTES = 6 * 1024 * 1024
PER_PAGE = 50
# A pause that GitHub asks for without saying how long, and the longest one that is kept.
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=2)
_HEADERS = (
    ("Accept", "application/vnd.github+json"),
    ("X-GitHub-Api-Version", "2022-11-28"),
    ("User-Agent", "segment-developer-center"),
)
_WORDS = {
    401: "GitHub refuses the token (401).",
    403: "GitHub does not let the token look there (403).",
    404: "GitHub does not know this repository, or the token may not see it (404).",
    301: "The repository was renamed or moved (301).",
}


class Unreachable(Exception):
    """No usable answer; the text says why, without secrets."""


class Missing(Unreachable):
    """GitHub says that there is no such thing."""


class OddAnswer(Unreachable):
    """An answer in a shape that is not GitHub's."""


class Paused(Exception):
    """GitHub wants no request before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"Too many requests; asking again from {until:%H:%M} UTC.")
        self.until = until


@dataclass(frozen=True, slots=True)
class Answer:
    """`document` is None when nothing changed since the answer that had `tag`. `at`: GitHub's clock."""

    document: Any
    at: datetime
    tag: str = ""
    has_more: bool = False


class GitHub:
    """One conversation about one repository, over one connection. Use with `with`."""

    def __init__(self, repository: str) -> None:
        self._base = f"{settings.GITHUB_API_URL.rstrip('/')}/repos/{repository}"
        self._line = KeptLine()

    def __enter__(self) -> "GitHub":
        self._line.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        self._line.__exit__(*details)

    def get(self, path: str, *, tag: str = "", **query: Any) -> Answer:
        """One document. Raises Unreachable, Missing, Paused."""
        url = f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")
        exchange = self._send(Request("GET", url, self._headers(tag)))
        response = exchange.response
        if exchange.error or response is None:
            raise Unreachable(exchange.error.message if exchange.error else "GitHub did not answer.")
        at = _clock_of(response)
        if response.status == 304:
            return Answer(None, at, tag)
        _check(response, at)
        try:
            document = read_json(response.body)
        except BadBody:
            raise OddAnswer("GitHub's answer is no JSON.") from None
        return Answer(document, at, response.header("ETag")[:200], 'rel="next"' in response.header("Link"))

    def pages(self, path: str, *, most: int, key: str = "", **query: Any) -> Iterator[Answer]:
        """A list, page by page, at most `most`; `document` is the list, which may stand under `key`.

        Pages are counted here: no address that an answer names is followed. Raises as `get`.
        """
        for number in range(1, most + 1):
            answer = self.get(path, per_page=PER_PAGE, page=number, **query)
            yield Answer(_list_in(answer.document, key), answer.at, answer.tag, answer.has_more)
            if not answer.has_more:
                return

    def _headers(self, tag: str) -> tuple[tuple[str, str], ...]:
        bearer = (("Authorization", f"Bearer {settings.GITHUB_TOKEN}"),)
        return (*_HEADERS, *bearer, *((("If-None-Match", tag),) if tag else ()))

    def _send(self, request: Request) -> Exchange:
        limits = Limits(total_seconds=settings.EGRESS_TOTAL_SECONDS, max_body=MAX_BYTES)
        policy = EgressPolicy.from_setting(settings.EGRESS_ALLOW)
        return egress.send(request, policy=policy, limits=limits, kept=self._line)


def _list_in(document: Any, key: str) -> Sequence[Any]:
    found = document.get(key) if key and isinstance(document, dict) else document
    if not isinstance(found, list):
        raise OddAnswer("GitHub's answer is no list.")
    return found


def _check(response: Response, at: datetime) -> None:
    """Raises unless the answer is whole and good."""
    status = response.status
    if status in (403, 429) and (until := _pause_of(response, at)):
        raise Paused(until)
    if status in (404, 422):
        raise Missing(_WORDS[404])
    if status != 200:
        raise Unreachable(_WORDS.get(status, f"GitHub answered {status}."))
    if response.truncated:
        raise Unreachable("GitHub's answer is too large.")


def _pause_of(response: Response, at: datetime) -> datetime | None:
    """Until when GitHub wants to be left alone, by our clock; None for a 403 that means no."""
    now = timezone.now()
    after, reset = response.header("Retry-After"), response.header("X-RateLimit-Reset")
    if after.isdecimal():
        wait = timedelta(seconds=min(int(after), 10**6))
    elif response.header("X-RateLimit-Remaining") == "0" and reset.isdecimal() and len(reset) < 12:
        wait = datetime.fromtimestamp(int(reset), UTC) - at
    elif response.status == 429:
        wait = PAUSE
    else:
        return None
    return now + min(max(wait, PAUSE), LONGEST_PAUSE)


def _clock_of(response: Response) -> datetime:
    """When GitHub answered, by its own clock; by ours when it does not say."""
    try:
        at = parsedate_to_datetime(response.header("Date"))
    except ValueError:
        return timezone.now()
    return at if at.tzinfo else at.replace(tzinfo=UTC)
