"""Facts of GitHub's to rows and back: of each thing the row with the newest fact is kept (runtime.github.facts).

Whoever calls holds the repository's row, so that two facts about one thing never cross.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any

from django.db import models

from pulls.models import CheckSuite, PullRequest, PullReview, Repository
from runtime.github.facts import BadPayload, ChecksSeen, Fact, PullSeen, Pushed, ReviewSeen
from runtime.github.pulls import PullState

MAX_NUMBER = 2**31 - 1
MAX_ID = 2**63 - 1
_MODELS: dict[type, type[models.Model]] = {PullSeen: PullRequest, ReviewSeen: PullReview, ChecksSeen: CheckSuite}
# Where a fact has another word for it than the row.
_COLUMNS = {"app": "program", "after": "branch_sha"}
# Of a pull request: what its row has from GitHub.
TOLD = (
    "at", "is_polled", "is_open", "is_draft", "merged_at", "merge_sha", "head_sha", "base", "author", "title", "body",
)  # fmt: skip


def fitting(fact: Fact) -> Fact:
    """The fact as a row can hold it: texts that nobody's are so long are cut. Raises BadPayload for other numbers."""
    for name, most in (("number", MAX_NUMBER), ("id", MAX_ID)):
        if not 0 <= getattr(fact, name, 0) <= most:
            raise BadPayload(f"{name} is out of range")
    kind: type = type(fact)
    cut = {name: getattr(fact, name)[:most] for name, most in _limits(kind).items()}
    return replace(fact, **cut)


@cache
def _limits(kind: type) -> dict[str, int]:
    """The most characters of each text of a fact."""
    model = _MODELS.get(kind, Repository)
    known = {column.name: column.max_length for column in model._meta.concrete_fields if _is_short(column)}
    names = [(field.name, known.get(_COLUMNS.get(field.name, field.name))) for field in fields(kind)]
    return {name: most for name, most in names if most}


def _is_short(column: models.Field) -> bool:
    return isinstance(column, models.CharField)


# --- One thing each -----------------------------------------------------------------------------------


def seen_of(pull: PullRequest) -> PullSeen | None:
    """What the row holds, as the fact that it came from; None before GitHub has said anything."""
    if pull.at is None:
        return None
    told: dict[str, Any] = {name: getattr(pull, name) for name in TOLD}
    return PullSeen(repository=pull.repository.name, number=pull.number, url=pull.url, **told)


def keep_pull(pull: PullRequest, fact: PullSeen) -> bool:
    """Set the row's columns, without saving; whether the fact was news."""
    known = seen_of(pull)
    if known is not None and fact.rank <= known.rank:
        return False
    for name in TOLD:
        setattr(pull, name, getattr(fact, name))
    return True


def keep_reviews(pull: PullRequest, facts: Sequence[ReviewSeen]) -> bool:
    """Whether one of them was news."""
    known = {row.github_id: row for row in pull.reviews.filter(github_id__in={fact.id for fact in facts})}
    kept = [_keep(known, PullReview(pull=pull, github_id=fact.id), fact) for fact in facts]
    return any(kept)


def keep_suites(repository: Repository, facts: Sequence[ChecksSeen]) -> bool:
    """Whether one of them was news."""
    known = {row.github_id: row for row in repository.suites.filter(github_id__in={fact.id for fact in facts})}
    kept = [_keep(known, CheckSuite(repository=repository, github_id=fact.id), fact) for fact in facts]
    return any(kept)


def keep_push(repository: Repository, fact: Pushed) -> bool:
    """Only the branch that is released counts. Whether the fact was news."""
    known = (repository.branch_at, repository.branch_sha)
    if fact.branch != repository.branch or (repository.branch_at is not None and fact.rank <= known):
        return False
    repository.branch_at, repository.branch_sha = fact.at, fact.after
    repository.save(update_fields=["branch_at", "branch_sha"])
    return True


def _keep(known: dict[int, Any], new: PullReview | CheckSuite, fact: ReviewSeen | ChecksSeen) -> bool:
    row = known.get(fact.id, new)
    if row.pk is not None and fact.rank <= _fact_of(row).rank:
        return False
    columns = _columns_of(PullReview if isinstance(row, PullReview) else CheckSuite)
    for field in fields(fact):
        column = _COLUMNS.get(field.name, field.name)
        if column in columns:
            setattr(row, column, getattr(fact, field.name))
    row.save()
    known[fact.id] = row
    return True


@cache
def _columns_of(model: type[models.Model]) -> frozenset[str]:
    return frozenset(column.name for column in model._meta.concrete_fields) - {"id", "repository"}


# --- What they come to --------------------------------------------------------------------------------


def judge(pull: PullRequest) -> None:
    """Set `verdict` and `checks` from everything that is known, without saving; two queries."""
    suites = pull.repository.suites.filter(head_sha=pull.head_sha) if pull.head_sha else ()
    state = state_of(pull, pull.reviews.all(), suites)
    pull.verdict, pull.checks = state.verdict, state.checks


def state_of(pull: PullRequest, reviews: Iterable[PullReview], suites: Iterable[CheckSuite]) -> PullState:
    return PullState(
        pull=seen_of(pull),
        reviews={row.github_id: _review_of(row, pull) for row in reviews},
        suites={row.github_id: _suite_of(row) for row in suites},
    )


def _fact_of(row: PullReview | CheckSuite) -> ReviewSeen | ChecksSeen:
    return _review_of(row, row.pull) if isinstance(row, PullReview) else _suite_of(row)


def _review_of(row: PullReview, pull: PullRequest) -> ReviewSeen:
    return ReviewSeen(
        repository=pull.repository.name, number=pull.number, id=row.github_id, at=row.at,
        submitted_at=row.submitted_at, state=row.state, author=row.author, body=row.body, commit_sha=row.commit_sha,
        url="", association=row.association, is_polled=row.is_polled,
    )  # fmt: skip


def _suite_of(row: CheckSuite) -> ChecksSeen:
    return ChecksSeen(
        repository=row.repository.name, id=row.github_id, at=row.at, head_sha=row.head_sha, status=row.status,
        conclusion=row.conclusion, app=row.program, is_polled=row.is_polled,
    )  # fmt: skip
