"""Facts out of GitHub's payloads: of a webhook's delivery and of the API's answers the same.

A fact says how a thing was at a moment of GitHub's clock (`at`). Two facts about the same thing are ordered by that
clock, never by when they arrived; `rank` decides between facts of the same second, and is the same wherever they are
compared, so that any order of arrival ends in the same state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Payload = Mapping[str, Any]
# A delivery is small; what is kept of texts is bounded all the same.
MAX_TEXT = 65_536
# What reading a payload of another shape comes to.
FAULTS = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


class BadPayload(ValueError):
    """The payload lacks what an event of its kind always has; the text names it."""


@dataclass(frozen=True, slots=True)
class PullSeen:
    """The pull request itself. `repository` is “owner/name”, in lower case as GitHub compares it."""

    repository: str
    number: int
    at: datetime
    is_open: bool
    is_draft: bool
    merged_at: datetime | None
    merge_sha: str
    head_sha: str
    base: str
    author: str
    title: str
    body: str
    url: str
    # The API's answer is how it is; a delivery of the same second may be a step on the way.
    is_polled: bool = False

    @property
    def key(self) -> tuple[str, int]:
        return (self.repository, self.number)

    @property
    def rank(self) -> tuple[Any, ...]:
        """Within a second: what was polled, then merged, then closed, then the rest in a fixed order."""
        return (
            self.at, self.is_polled, self.merged_at is not None, not self.is_open, not self.is_draft,
            self.head_sha, self.title, self.body, self.base,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReviewSeen:
    """A review; `state` is approved, changes_requested, commented or dismissed.

    `association` is how GitHub calls who wrote it: OWNER, MEMBER, COLLABORATOR, CONTRIBUTOR, NONE, …; "" if it did not
    say.
    """

    repository: str
    number: int
    id: int
    at: datetime
    submitted_at: datetime
    state: str
    author: str
    body: str
    commit_sha: str
    url: str
    association: str = ""
    is_polled: bool = False

    @property
    def key(self) -> int:
        return self.id

    @property
    def rank(self) -> tuple[Any, ...]:
        """A dismissal is final, whatever the clock says: nothing brings a dismissed review back."""
        return (self.state == "dismissed", self.at, self.is_polled, self.state, self.body, self.association)


@dataclass(frozen=True, slots=True)
class ChecksSeen:
    """A suite of checks on a commit; `conclusion` is empty while it runs."""

    repository: str
    id: int
    at: datetime
    head_sha: str
    status: str
    conclusion: str
    app: str
    is_polled: bool = False

    @property
    def key(self) -> int:
        return self.id

    @property
    def rank(self) -> tuple[Any, ...]:
        return (self.at, self.is_polled, self.status == "completed", self.status, self.conclusion)


@dataclass(frozen=True, slots=True)
class Pushed:
    """A branch moved to another commit."""

    repository: str
    branch: str
    at: datetime
    before: str
    after: str

    @property
    def key(self) -> str:
        return self.branch

    @property
    def rank(self) -> tuple[Any, ...]:
        return (self.at, self.after)


Fact = PullSeen | ReviewSeen | ChecksSeen | Pushed


def read(event: str, payload: Payload) -> list[Fact]:
    """The facts in a delivery; none for an event that says nothing here. Raises BadPayload."""
    try:
        return list(_READERS.get(event, _nothing)(payload))
    except FAULTS as error:
        raise BadPayload(f"{event}: {error!r}"[:200]) from None


def pull_of(repository: str, pull: Payload, *, is_polled: bool = False) -> PullSeen:
    """One pull request as the webhook's `pull_request` and the API's answer describe it."""
    return PullSeen(
        repository=repository.lower(),
        number=int(pull["number"]),
        at=moment(pull["updated_at"]),
        is_open=pull["state"] == "open",
        is_draft=bool(pull.get("draft")),
        merged_at=moment(pull["merged_at"]) if pull.get("merged_at") else None,
        merge_sha=_text(pull.get("merge_commit_sha")) if pull.get("merged_at") else "",
        head_sha=_text(pull["head"]["sha"]),
        base=_text(pull["base"]["ref"]),
        author=_login(pull.get("user")),
        title=_text(pull.get("title")),
        body=_text(pull.get("body")),
        url=_text(pull.get("html_url")),
        is_polled=is_polled,
    )


def review_of(repository: str, number: int, review: Payload, at: datetime, *, is_polled: bool = False) -> ReviewSeen:
    """One review. GitHub gives it no time of change: `at` is the time of what told about it."""
    return ReviewSeen(
        repository=repository.lower(),
        number=number,
        id=int(review["id"]),
        at=at,
        submitted_at=moment(review["submitted_at"]),
        state=_text(review["state"]).lower(),
        author=_login(review.get("user")),
        body=_text(review.get("body")),
        commit_sha=_text(review.get("commit_id")),
        url=_text(review.get("html_url")),
        association=_text(review.get("author_association")).upper(),
        is_polled=is_polled,
    )


def checks_of(repository: str, suite: Payload, *, is_polled: bool = False) -> ChecksSeen:
    return ChecksSeen(
        repository=repository.lower(),
        id=int(suite["id"]),
        at=moment(suite["updated_at"]),
        head_sha=_text(suite["head_sha"]),
        status=_text(suite["status"]),
        conclusion=_text(suite.get("conclusion")),
        app=_text((suite.get("app") or {}).get("slug")),
        is_polled=is_polled,
    )


def moment(text: str) -> datetime:
    """A time of GitHub's, in UTC. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return found.astimezone(UTC)


def _pull_request(payload: Payload) -> Iterator[Fact]:
    yield pull_of(payload["repository"]["full_name"], payload["pull_request"])


def _review(payload: Payload) -> Iterator[Fact]:
    repository, pull = payload["repository"]["full_name"], payload["pull_request"]
    at = moment(pull["updated_at"])
    # A review that its author has not sent off yet has no time and says nothing.
    if payload["review"].get("submitted_at"):
        yield review_of(repository, int(pull["number"]), payload["review"], at)


def _check_suite(payload: Payload) -> Iterator[Fact]:
    yield checks_of(payload["repository"]["full_name"], payload["check_suite"])


def _push(payload: Payload) -> Iterator[Fact]:
    ref, commit = _text(payload["ref"]), payload.get("head_commit")
    if ref.startswith("refs/heads/") and commit:
        name = payload["repository"]["full_name"].lower()
        before, after = _text(payload["before"]), _text(payload["after"])
        yield Pushed(name, ref.removeprefix("refs/heads/"), moment(commit["timestamp"]), before, after)


def _nothing(payload: Payload) -> Iterator[Fact]:
    return iter(())


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:MAX_TEXT].replace("\0", "")


def _login(user: Any) -> str:
    return _text(user["login"]) if user else ""


_READERS = {
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "check_suite": _check_suite,
    "push": _push,
}
