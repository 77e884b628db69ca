"""GitHub's deliveries about one pull request, applied as they are told; and the state that they came to."""

import itertools
import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from pulls import ingest
from pulls.models import PullRequest, PullReview, Repository
from pulls.states import Outcome
from runtime.github.signatures import HEADER, signature_of
from runtime.tests.github_source import REPOSITORY, Source
from runtime.tests.test_github import polled

SECRET = "a-secret-of-the-tests"
_guids = itertools.count(1)

__all__ = ["REPOSITORY", "SECRET", "Teller", "deliver", "kept", "new_guid", "true_states"]


def new_guid() -> str:
    return f"72d3162e-cc78-11e3-81ab-{next(_guids):012d}"


class Teller:
    """A source of deliveries with one pull request; `catch_up` applies what has not been told yet."""

    def __init__(self, pulls: int = 1, seed: int = 1) -> None:
        self.source = Source(seed, pulls)
        self._told = 0

    def catch_up(self) -> list[Outcome]:
        rest = self.source.deliveries[self._told :]
        self._told = len(self.source.deliveries)
        return [ingest.apply(event, new_guid(), payload) for event, payload in rest]

    def later(self, seconds: int = 60) -> "Teller":
        self.source.now += timedelta(seconds=seconds)
        return self

    def review(
        self, state: str, by: str = "reviewer-one", number: int = 1, body: str = "Please look.", as_: str = "MEMBER"
    ) -> int:
        """Returns the id of the review; `as_` is how GitHub calls its author."""
        source, id_ = self.later().source, next(self.source.ids)
        source.reviews[number][id_] = {
            "id": id_, "state": state, "user": {"login": by}, "body": body, "author_association": as_,
            "commit_id": source.pulls[number]["head"]["sha"], "submitted_at": _stamp(source), "html_url": "",
        }  # fmt: skip
        source.tell_review(number, id_, "submitted")
        return id_

    def suite(self, conclusion: str | None, number: int = 1) -> None:
        source = self.later().source
        id_ = next(source.ids)
        source.suites[id_] = {
            "id": id_, "head_sha": source.pulls[number]["head"]["sha"], "conclusion": conclusion,
            "status": "completed" if conclusion else "in_progress", "updated_at": _stamp(source),
            "app": {"slug": "github-actions"}, "pull_requests": [],
        }  # fmt: skip
        source.tell("check_suite", {"action": "completed", "check_suite": source.suites[id_]})

    def merge(self, number: int = 1) -> None:
        source = self.later().source
        source.pulls[number] |= {"state": "closed", "merged_at": _stamp(source), "merge_commit_sha": source.sha()}
        source.tell_pull(number, "closed")


def _stamp(source: Source) -> str:
    return source.now.strftime("%Y-%m-%dT%H:%M:%SZ")


def deliver(event: str, payload: Any, *, guid: str = "", secret: str = SECRET, **headers: str) -> tuple[int, Any]:
    """One delivery through the door of the site; the status and the answer."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    extra = {"X-GitHub-Event": event, "X-GitHub-Delivery": guid or new_guid(), HEADER: signature_of(body, secret)}
    kind = headers.pop("content_type", "application/json")
    extra |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer = Client().post(reverse("github-webhook"), body, content_type=kind, headers=extra)
    is_json = answer.headers["Content-Type"].startswith("application/json")
    return answer.status_code, answer.json() if is_json else None


Summary = tuple[Any, ...]


def kept() -> dict[int, Summary]:
    """Everything that is known about every pull request, for comparing two ways to it."""
    rows = PullRequest.objects.prefetch_related("reviews").order_by("number")
    return {row.number: (*_of(row), sorted(_review(one) for one in row.reviews.all())) for row in rows}


def _of(row: PullRequest) -> Summary:
    return (
        row.is_open, row.is_draft, row.merged_at, row.merge_sha, row.head_sha, row.base, row.author, row.title,
        row.body, row.verdict, row.checks,
    )  # fmt: skip


def _review(row: PullReview) -> Summary:
    return (row.github_id, row.state, row.author, row.association, row.body, row.commit_sha)


def true_states(source: Source) -> dict[int, Summary]:
    """The same, made of nothing but what the source holds in the end."""
    for number in source.pulls:
        repository = Repository.objects.get(name=REPOSITORY)
        ingest.take(repository, polled(source, number))
    return kept()
