"""What happened to a pull request, as far as GitHub told, for people to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pulls.models import CheckSuite, PullRequest, PullReview
from runtime.github.pulls import GOOD, JUDGING, is_judgement

MOST = 50
# So much of a text is shown; the rest is to be read at GitHub.
MOST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing. `text` is what somebody wrote, in markdown, to be shown plain; `sha` the commit that it is about."""

    at: datetime
    tone: str
    word: str
    who: str = ""
    text: str = ""
    sha: str = ""
    is_newest_commit: bool = False


# A review's state → tone and what its author did.
_REVIEWS = {
    "approved": ("success", "approved"),
    "changes_requested": ("warning", "requested changes"),
    "commented": ("neutral", "commented"),
    "dismissed": ("neutral", "reviewed; the review was dismissed"),
}
# Anybody may review in a public repository; it is shown, and decides nothing.
_NOT_COUNTED = "{}, which does not count: not as a member of the repository"


def timeline(pull: PullRequest) -> list[Entry]:
    """The newest first, at most 50; two queries. Needs `linked_by`, if somebody linked it."""
    entries = [
        *(_review(row, pull) for row in pull.reviews.all()[:MOST]),
        *(_suite(row) for row in _suites(pull)),
        *_own(pull),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:MOST]


def _suites(pull: PullRequest) -> list[CheckSuite]:
    """Those of the newest commit: suites of other commits are nobody's concern any more."""
    return list(pull.repository.suites.filter(head_sha=pull.head_sha)[:MOST]) if pull.head_sha else []


def _review(row: PullReview, pull: PullRequest) -> Entry:
    tone, did = _REVIEWS.get(row.state, ("neutral", "reviewed"))
    if row.state in JUDGING and not is_judgement(row.state, row.association):
        tone, did = "neutral", _NOT_COUNTED.format(did)
    newest = row.commit_sha == pull.head_sha
    return Entry(row.submitted_at, tone, did, row.author or "Somebody", _shortened(row.body), row.commit_sha, newest)


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT].rstrip()} …"


def _suite(row: CheckSuite) -> Entry:
    who = row.program or "A check"
    if row.status != "completed":
        return Entry(row.at, "progress", "is running", who, sha=row.head_sha, is_newest_commit=True)
    if row.conclusion in GOOD:
        return Entry(row.at, "success", "passed", who, sha=row.head_sha, is_newest_commit=True)
    did = f"ended with “{row.conclusion.replace('_', ' ')}”"
    return Entry(row.at, "danger", did, who, sha=row.head_sha, is_newest_commit=True)


def _own(pull: PullRequest) -> Iterator[Entry]:
    if pull.linked_at:
        who = pull.linked_by.display_name if pull.linked_by else "Somebody"
        yield Entry(pull.linked_at, "info", "linked it to this App", who)
    if pull.merged_at:
        yield Entry(pull.merged_at, "success", "was merged", "The pull request", sha=pull.merge_sha)
