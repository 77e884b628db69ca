"""A stand-in for GitHub's API on loopback: answers as the API does, out of a source that lives (runtime.tests).

It wants its token, knows pages, tags of what is unchanged, and limits of requests.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from runtime.tests.github_source import REPOSITORY, Source, stamp
from tests.services.receiver import Receiver, Reply, Request

TOKEN = "a-token-of-the-tests"
_PATH = re.compile(
    r"/repos/(?P<repository>[\w.-]+/[\w.-]+)/(?:"
    r"(?P<list>pulls)|pulls/(?P<pull>\d+)|pulls/(?P<reviews>\d+)/reviews|commits/(?P<sha>\w+)/check-suites|"
    r"branches/(?P<branch>[\w.-]+))"
)


class GitHubApi:
    """Start with `with GitHubApi(source) as api:`; settings: `api.url` and TOKEN.

    `answer_next` scripts what the next requests get instead, `now` is its clock, `branch_sha` the branch's commit.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.receiver = Receiver()
        self.receiver.default = self._reply
        self.branch_sha = "b" * 40
        self.now = datetime(2026, 12, 1, tzinfo=UTC)
        self._instead: list[Reply] = []

    @property
    def url(self) -> str:
        return self.receiver.url

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for."""
        return [request.path for request in self.receiver.requests]

    def answer_next(self, *replies: Reply) -> None:
        self._instead += replies

    def __enter__(self) -> "GitHubApi":
        self.receiver.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.receiver.stop()

    def _reply(self, request: Request) -> Reply:
        if self._instead:
            return self._instead.pop(0)
        if request.header("Authorization") != f"Bearer {TOKEN}":
            return self._json(401, {"message": "Bad credentials"})
        found = _PATH.fullmatch(request.path)
        if found is None or found["repository"] != REPOSITORY:
            return self._json(404, {"message": "Not Found"})
        query = {name: values[-1] for name, values in parse_qs(urlsplit(request.target).query).items()}
        document = self._document(found, query)
        if document is None:
            return self._json(404, {"message": "Not Found"})
        tag = f'W/"{sha256(json.dumps(document).encode()).hexdigest()}"'
        if request.header("If-None-Match") == tag:
            return Reply(304, headers=(*self._clock(), ("ETag", tag)))
        return self._json(200, document, ("ETag", tag), *self._next(found, query))

    def _document(self, found: re.Match[str], query: dict[str, str]) -> Any:
        if found["list"]:
            newest = sorted(self.source.pulls.values(), key=lambda pull: pull["updated_at"], reverse=True)
            return _page(newest, query)
        if found["pull"]:
            return self.source.pulls.get(int(found["pull"]))
        if found["reviews"]:
            reviews = self.source.reviews.get(int(found["reviews"]))
            return None if reviews is None else _page(list(reviews.values()), query)
        if found["sha"]:
            suites = list(self._suites(found["sha"]))
            return {"total_count": len(suites), "check_suites": _page(suites, query)}
        at = {"date": stamp(self.source.now)}
        return {"name": found["branch"], "commit": {"sha": self.branch_sha, "commit": {"committer": at}}}

    def _suites(self, sha: str) -> Iterator[dict[str, Any]]:
        for one in self.source.suites.values():
            if one["head_sha"] == sha:
                yield {"latest_check_runs_count": 1, **one}
        # Of a program that may check and never does.
        yield {"id": 7, "head_sha": sha, "status": "queued", "conclusion": None, "latest_check_runs_count": 0,
               "updated_at": stamp(self.source.now), "app": {"slug": "idle"}}  # fmt: skip

    def _next(self, found: re.Match[str], query: dict[str, str]) -> list[tuple[str, str]]:
        following = {**query, "page": str(int(query.get("page", "1")) + 1)}
        document = self._document(found, following)
        rest = document.get("check_suites") if isinstance(document, dict) else document
        # Where it leads is nobody's to follow.
        return [("Link", '<https://elsewhere.example/next>; rel="next"')] if rest and "per_page" in query else []

    def _json(self, status: int, document: Any, *headers: tuple[str, str]) -> Reply:
        kind = ("Content-Type", "application/json; charset=utf-8")
        return Reply(status, json.dumps(document).encode(), (kind, *self._clock(), *headers))

    def _clock(self) -> list[tuple[str, str]]:
        return [("Date", format_datetime(self.now, usegmt=True))]


def _page(rows: list[Any], query: dict[str, str]) -> list[Any]:
    size, number = int(query.get("per_page", "30")), int(query.get("page", "1"))
    return rows[(number - 1) * size : number * size]
